//! What is frozen from the reference, for numbers or for classes.

use driftguard_distribution::categorical::frame::SAMPLE_VALUES;
use driftguard_distribution::{CategoricalFrame, NumericFrame};
use driftguard_sdk::prelude::{Batch, Context, Error, Kind};
use serde::{Deserialize, Serialize};

/// Something that is of one kind for numeric outputs and of another for
/// categorical ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Body<N, C> {
    /// Numbers: scores, regressions.
    Numbers(N),
    /// Classes.
    Classes(C),
}

/// Bins or values of the reference's outputs, and the threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputFrame {
    pub(crate) body: Body<NumericFrame, CategoricalFrame>,
    pub(crate) threshold: f64,
    pub(crate) near: f64,
}

impl Default for OutputFrame {
    fn default() -> Self {
        Self {
            body: Body::Numbers(NumericFrame::default()),
            threshold: 0.0,
            near: 0.0,
        }
    }
}

impl OutputFrame {
    /// Freezes a sample of the reference.
    pub(crate) fn fit(context: &Context, sample: &Batch) -> Result<Self, Error> {
        match context.column()?.kind {
            Kind::Numeric => Self::of_numbers(context, sample.floats(0, 0, sample.rows())?),
            _ => {
                let counts = sample.categories(0, &[], SAMPLE_VALUES)?;
                let limit = context.count("categories")?;
                Self::of_classes(context, CategoricalFrame::of_counts(&counts, limit))
            }
        }
    }

    /// The frame of numeric outputs.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for settings that are not numbers.
    pub fn of_numbers(context: &Context, values: Vec<f64>) -> Result<Self, Error> {
        Self::new(context, Body::Numbers(NumericFrame::of_sample(values)))
    }

    /// The frame of classes.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for settings that are not numbers.
    pub fn of_classes(context: &Context, frame: CategoricalFrame) -> Result<Self, Error> {
        Self::new(context, Body::Classes(frame))
    }

    fn new(context: &Context, body: Body<NumericFrame, CategoricalFrame>) -> Result<Self, Error> {
        Ok(Self {
            body,
            threshold: context.number("threshold")?,
            near: context.number("near")?,
        })
    }

    /// Edges that tell rows near the threshold and rows at or above it; fewer
    /// than three where `near` is 0 or vanishes beside the threshold.
    pub(crate) fn threshold_edges(&self) -> Vec<f64> {
        let low = (self.threshold - self.near).next_up();
        let mut edges = vec![low, self.threshold, self.threshold + self.near];
        edges.retain(|edge| edge.is_finite());
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        edges
    }

    /// Checks a frame that came from outside.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        if !self.threshold.is_finite() || !self.near.is_finite() || self.near < 0.0 {
            return Err(Error::State(
                "the frame's threshold is not a number; rebuild the baseline".into(),
            ));
        }
        match &self.body {
            Body::Numbers(frame) => frame.validate(),
            Body::Classes(frame) => frame.validate(),
        }
    }

    /// Refuses settings that are not those of the baseline: counts were made
    /// on the threshold of that time.
    pub(crate) fn agrees_with(&self, context: &Context) -> Result<(), Error> {
        for (name, frozen) in [("threshold", self.threshold), ("near", self.near)] {
            let wanted = context.number(name)?;
            if wanted != frozen {
                return Err(Error::Setting(format!(
                    "setting `{name}` is {wanted}, the baseline was built with {frozen}; rebuild the baseline or \
                     set it back"
                )));
            }
        }
        Ok(())
    }
}
