//! The numbers of other tools beside ours, so that a team can compare before
//! it moves over: settings `convention`, `convention-decides`,
//! `convention-threshold`, `convention-values`. `docs/conventions.md` says
//! which tool computes what, its default thresholds and its known faults.
//!
//! - this file: the settings, and how one number of another tool becomes a
//!   finding.
//! - [`numeric`], [`categorical`]: the numbers themselves.
//!
//! Each number is a supporting finding: it never decides. Beside them stands
//! `drift/<tool>/v1`, what the tool's own default test for the column says
//! against its own default threshold: supporting, too, unless
//! `convention-decides` is set; then it is a measurement that blocks from the
//! tool's threshold on, without noise floor and p-value, for the tool has none.

pub mod categorical;
pub mod numeric;

use driftguard_sdk::prelude::{Batch, Context, DescriptorBuilder, Error, Finding, Setting, Status};

use crate::finding::Subjected;
use crate::numeric::NumericProfile;
use crate::words::number;

/// Values of a batch that are asked for at once.
const WINDOW: u32 = 16_384;
/// Effect at the tool's own threshold: where our own decision blocks by
/// default.
const AT_THRESHOLD: f64 = 0.10;

/// Whose numbers are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// Ours alone.
    Driftguard,
    /// Evidently 0.7.
    Evidently,
    /// NannyML 0.13.
    Nannyml,
    /// TensorFlow Data Validation 1.21.
    Tfdv,
}

impl Convention {
    /// As it stands in settings and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Driftguard => "driftguard",
            Self::Evidently => "evidently",
            Self::Nannyml => "nannyml",
            Self::Tfdv => "tfdv",
        }
    }

    /// As it stands in messages.
    fn title(self) -> &'static str {
        match self {
            Self::Driftguard => "driftguard",
            Self::Evidently => "Evidently",
            Self::Nannyml => "NannyML",
            Self::Tfdv => "TFDV",
        }
    }
}

/// What the settings ask for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// Whose numbers.
    pub convention: Convention,
    /// Whether the tool's own verdict on a column counts.
    pub decides: bool,
    /// The policy's threshold; None: the tool's own.
    pub threshold: Option<f64>,
}

/// Adds the settings to a check; `values` where it has numeric columns.
pub fn settings(builder: DescriptorBuilder, values: bool) -> DescriptorBuilder {
    let builder = builder
        .setting(Setting::choice(
            "convention",
            "driftguard",
            &["driftguard", "evidently", "nannyml", "tfdv"],
            "Another tool whose numbers are reported beside ours, to compare or to move over: see docs/conventions.md.",
        ))
        .setting(Setting::flag(
            "convention-decides",
            false,
            "Whether that tool's own default test blocks from its own threshold on. Otherwise it is only reported.",
        ))
        .setting(Setting::number(
            "convention-threshold",
            0.0,
            (0.0, 1e300),
            "Threshold in the place of the tool's own; 0: its own. NannyML and TFDV have none that does not depend on \
             chunks or a schema, so they need one to decide.",
        ));
    if !values {
        return builder;
    }
    builder.setting(Setting::integer(
        "convention-values",
        100_000,
        (1, 500_000),
        "Distinct values of each side that are held for that tool's numbers, which need all of them. With more there \
         are no such numbers.",
    ))
}

/// What the settings ask for.
///
/// # Errors
///
/// [`Error::Setting`] if the tool is to decide and has no threshold.
pub fn wanted(context: &Context) -> Result<Wanted, Error> {
    let convention = match context.text("convention")? {
        "evidently" => Convention::Evidently,
        "nannyml" => Convention::Nannyml,
        "tfdv" => Convention::Tfdv,
        _ => Convention::Driftguard,
    };
    let threshold = context.number("convention-threshold")?;
    let wanted = Wanted {
        convention,
        decides: context.flag("convention-decides")?,
        threshold: (threshold > 0.0).then_some(threshold),
    };
    let own = matches!(convention, Convention::Evidently);
    if wanted.decides && convention == Convention::Driftguard {
        return Err(Error::Setting(
            "setting `convention-decides` needs a `convention`: evidently, nannyml or tfdv".into(),
        ));
    }
    if wanted.decides && !own && wanted.threshold.is_none() {
        return Err(Error::Setting(format!(
            "setting `convention-decides` needs a `convention-threshold`: {} has no threshold that does not depend on \
             chunks or a schema",
            convention.title()
        )));
    }
    Ok(wanted)
}

/// How many distinct values a profile must hold; None: none.
///
/// # Errors
///
/// Those of [`wanted`].
pub fn held_values(context: &Context) -> Result<Option<u64>, Error> {
    let wanted = wanted(context)?;
    let values = context.count("convention-values")? as u64;
    Ok((wanted.convention != Convention::Driftguard).then_some(values))
}

/// Adds the values of column 0 to a profile that holds them.
///
/// # Errors
///
/// What the host says of the column.
pub fn tally(profile: &mut NumericProfile, batch: &Batch) -> Result<(), Error> {
    let Some(tally) = profile.tally_mut() else {
        return Ok(());
    };
    let summary = batch.summary(0)?;
    let infinite = summary.positive_infinities + summary.negative_infinities;
    tally.note_not_finite(summary.nans, infinite);
    let mut start = 0;
    while start < batch.rows() {
        let count = WINDOW.min(batch.rows() - start);
        tally.add(&batch.floats(0, start, count)?);
        start += count;
    }
    Ok(())
}

/// When the tool says "drift".
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rule {
    /// From this distance on.
    From(f64),
    /// Beyond this distance.
    Above(f64),
    /// Below this p-value, or at it.
    Below(f64),
    /// There is no threshold.
    Never,
}

impl Rule {
    fn drifts(self, value: f64) -> bool {
        match self {
            Self::From(threshold) => value >= threshold,
            Self::Above(threshold) => value > threshold,
            Self::Below(threshold) => value < threshold,
            Self::Never => false,
        }
    }

    /// The same with another threshold.
    fn at(self, threshold: Option<f64>) -> Self {
        match (self, threshold) {
            (rule, None) => rule,
            (Self::Above(_) | Self::Never, Some(threshold)) => Self::Above(threshold),
            (Self::From(_), Some(threshold)) => Self::From(threshold),
            (Self::Below(_), Some(threshold)) => Self::Below(threshold),
        }
    }

    fn words(self, value: f64) -> String {
        let said = match self.drifts(value) {
            true => "drift",
            false => "no drift",
        };
        match self {
            Self::From(threshold) => format!("{said} (from {} on)", number(threshold)),
            Self::Above(threshold) => format!("{said} (above {})", number(threshold)),
            Self::Below(threshold) => format!("{said} (p below {})", number(threshold)),
            Self::Never => "no threshold of its own".into(),
        }
    }
}

/// One number of another tool.
struct Number {
    /// The first part of the metric.
    name: &'static str,
    /// What it is, in words.
    title: &'static str,
    /// None: it cannot be computed; the text says why.
    value: Result<f64, String>,
    rule: Rule,
}

impl Number {
    fn new(name: &'static str, title: &'static str, value: Option<f64>, rule: Rule) -> Self {
        Self {
            name,
            title,
            value: value.ok_or_else(|| "it is not defined here".into()),
            rule,
        }
    }
}

/// Numbers as findings, and the verdict of the one that the tool would take.
fn findings(
    about: &Subjected<'_>,
    wanted: Wanted,
    numbers: &[Number],
    default: &str,
) -> Vec<Finding> {
    let tool = wanted.convention;
    let mut found: Vec<Finding> = numbers
        .iter()
        .map(|number| as_finding(about, tool, number))
        .collect();
    let taken = numbers.iter().find(|number| number.name == default);
    found.extend(taken.map(|number| said(about, wanted, number)));
    found
}

fn as_finding(about: &Subjected<'_>, tool: Convention, one: &Number) -> Finding {
    let (name, title) = (about.name(), tool.title());
    let metric = format!("{}/{}/v1", one.name, tool.word());
    match &one.value {
        Ok(value) => {
            let message = format!(
                "{name}: {title}'s {} is {}, {}",
                one.title,
                number(*value),
                one.rule.words(*value)
            );
            about.supporting(&metric, message).statistic(*value)
        }
        Err(why) => {
            let message = format!("{name}: no {} of {title}: {why}", one.title);
            let finding = about.supporting(&metric, message);
            finding.status(Status::NotApplicable)
        }
    }
}

/// `drift/<tool>/v1`: 1 where the tool says drift. The effect is 0.10 at the
/// threshold and grows with the distance; of a p-value it is 0.10.
fn said(about: &Subjected<'_>, wanted: Wanted, one: &Number) -> Finding {
    let (name, title) = (about.name(), wanted.convention.title());
    let metric = format!("drift/{}/v1", wanted.convention.word());
    let rule = one.rule.at(wanted.threshold);
    let complete = |message: String| match wanted.decides {
        true => about.measurement(&metric, message),
        false => about.supporting(&metric, message),
    };
    let value = match &one.value {
        Ok(value) => *value,
        Err(why) => {
            let message = format!(
                "{name}: {title} cannot be followed here: no {}: {why}",
                one.title
            );
            return complete(message).status(Status::InsufficientData);
        }
    };
    let drifts = rule.drifts(value);
    let effect = match rule {
        _ if !drifts => 0.0,
        Rule::From(threshold) | Rule::Above(threshold) if threshold > 0.0 => {
            AT_THRESHOLD * value / threshold
        }
        _ => AT_THRESHOLD,
    };
    let message = format!(
        "{name}: {title}'s test here is the {}, {}: {}",
        one.title,
        number(value),
        rule.words(value)
    );
    complete(message)
        .statistic(f64::from(u8::from(drifts)))
        .effect(effect.min(1.0))
}

#[cfg(test)]
mod tests;
