//! The state of one numeric column over some rows.

use driftguard_sdk::prelude::{Error, Sampled, Summary};
use driftguard_statistics::{BottomK, Counts, Moments, Tally};
use serde::{Deserialize, Serialize};

use super::NumericFrame;
use crate::state::{invalid, refused, wrong_length};

/// Largest sample that one call of the kernel gives.
pub const MOST_SAMPLE_ROWS: usize = 8192;

/// Values kept once not all are. All of them make distances exact; some only
/// tell where in one wide bin a side lies that moved beyond the reference, and
/// 256 of them tell any quantile to within 3 % of the rows (one standard
/// error at the median). A state is read and written for each period of a
/// baseline, and this is most of it.
const FEW: usize = 256;

/// Counts over the bins of a frame, moments, and values: all of them while they
/// are few, a uniform sample of 256 beyond. Of finite values only. Where another
/// tool's numbers are wanted, all values with their counts, too.
///
/// Counts and sample merge exactly, in any order; moments up to rounding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumericProfile {
    counts: Counts,
    moments: Moments,
    #[serde(with = "driftguard_statistics::bottom_k::numbers")]
    sample: BottomK<f64>,
    tally: Option<Tally>,
}

impl Default for NumericProfile {
    fn default() -> Self {
        Self::new(&NumericFrame::default(), 0)
    }
}

impl NumericProfile {
    /// No rows on this frame; up to `sample_rows` values all will be kept.
    pub fn new(frame: &NumericFrame, sample_rows: usize) -> Self {
        Self {
            counts: Counts::new(frame.bins()),
            moments: Moments::default(),
            sample: BottomK::new(sample_rows.min(MOST_SAMPLE_ROWS)),
            tally: None,
        }
    }

    /// Holds all values with their counts, too, up to so many distinct ones;
    /// None: does not.
    #[must_use]
    pub fn with_tally(mut self, values: Option<u64>) -> Self {
        self.tally = values.map(Tally::new);
        self
    }

    /// All values with their counts, where they are held.
    pub fn tally(&self) -> Option<&Tally> {
        self.tally.as_ref()
    }

    /// The same, to add the values of a batch that [`Self::add`] was given.
    pub fn tally_mut(&mut self) -> Option<&mut Tally> {
        self.tally.as_mut()
    }

    /// What to ask the kernel `sample` for in a batch of so many finite
    /// values: how many rows, and below which key, since larger ones cannot
    /// stay.
    pub fn sample_request(&self, finite: u64) -> (u32, u64) {
        let k = self.sample_size(finite);
        let items = self.sample.items();
        let largest = k.checked_sub(1).and_then(|last| items.get(last));
        (k as u32, largest.map_or(u64::MAX, |item| item.key))
    }

    /// Size of the sample with so many more values.
    fn sample_size(&self, more: u64) -> usize {
        let k = self.sample.k();
        if self.sample.seen().saturating_add(more) > k as u64 {
            k.min(FEW)
        } else {
            k
        }
    }

    /// Adds a batch: the answers of the kernels `summary`, `histogram` over
    /// the frame's edges, and `sample` as [`Self::sample_request`] wants it.
    ///
    /// # Errors
    ///
    /// [`Error::State`] for counts of another number of bins, or above 64
    /// bits; nothing is changed then.
    pub fn add(
        &mut self,
        summary: &Summary,
        histogram: &[u64],
        sample: &[Sampled],
    ) -> Result<(), Error> {
        self.counts.add(histogram).map_err(refused)?;
        self.moments.merge(&Moments::from_parts(
            summary.finite,
            summary.mean,
            summary.m2,
            summary.min,
            summary.max,
        ));
        self.sample.shrink(self.sample_size(summary.finite));
        self.sample
            .extend(sample.iter().map(|row| (row.key, row.value)));
        self.sample
            .note_dropped(summary.finite.saturating_sub(sample.len() as u64));
        Ok(())
    }

    /// Adds values at hand, as the host's kernels would: `first_row` is the
    /// position of the first one in its stream. For tests and examples.
    ///
    /// # Errors
    ///
    /// As [`Self::add`].
    pub fn add_values(
        &mut self,
        frame: &NumericFrame,
        first_row: u64,
        values: &[f64],
    ) -> Result<(), Error> {
        let finite: Vec<f64> = values
            .iter()
            .copied()
            .filter(|value| value.is_finite())
            .collect();
        self.counts
            .merge(&Counts::of_values(frame.edges(), &finite))
            .map_err(refused)?;
        self.moments.merge(&Moments::of(&finite));
        if let Some(tally) = &mut self.tally {
            tally.add(&finite);
            let nans = values.iter().filter(|value| value.is_nan()).count();
            tally.note_not_finite(nans as u64, (values.len() - finite.len() - nans) as u64);
        }
        self.sample.shrink(self.sample_size(finite.len() as u64));
        for (row, value) in (first_row..).zip(values) {
            if value.is_finite() {
                self.sample.insert(scrambled(row), *value);
            }
        }
        Ok(())
    }

    /// Adds the rows of another profile on the same frame.
    ///
    /// # Errors
    ///
    /// [`Error::State`] if it is on another frame, has another size of sample
    /// or contradicts itself; nothing is changed then.
    pub fn merge(&mut self, other: &Self, frame: &NumericFrame) -> Result<(), Error> {
        other.validate(frame)?;
        let tally = match (&self.tally, &other.tally) {
            (Some(mine), Some(theirs)) => {
                let mut both = mine.clone();
                both.merge(theirs).map_err(refused)?;
                Some(both)
            }
            (None, None) => None,
            _ => {
                return Err(invalid(
                    "the profile",
                    "it was made without `convention`, or the other one was",
                ));
            }
        };
        let mut counts = self.counts.clone();
        counts.merge(&other.counts).map_err(refused)?;
        // The last that can fail; it changes nothing then.
        self.merge_sample(&other.sample)?;
        self.moments.merge(&other.moments);
        (self.counts, self.tally) = (counts, tally);
        Ok(())
    }

    fn merge_sample(&mut self, other: &BottomK<f64>) -> Result<(), Error> {
        let all = self.sample.k().min(other.k()) as u64;
        let rows = self.sample.seen().saturating_add(other.seen());
        let k = if rows > all { FEW } else { usize::MAX };
        self.sample.merge_shrunk(other, k).map_err(refused)
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    ///
    /// [`Error::State`] if it is on another frame or contradicts itself.
    pub fn validate(&self, frame: &NumericFrame) -> Result<(), Error> {
        if self.counts.bins() != frame.bins() {
            return Err(wrong_length(
                "the histogram",
                self.counts.bins(),
                frame.bins(),
            ));
        }
        self.sample.validate().map_err(refused)?;
        if self.sample.k() > MOST_SAMPLE_ROWS {
            return Err(invalid("the sample", "it is larger than 8192 rows"));
        }
        if self.sample.values().any(|value| !value.is_finite()) {
            return Err(invalid("the sample", "it holds a value that is not finite"));
        }
        let rows = self.counts.total();
        let tallied = match &self.tally {
            Some(tally) => {
                tally.validate().map_err(refused)?;
                tally.rows()
            }
            None => rows,
        };
        if rows != self.moments.n() || rows != self.sample.seen() || rows != tallied {
            return Err(invalid(
                "the numeric profile",
                "its parts count different numbers of rows",
            ));
        }
        let extremes = (self.moments.min(), self.moments.max());
        if rows > 0 && !matches!(extremes, (Some(min), Some(max)) if min <= max) {
            return Err(invalid(
                "the numeric profile",
                "its extremes are not in order",
            ));
        }
        Ok(())
    }

    /// Number of finite values.
    pub fn rows(&self) -> u64 {
        self.counts.total()
    }

    /// Counts over the bins of the frame.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Moments of the finite values.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// The sample of finite values.
    pub fn sample(&self) -> &BottomK<f64> {
        &self.sample
    }
}

/// A key for a row, as even as the host's.
fn scrambled(row: u64) -> u64 {
    let mixed = (row ^ 0x5bf0_3635_dcf5_9cb1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame() -> NumericFrame {
        NumericFrame::of_sample((0..300).map(|i| f64::from(i * i % 211)).collect())
    }

    fn profile(first: u64, values: &[f64]) -> NumericProfile {
        let mut profile = NumericProfile::new(&frame(), 16);
        profile.add_values(&frame(), first, values).unwrap();
        profile.validate(&frame()).unwrap();
        profile
    }

    #[test]
    fn kernel_answers_are_what_values_are() {
        let summary = Summary {
            rows: 4,
            nulls: 1,
            unparsed: 0,
            nans: 1,
            positive_infinities: 0,
            negative_infinities: 0,
            zeros: 0,
            empty: 0,
            finite: 2,
            min: 1.0,
            max: 3.0,
            mean: 2.0,
            m2: 2.0,
        };
        let values = [1.0, f64::NAN, 3.0];
        let histogram = Counts::of_values(frame().edges(), &values);
        let mut fed = NumericProfile::new(&frame(), 16);
        assert_eq!(fed.sample_request(2), (16, u64::MAX));
        let rows = [(0, 1.0), (2, 3.0)].map(|(row, value)| Sampled {
            key: scrambled(row),
            value,
        });
        fed.add(&summary, histogram.as_slice(), &rows).unwrap();
        assert_eq!(fed, profile(0, &values));
        assert!(fed.add(&summary, &[1, 2], &rows).is_err());
    }

    #[test]
    fn a_full_sample_asks_only_for_smaller_keys() {
        let full = profile(0, &(0..100).map(f64::from).collect::<Vec<_>>());
        let largest = full.sample().items().last().unwrap().key;
        assert_eq!(full.sample_request(5), (16, largest));
        assert!(!full.sample().complete());
    }

    #[test]
    fn all_values_are_kept_or_few() {
        let values: Vec<f64> = (0..1100).map(|i| f64::from(i * 7 % 1000)).collect();
        let sampled = |first: usize, end: usize| {
            let mut profile = NumericProfile::new(&frame(), 1024);
            profile
                .add_values(&frame(), first as u64, &values[first..end])
                .unwrap();
            profile
        };
        let all = sampled(0, 1024);
        assert!(all.sample().complete());
        // What comes next is one too many, and few of it are wanted.
        let key = all.sample().items()[FEW - 1].key;
        assert_eq!(
            all.sample_request(0),
            (1024, all.sample().items()[1023].key)
        );
        assert_eq!(all.sample_request(1), (FEW as u32, key));
        let whole = sampled(0, 1100);
        assert_eq!(whole.sample().items().len(), FEW);
        for cut in [1, 300, 1030, 1099] {
            let (left, right) = (sampled(0, cut), sampled(cut, 1100));
            for (mut sum, part) in [(left.clone(), &right), (right.clone(), &left)] {
                sum.merge(part, &frame()).unwrap();
                assert_eq!(sum.sample, whole.sample);
            }
            let mut fed = left;
            fed.add_values(&frame(), cut as u64, &values[cut..])
                .unwrap();
            assert_eq!(fed.sample, whole.sample);
        }
    }

    #[test]
    fn states_that_do_not_fit_are_refused() {
        let mut profile = profile(0, &[1.0, 2.0]);
        let other_frame = NumericProfile::new(&NumericFrame::of_sample(vec![1.0]), 16);
        let other_size = NumericProfile::new(&frame(), 17);
        let mut torn = profile.clone();
        torn.counts = Counts::new(frame().bins());
        let mut nan = profile.clone();
        nan.sample = BottomK::new(16);
        nan.sample.insert(1, f64::NAN);
        nan.sample.insert(2, 1.0);
        let before = profile.clone();
        for forged in [other_frame, other_size, torn, nan] {
            assert!(matches!(
                profile.merge(&forged, &frame()),
                Err(Error::State(_))
            ));
            assert_eq!(profile, before);
        }
    }

    proptest! {
        #[test]
        fn merge_is_one_pass_in_any_order(values in prop::collection::vec(prop_oneof![0.0f64..250.0, Just(f64::INFINITY)], 0..60), cut in 0usize..60) {
            let cut = cut.min(values.len());
            let whole = profile(0, &values);
            let (left, right) = (profile(0, &values[..cut]), profile(cut as u64, &values[cut..]));
            for (mut sum, part) in [(left.clone(), &right), (right.clone(), &left)] {
                sum.merge(part, &frame()).unwrap();
                prop_assert_eq!(&sum.counts, &whole.counts);
                prop_assert_eq!(&sum.sample, &whole.sample);
                prop_assert_eq!(sum.moments.n(), whole.moments.n());
                let (mean, expected) = (sum.moments.mean().unwrap_or(0.0), whole.moments.mean().unwrap_or(0.0));
                prop_assert!((mean - expected).abs() < 1e-9);
            }
        }
    }
}
