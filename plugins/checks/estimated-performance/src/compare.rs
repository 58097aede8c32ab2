//! Two samples into findings: what is common to all kinds of answers.

use driftguard_distribution::words::column;
use driftguard_sdk::prelude::{Context, Error, Finding, Status, Subject};
use driftguard_statistics::bootstrap;
use driftguard_statistics::special::{normal_quantile, normal_sf};

use crate::frame::{Frame, Task};
use crate::profile::{Profile, Row};
use crate::{classes, losses};

/// What no estimate without labels can do; part of every message.
pub const CAVEAT: &str = "valid under covariate shift only; blind to concept drift";
/// Replicates of the bootstrap.
const REPLICATES: u64 = 100;
/// Its seed.
const SEED: u64 = 0x6573_7469_6d61_7465;
/// Coverage of intervals.
const LEVEL: f64 = 0.95;
/// Effect of a material fall: where the decision blocks by default.
const AT_MATERIAL: f64 = 0.10;
/// Share of current rows with a label from which on nothing is to be estimated.
const LABELLED: f64 = 0.5;

/// The settings that a comparison needs.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub(crate) min_rows: usize,
    pub(crate) drop: f64,
    pub(crate) growth: f64,
    pub(crate) weighting: bool,
    pub(crate) when_labelled: bool,
}

impl Asked {
    /// Out of the settings.
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting of another kind.
    pub fn of(context: &Context) -> Result<Self, Error> {
        Ok(Self {
            min_rows: context.count("min-rows")?,
            drop: context.number("material-drop")?,
            growth: context.number("material-growth")?,
            weighting: context.flag("weighting")?,
            when_labelled: context.flag("when-labelled")?,
        })
    }
}

/// Both samples, in an order that says nothing.
pub struct Sides<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) asked: Asked,
    /// Rows of the reference that have a label.
    pub(crate) reference: Vec<&'a Row>,
    /// All current rows.
    pub(crate) current: Vec<&'a Row>,
    /// Columns of the frame that both sides have.
    pub(crate) both: Vec<usize>,
}

/// What the estimates say.
///
/// # Errors
/// [`Error::State`] for states that rows cannot produce.
pub fn compare(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    asked: Asked,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.validate(frame)?;
    current.validate(frame)?;
    let has = |profile: &Profile, column: usize| profile.present.get(column) == Some(&true);
    let labelled = |row: &&Row| row.outcome.is_some();
    let sides = Sides {
        frame,
        asked,
        reference: reference.rows.values().filter(labelled).collect(),
        current: current.rows.values().collect(),
        both: (0..frame.columns.len())
            .filter(|column| has(reference, *column) && has(current, *column))
            .collect(),
    };
    if let Task::Nothing(why) = &frame.task {
        return Ok(vec![sides.without(Status::NotApplicable, why)]);
    }
    let (n, m) = (sides.reference.len(), sides.current.len());
    let known = current.rows.values().filter(labelled).count();
    if m > 0 && known as f64 >= LABELLED * m as f64 && !asked.when_labelled {
        let why = "current rows have labels: what `performance` measures needs no estimate";
        return Ok(vec![sides.without(Status::NotApplicable, why)]);
    }
    if n == 0 || m == 0 {
        let why = "there are no rows with an answer, or none with a label in the reference";
        return Ok(vec![sides.without(Status::NotApplicable, why)]);
    }
    if n.min(m) < asked.min_rows {
        let why = format!(
            "{n} rows with a label in the reference and {m} answers now, at least {} are needed of either",
            asked.min_rows
        );
        return Ok(vec![sides.without(Status::InsufficientData, &why)]);
    }
    Ok(match frame.task {
        Task::Scored { .. } => classes::estimate(&sides),
        _ => losses::estimate(&sides),
    })
}

/// A quality that is estimated on both sides.
pub(crate) struct Estimate {
    /// The metric's first part (`accuracy`), and as it stands in messages.
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) reference: f64,
    pub(crate) current: f64,
    /// How much worse, as a share of what is material; negative: better.
    pub(crate) worse: f64,
    /// The same of replicates.
    pub(crate) replicates: Vec<f64>,
    /// Variance of the same that replicates do not show.
    pub(crate) hidden: f64,
    /// What is to be said beside it; may be empty.
    pub(crate) note: String,
}

impl Sides<'_> {
    fn subject(&self) -> Subject {
        match self.frame.subject() {
            "" => Subject::Dataset,
            name => Subject::Column(name.into()),
        }
    }

    pub(crate) fn rows(&self) -> (u64, u64) {
        (self.reference.len() as u64, self.current.len() as u64)
    }

    /// In the place of all findings.
    fn without(&self, status: Status, why: &str) -> Finding {
        let metric = match self.frame.task {
            Task::Numbers => "mae/dle/v1",
            _ => "accuracy/pape/v1",
        };
        self.refused(metric, status, why)
    }

    /// A measurement that could not be made.
    pub(crate) fn refused(&self, metric: &str, status: Status, why: &str) -> Finding {
        let (n, m) = self.rows();
        Finding::measurement(metric, self.subject())
            .rows(n, m)
            .status(status)
            .message(format!("the quality of answers is not estimated: {why}"))
    }

    /// Codes of the columns that both sides have.
    pub(crate) fn codes(&self, row: &Row) -> Vec<u8> {
        let code = |column: &usize| row.codes.get(*column).copied().unwrap_or(0);
        self.both.iter().map(code).collect()
    }

    /// Whether the order of the codes of these columns means something.
    pub(crate) fn ordered(&self) -> Vec<bool> {
        let columns = self
            .both
            .iter()
            .filter_map(|at| self.frame.columns.get(*at));
        columns.map(|column| column.coding.ordered()).collect()
    }

    /// One estimate as a finding; `decides`: it is a measurement.
    pub(crate) fn found(&self, estimate: &Estimate, decides: bool) -> Finding {
        let (n, m) = self.rows();
        let metric = format!(
            "{}/{}/v1",
            estimate.name.to_lowercase().replace(' ', "-"),
            estimate.method
        );
        let note = match estimate.note.as_str() {
            "" => String::new(),
            note => format!(" ({note})"),
        };
        let message = format!(
            "{}: {} is estimated without labels at {}, {} in the reference{note}; {CAVEAT}",
            column(self.frame.subject()),
            estimate.name,
            digits(estimate.current),
            digits(estimate.reference),
        );
        let supporting = !decides || self.asked.when_labelled;
        let finding = match supporting {
            true => Finding::supporting(&metric, self.subject()),
            false => Finding::measurement(&metric, self.subject()),
        };
        // Replicates that are all equal have no spread: one row would be noise.
        let least = 1.0 / (n + m).max(1) as f64;
        let scale = AT_MATERIAL;
        let statistic = scale * estimate.worse;
        let effect = statistic.clamp(0.0, 1.0);
        let finding = finding
            .rows(n, m)
            .statistic(statistic)
            .effect(effect)
            .unit_effect(estimate.current - estimate.reference, estimate.name)
            .message(message);
        let Some(spread) = bootstrap::spread(&estimate.replicates) else {
            return finding;
        };
        let sd = (scale * (spread * spread + estimate.hidden).sqrt()).max(least);
        let half = -normal_quantile((1.0 - LEVEL) / 2.0).unwrap_or(0.0) * sd;
        finding
            .noise(0.0, sd)
            .p_value(normal_sf(statistic / sd).clamp(0.0, 1.0))
            .interval(
                (statistic - half).clamp(0.0, 1.0),
                (statistic + half).clamp(0.0, 1.0),
                LEVEL,
            )
    }
}

/// Replicates of a statistic: called with how often each row is drawn, the
/// reference's and the current one's by place.
pub(crate) fn replicates(
    sides: &Sides<'_>,
    mut statistic: impl FnMut(&[f64], &[f64]) -> Option<Vec<f64>>,
) -> Vec<Vec<f64>> {
    let drawn = |replicate: u64, rows: &[&Row], side: u64| -> Vec<f64> {
        let draw = |row: &&Row| bootstrap::draws(SEED + side, replicate, row.position);
        rows.iter().map(draw).collect()
    };
    (0..REPLICATES)
        .filter_map(|replicate| {
            let reference = drawn(replicate, &sides.reference, 0);
            statistic(&reference, &drawn(replicate, &sides.current, 1))
        })
        .collect()
}

/// Four digits after the point below 10, else as other numbers.
pub(crate) fn digits(value: f64) -> String {
    if value.abs() < 10.0 {
        format!("{value:.4}")
    } else {
        driftguard_distribution::words::number(value)
    }
}
