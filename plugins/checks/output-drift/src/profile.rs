//! The state of an output over some rows.

use driftguard_distribution::categorical::unlisted::MOST_UNLISTED;
use driftguard_distribution::{CategoricalProfile, NumericProfile, RunState, convention, refused};
use driftguard_sdk::prelude::{Batch, Context, Error};
use driftguard_statistics::Counts;
use serde::{Deserialize, Serialize};

use crate::frame::{Body, OutputFrame};

/// Distribution, runs, and counts around the threshold. Merging is
/// associative; what is merged in comes later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputProfile {
    pub(crate) body: Body<NumericProfile, CategoricalProfile>,
    pub(crate) runs: RunState,
    /// Over `OutputFrame::threshold_edges`; empty for classes.
    pub(crate) around: Counts,
}

impl Default for OutputProfile {
    fn default() -> Self {
        Self {
            body: Body::Numbers(NumericProfile::default()),
            runs: RunState::default(),
            around: Counts::new(0),
        }
    }
}

impl OutputProfile {
    /// No rows on this frame.
    pub(crate) fn begin(context: &Context, frame: &OutputFrame) -> Result<Self, Error> {
        frame.validate()?;
        frame.agrees_with(context)?;
        let body = match &frame.body {
            Body::Numbers(frame) => {
                let profile = NumericProfile::new(frame, context.count("sample-rows")?);
                Body::Numbers(profile.with_tally(convention::held_values(context)?))
            }
            Body::Classes(frame) => Body::Classes(CategoricalProfile::new(frame)),
        };
        Ok(Self {
            body,
            runs: RunState::default(),
            around: Counts::new(bins(frame)),
        })
    }

    /// Adds a batch.
    pub(crate) fn update(&mut self, frame: &OutputFrame, batch: &Batch) -> Result<(), Error> {
        match (&mut self.body, &frame.body) {
            (Body::Numbers(profile), Body::Numbers(bins)) => {
                let summary = batch.summary(0)?;
                let (limit, below) = profile.sample_request(summary.finite);
                let histogram = batch.histogram(0, bins.edges())?;
                let sample = batch.sample(0, limit, below)?;
                profile.add(&summary, &histogram, &sample)?;
                convention::tally(profile, batch)?;
                let around = batch.histogram(0, &frame.threshold_edges())?;
                self.around.add(&around).map_err(refused)?;
            }
            (Body::Classes(profile), Body::Classes(values)) => {
                profile.add(&batch.categories(0, values.known(), MOST_UNLISTED as u32)?)?;
            }
            _ => return Err(other_kind()),
        }
        self.runs.add(&batch.runs(0)?);
        Ok(())
    }

    /// Numeric outputs at hand, for tests and examples.
    ///
    /// # Errors
    ///
    /// [`Error::State`] if the frame is of classes.
    pub fn of_numbers(
        context: &Context,
        frame: &OutputFrame,
        values: &[f64],
    ) -> Result<Self, Error> {
        let mut profile = Self::begin(context, frame)?;
        let (Body::Numbers(body), Body::Numbers(bins)) = (&mut profile.body, &frame.body) else {
            return Err(other_kind());
        };
        body.add_values(bins, 0, values)?;
        let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        profile.around = Counts::of_values(&frame.threshold_edges(), &finite);
        let texts: Vec<String> = values.iter().map(|value| value.to_string()).collect();
        profile.runs = RunState::of(texts.iter().map(|text| Some(text.as_str())));
        Ok(profile)
    }

    /// Classes at hand, for tests and examples; None is a null.
    ///
    /// # Errors
    ///
    /// [`Error::State`] if the frame is of numbers.
    pub fn of_classes(
        context: &Context,
        frame: &OutputFrame,
        values: &[Option<&str>],
    ) -> Result<Self, Error> {
        let mut profile = Self::begin(context, frame)?;
        let (Body::Classes(body), Body::Classes(known)) = (&mut profile.body, &frame.body) else {
            return Err(other_kind());
        };
        body.add_values(known, values.iter().copied())?;
        profile.runs = RunState::of(values.iter().copied());
        Ok(profile)
    }

    /// Adds rows that come after those that are here. On an error nothing
    /// changes.
    pub(crate) fn merge(&mut self, other: &Self, frame: &OutputFrame) -> Result<(), Error> {
        other.validate(frame)?;
        let mut around = self.around.clone();
        around.merge(&other.around).map_err(refused)?;
        match (&mut self.body, &other.body, &frame.body) {
            (Body::Numbers(body), Body::Numbers(other), Body::Numbers(frame)) => {
                body.merge(other, frame)?;
            }
            (Body::Classes(body), Body::Classes(other), Body::Classes(frame)) => {
                body.merge(other, frame)?;
            }
            _ => return Err(other_kind()),
        }
        self.around = around;
        self.runs.merge(&other.runs);
        Ok(())
    }

    /// Checks a profile that came from outside.
    pub(crate) fn validate(&self, frame: &OutputFrame) -> Result<(), Error> {
        if self.around.bins() != bins(frame) {
            return Err(Error::State(format!(
                "counts around the threshold have {} entries, the frame has {}; rebuild the baseline",
                self.around.bins(),
                bins(frame)
            )));
        }
        self.runs.validate()?;
        let rows = match (&self.body, &frame.body) {
            (Body::Numbers(body), Body::Numbers(frame)) => {
                body.validate(frame)?;
                if self.around.total() != body.rows() {
                    return Err(torn());
                }
                body.rows()
            }
            (Body::Classes(body), Body::Classes(frame)) => {
                body.validate(frame)?;
                body.rows()
            }
            _ => return Err(other_kind()),
        };
        if rows > self.runs.rows() {
            return Err(torn());
        }
        Ok(())
    }
}

fn bins(frame: &OutputFrame) -> usize {
    match frame.body {
        Body::Numbers(_) => frame.threshold_edges().len() + 1,
        Body::Classes(_) => 0,
    }
}

fn torn() -> Error {
    Error::State(
        "the parts of an output's profile count different numbers of rows; rebuild it from the data"
            .into(),
    )
}

/// The column was numeric in the reference and is categorical now, or the
/// other way round.
fn other_kind() -> Error {
    Error::State(
        "the output is numeric on one side and categorical on the other; set its kind in the policy or rebuild the \
         baseline"
            .into(),
    )
}
