//! `performance-sequence`: are answers surely worse, however often somebody
//! looks while labels trickle in?
//!
//! # Layout
//!
//! - [`profile`]: losses within 0 and 1, in the order in which rows come.
//! - this file: the check, and the comparison of two confidence sequences.
//!
//! # Method
//!
//! Each row with a label and an answer has a loss: wrong or right for classes,
//! the Brier score where there is a score and no prediction, the absolute error
//! over the 99 % quantile of the reference's for numbers. The mean loss of either
//! side gets a confidence sequence (predictable plug-in empirical Bernstein), an
//! interval that holds at every number of labels at once with probability
//! `1 - alpha`. Loss is surely worse by what the current interval's lower end is
//! above the reference's upper end; the effect is 0.10 where that is
//! `material-loss` (0.03). It needs no p-value: that it is above 0 at any look,
//! ever, has a chance of at most `2 alpha` when nothing changed.
//!
//! Profiles are joined in order: what is merged in comes later. The first 32,768
//! labelled rows of a side are kept, in 255 parts of a loss; later ones are
//! counted.
//!
//! # Assumptions
//!
//! The mean loss of the next row does not depend on those before it: labels come
//! in an order that has nothing to do with their loss. Rows of a side are in the
//! order in which labels arrived.
//!
//! # Minimum n
//!
//! Any; with few labels the interval is wide. The decision wants 50.
//!
//! # Failure modes
//!
//! - Labels that arrive early because they are bad (or good) news.
//! - It is slower than `performance` at one look: 1.5 to 2 times the width.
//!
//! # Measured
//!
//! `confidence_sequence` tests: over 5,000 looks at Bernoulli(0.1) the sequence
//! ever misses in at most 5 % of 400 runs; half widths 0.034 after 1,000 labels
//! and 0.016 after 5,000. `tests/measured.rs`: no false alarm at any of 40 looks
//! in 100 runs, and a loss that doubles is found.
//!
//! *What it adds* (`tests/scenarios/catalogue.py`, injected by `injected.py`):
//! loans of which half the labels have not come and a tenth of the others are
//! wrong: the loss is 0.132 to 0.167 and was 0.048 to 0.063, however often one
//! looks (effect 0.231). `performance` blocks, too: what it says holds for a
//! single look only.
//!
//! *Quiet.* Loans of the second half, of which accuracy fell by 0.028: 0.042,
//! as long as both sequences are near each other.
//!
//! # References
//!
//! Waudby-Smith and Ramdas, "Estimating means of bounded random variables by
//! betting", 2024; Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform,
//! nonparametric, nonasymptotic confidence sequences", 2021.
//!
//! # Example
//!
//! ```
//! use driftguard_answers::{Sample, Values};
//! use driftguard_check_performance_sequence::{Frame, Profile, compare};
//!
//! let side = |wrong: usize| Sample {
//!     label: Some(("late".into(), Values::Numbers((0..3000).map(|i| f64::from(i % 2)).collect()))),
//!     prediction: Some(("said".into(), Values::Numbers((0..3000).map(|i| f64::from((i + u32::from(i as usize % wrong == 0)) % 2)).collect()))),
//!     score: None,
//!     ..Sample::default()
//! };
//! let frame = Frame::of(&side(20), 0.5, "");
//! let profile = |wrong| {
//!     let mut profile = Profile::default();
//!     profile.add(&frame, 3000, &side(wrong));
//!     profile
//! };
//! // One wrong answer in twenty; then one in five.
//! let findings = compare(&frame, &profile(20), &profile(5), 0.01, 0.03)?;
//! assert!(findings[0].effect > 0.2);
//! # Ok::<(), driftguard_sdk::prelude::Error>(())
//! ```

pub mod profile;

pub use profile::{Frame, Profile};

use driftguard_answers::finding::{About, MATERIAL_EFFECT};
use driftguard_answers::{Sample, Task};
use driftguard_distribution::words::number;
use driftguard_sdk::prelude::{
    Batch, Check, Context, Descriptor, DescriptorBuilder, Error, Finding, Kind, Risk, Role,
    Setting, Status,
};

const METRIC: &str = "loss/confidence-sequence/v1";

/// How much worse the loss surely is; nothing where no column says what is true,
/// or none what was answered.
///
/// # Errors
/// [`Error::State`] for states that rows cannot produce.
pub fn compare(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    alpha: f64,
    material: f64,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.validate()?;
    current.validate()?;
    if frame.question.task == Task::None {
        return Ok(vec![]);
    }
    let about = About::new(&frame.question, reference.kept(), current.kept());
    let interval = |profile: &Profile| profile.sequence(alpha)?.interval();
    let (Some(before), Some(now)) = (interval(reference), interval(current)) else {
        let finding = about.measurement(
            METRIC,
            "no row has both a label and an answer on one of the sides",
        );
        return Ok(vec![finding.status(Status::InsufficientData)]);
    };
    let scale = MATERIAL_EFFECT / material;
    let (least, most) = (now.low - before.high, now.high - before.low);
    let words = format!(
        "the loss is {} to {} now and was {} to {}, however often one looks",
        number(now.low),
        number(now.high),
        number(before.low),
        number(before.high)
    );
    let finding = about
        .measurement(METRIC, &words)
        .statistic(least)
        .effect((least.max(0.0) * scale).min(1.0))
        .interval(
            (least * scale).clamp(0.0, 1.0),
            (most * scale).clamp(0.0, 1.0),
            1.0 - 2.0 * alpha,
        );
    Ok(vec![finding])
}

/// The check `performance-sequence`.
#[derive(Debug)]
pub struct PerformanceSequence;

impl Check for PerformanceSequence {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        DescriptorBuilder::new("performance-sequence", "Quality of the answers while labels trickle in")
            .version(env!("CARGO_PKG_VERSION"))
            .summary(
                "Bounds the mean loss of the answers on either side by intervals that hold at every number of labels \
                 at once, so that one may look after every label that arrives, and says by how much the loss is \
                 surely worse. Rows must come in the order in which their labels arrived.",
            )
            .dataset()
            .ordered()
            .roles(&[Role::Label, Role::Prediction, Role::Score])
            .kinds(&[Kind::Numeric, Kind::Categorical])
            .setting(Setting::number(
                "alpha",
                0.01,
                (1e-9, 0.5),
                "Chance that the interval of a side ever misses its mean loss.",
            ))
            .setting(Setting::number(
                "material-loss",
                0.03,
                (1e-6, 1.0),
                "A mean loss that is surely worse by this much has effect 0.10, which blocks by default.",
            ))
            // No choices: any text is taken.
            .setting(Setting::choice(
                "positive",
                "",
                &[],
                "The class that counts as positive. Empty: of two classes \"1\" or \"true\", else the last in order \
                 of text.",
            ))
            .risk(Risk::Strategic)
            .reference("Waudby-Smith and Ramdas, \"Estimating means of bounded random variables by betting\", 2024")
            .reference(
                "Howard, Ramdas, McAuliffe and Sekhon, \"Time-uniform, nonparametric, nonasymptotic confidence \
                 sequences\", 2021",
            )
            .build()
    }

    fn fit(context: &Context, batch: &Batch) -> Result<Frame, Error> {
        let sample = Sample::read(batch)?;
        Ok(Frame::of(&sample, 0.5, context.text("positive")?))
    }

    fn begin(_: &Context, frame: &Frame) -> Result<Profile, Error> {
        frame.validate()?;
        Ok(Profile::default())
    }

    fn update(
        profile: &mut Profile,
        _: &Context,
        frame: &Frame,
        batch: &Batch,
    ) -> Result<(), Error> {
        profile.update(frame, batch)
    }

    fn merge(profile: &mut Profile, other: Profile, _: &Context, _: &Frame) -> Result<(), Error> {
        profile.merge(&other)
    }

    fn compare(
        context: &Context,
        frame: &Frame,
        reference: &Profile,
        current: &Profile,
    ) -> Result<Vec<Finding>, Error> {
        let (alpha, material) = (context.number("alpha")?, context.number("material-loss")?);
        compare(frame, reference, current, alpha, material)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::PerformanceSequence);
