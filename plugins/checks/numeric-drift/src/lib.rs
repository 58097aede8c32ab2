//! Did the distribution of a numeric column change?
//!
//! # Layout
//!
//! - this file: the check itself, thin over `driftguard-distribution`, where
//!   frame, profile and comparison are (`driftguard_distribution::numeric`).
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! *fit* freezes edges from a sample of the reference: 64 quantile bins,
//! deciles, atoms, and edges that reach far beyond its extremes. *profile*
//! counts all finite values over them, and keeps moments and all values up to
//! `sample-rows` of them, or a uniform sample of 256. *compare* measures, with `c = sqrt(1/n + 1/m)`:
//!
//! | metric | statistic | effect |
//! |---|---|---|
//! | `ks/exact/v1`, `ks/edges64/v1` | `D = max abs(F - G)` | `D - 0.86873 c` |
//! | `tv/q10ref/v1` | `sum abs(q - p) / 2` over deciles | less its mean under "nothing changed" |
//!
//! `ks/exact` while both samples still hold every value, `ks/edges64` at the
//! frame's edges otherwise: it is less than the exact distance by at most the
//! largest share of a bin. Total variation sees a change of scale that leaves
//! the median where it was. Beside them, never deciding: PSI, Jensen-Shannon
//! and Hellinger over the same deciles, Wasserstein-1 in the unit of the
//! column, shift of the mean, ratio of variances.
//!
//! With the setting `convention` the numbers of Evidently, NannyML or TFDV stand
//! beside ours (`driftguard_distribution::convention`, `docs/conventions.md`).
//!
//! # Assumptions
//!
//! P-values and noise take rows as independent. Ties make the p-value of the
//! gap too large rather than too small.
//!
//! # Minimum n
//!
//! `min-rows` (50) finite values on each side, else "insufficient data".
//!
//! # Failure modes
//!
//! - NaN, infinities and nulls are left out: `completeness` speaks of them.
//! - A column that is constant at the same value on both sides is degenerate.
//! - The unit effect draws in the outermost 2 % of rows on either side.
//! - Wasserstein, mean and variance follow outliers; they only support.
//! - What moves inside one of 64 bins is not seen once samples are cut.
//!
//! # Measured
//!
//! *False alarms.* `tests/scenarios/halves.py`: random halves of real data, 500
//! to 20,000 rows a side, with all default checks: no alarm in 110 draws.
//!
//! *Found by it alone* (`tests/scenarios/catalogue.py`, injected by
//! `injected.py`): a clock that makes every delay ten minutes longer:
//! "`dep_delay`: median -2 -> 8" (effect 0.569). Without it four slices are
//! named and no column.
//!
//! *Quiet.* 40 % of the loans delivered twice: no column moved by more than 1 %
//! of the rows.
//!
//! # References
//!
//! Smirnov 1948; Wei and Dudley 2012; Yurdakul and Naranjo 2020; Lin 1991;
//! Vallender 1974: see the functions of `driftguard-statistics`.
//!
//! # Example
//!
//! ```
//! use driftguard_check_numeric_drift::NumericDrift;
//! use driftguard_distribution::{NumericFrame, NumericProfile};
//! use driftguard_sdk::prelude::*;
//!
//! let before: Vec<f64> = (0..600).map(|i| f64::from(i % 200)).collect();
//! let after: Vec<f64> = before.iter().map(|value| value + 60.0).collect();
//! let frame = NumericFrame::of_sample(before.clone());
//! let profile = |values: &[f64]| {
//!     let mut profile = NumericProfile::new(&frame, 1024);
//!     profile.add_values(&frame, 0, values).map(|()| profile)
//! };
//! let context = Context::new(vec![], &NumericDrift::describe().settings, vec![]);
//! let findings = NumericDrift::compare(&context, &frame, &profile(&before)?, &profile(&after)?)?;
//! assert_eq!(findings[0].statistic, Some(0.3));
//! assert!(findings[0].message.contains("median 99.5 -> 160"));
//! # Ok::<(), Error>(())
//! ```

mod description;

use driftguard_distribution::{NumericFrame, NumericProfile};
use driftguard_distribution::{convention, numeric};
use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

/// The check `numeric-drift`.
#[derive(Debug)]
pub struct NumericDrift;

impl Check for NumericDrift {
    type Frame = NumericFrame;
    type Profile = NumericProfile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn validate(context: &Context) -> Result<(), Error> {
        convention::wanted(context).map(|_| ())
    }

    fn fit(_: &Context, sample: &Batch) -> Result<NumericFrame, Error> {
        Ok(NumericFrame::of_sample(sample.floats(
            0,
            0,
            sample.rows(),
        )?))
    }

    fn admit(frame: &NumericFrame) -> Result<(), Error> {
        frame.validate()
    }

    fn begin(context: &Context, frame: &NumericFrame) -> Result<NumericProfile, Error> {
        let profile = NumericProfile::new(frame, context.count("sample-rows")?);
        Ok(profile.with_tally(convention::held_values(context)?))
    }

    fn update(
        profile: &mut NumericProfile,
        _: &Context,
        frame: &NumericFrame,
        batch: &Batch,
    ) -> Result<(), Error> {
        let summary = batch.summary(0)?;
        let (limit, below) = profile.sample_request(summary.finite);
        let histogram = batch.histogram(0, frame.edges())?;
        profile.add(&summary, &histogram, &batch.sample(0, limit, below)?)?;
        convention::tally(profile, batch)
    }

    fn merge(
        profile: &mut NumericProfile,
        other: NumericProfile,
        _: &Context,
        frame: &NumericFrame,
    ) -> Result<(), Error> {
        profile.merge(&other, frame)
    }

    fn compare(
        context: &Context,
        frame: &NumericFrame,
        reference: &NumericProfile,
        current: &NumericProfile,
    ) -> Result<Vec<Finding>, Error> {
        let column = context.columns.first().map_or("", |column| &column.name);
        let min_rows = context.count("min-rows")? as u64;
        let sides = numeric::Sides::new(column, frame, reference, current)?;
        if context.ranks_only() {
            return sides.ranked(min_rows);
        }
        let mut findings = sides.findings(min_rows)?;
        findings.extend(convention::numeric::findings(
            &sides,
            convention::wanted(context)?,
        ));
        Ok(findings)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::NumericDrift);

#[cfg(test)]
mod tests;
