//! Findings about a truth and its answer.

use driftguard_distribution::words::{column, pair, percent_pair};
use driftguard_sdk::prelude::{Finding, Status, Subject};
use driftguard_statistics::quality::{Change, seeming_fall};

use crate::question::Question;

/// The effect that blocks by default; a fall of what counts as material has
/// this effect.
pub const MATERIAL_EFFECT: f64 = 0.10;
/// Level of intervals.
pub const LEVEL: f64 = 0.95;

/// The two columns that findings are about, and the rows used on either side.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Column of the truth.
    pub label: &'a str,
    /// Column of the answer.
    pub answer: &'a str,
    /// Rows of the reference with both.
    pub reference: u64,
    /// Rows of the current side with both.
    pub current: u64,
}

/// How a quality is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As per cent.
    Percent,
    /// As a number.
    Number,
}

impl<'a> About<'a> {
    /// About the columns of a question.
    pub fn new(question: &'a Question, reference: u64, current: u64) -> Self {
        Self {
            label: &question.label,
            answer: question.answer(),
            reference,
            current,
        }
    }

    /// Both columns as they stand in messages.
    pub fn name(&self) -> String {
        format!("{} against {}", column(self.answer), column(self.label))
    }

    /// The truth and its answer: where answers get worse, either may be wrong.
    pub fn subject(&self) -> Subject {
        Subject::Pair((self.label.into(), self.answer.into()))
    }

    fn complete(&self, finding: Finding, words: &str) -> Finding {
        let message = format!("{}: {words}", self.name());
        finding.rows(self.reference, self.current).message(message)
    }

    /// A statistic with chance in it.
    pub fn measurement(&self, metric: &str, words: &str) -> Finding {
        self.complete(Finding::measurement(metric, self.subject()), words)
    }

    /// Something that never decides.
    pub fn supporting(&self, metric: &str, words: &str) -> Finding {
        self.complete(Finding::supporting(metric, self.subject()), words)
    }

    /// The finding to give in the place of all others where a side has too few
    /// rows with both truth and answer.
    pub fn not_enough(&self, metric: &str, min_labels: u64, rows: (u64, u64)) -> Option<Finding> {
        let (n, m) = (self.reference, self.current);
        if n == 0 && m == 0 {
            let finding = self.measurement(metric, "no row has both on either side");
            return Some(finding.status(Status::NotApplicable));
        }
        if n.min(m) >= min_labels.max(2) {
            return None;
        }
        let words = format!(
            "{n} of {} rows of the reference have both and {m} of {} now, at least {min_labels} are needed on each side",
            rows.0, rows.1
        );
        let finding = self.measurement(metric, &words);
        Some(finding.status(Status::InsufficientData))
    }

    /// A quality that is good where it is high. Its effect is 0.10 where it
    /// fell by `material`, 0 where it rose.
    pub fn fall(
        &self,
        metric: &str,
        what: &str,
        style: Style,
        change: &Change,
        material: f64,
    ) -> Finding {
        let scale = MATERIAL_EFFECT / material;
        let fall = -change.difference;
        let (low, high) = (-change.interval.high, -change.interval.low);
        let words = format!(
            "{what} {}",
            moved(style, change.reference, change.current, change.p_value)
        );
        self.measurement(metric, &words)
            .statistic(fall)
            .effect(effect(fall, change.deviation, scale))
            .unit_effect(change.difference, what)
            .interval(
                (low * scale).clamp(0.0, 1.0),
                (high * scale).clamp(0.0, 1.0),
                change.interval.level,
            )
            .noise(0.0, change.deviation)
            .p_value(change.p_value)
    }
}

/// Effect of a fall, less what a fall seems to be when nothing changed.
pub fn effect(fall: f64, deviation: f64, scale: f64) -> f64 {
    ((fall - seeming_fall(deviation)).max(0.0) * scale).min(1.0)
}

/// A move in words: "fell 0.74 -> 0.69".
pub fn moved(style: Style, reference: f64, current: f64, p_value: f64) -> String {
    let (left, right) = match style {
        Style::Percent => percent_pair(reference, current),
        Style::Number => pair(reference, current),
    };
    let verb = match (p_value < 1.0 - LEVEL, current < reference) {
        (false, _) => "is about as before",
        (true, true) => "fell",
        (true, false) => "rose",
    };
    format!("{verb}: {left} -> {right}")
}
