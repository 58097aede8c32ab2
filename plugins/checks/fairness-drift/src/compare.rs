//! Two profiles into findings.

use driftguard_distribution::shift::LEVEL;
use driftguard_distribution::words::{column, number, percent, percent_pair};
use driftguard_sdk::prelude::{Error, Evidence, Finding, Status, Subject};
use driftguard_statistics::disparity::{Change, Pair, Rate, change};

use crate::frame::Frame;
use crate::profile::{Counts, Profile};

/// The rule of thumb of the Uniform Guidelines on Employee Selection
/// Procedures, 1978: a group chosen at less than this part of the rate of
/// others.
const FOUR_FIFTHS: f64 = 0.8;

/// What is compared between groups.
struct Question {
    metric: &'static str,
    /// As in "of the rows with ... 31 % are decided yes".
    rows: &'static str,
    rate: fn(&Counts) -> Rate,
}

const QUESTIONS: [Question; 3] = [
    Question {
        metric: "selection-rate-gap/log-odds/v1",
        rows: "all rows",
        rate: |counts| Rate {
            hits: counts.chosen,
            rows: counts.rows,
        },
    },
    Question {
        metric: "true-positive-rate-gap/log-odds/v1",
        rows: "rows labelled yes",
        rate: |counts| Rate {
            hits: counts.true_positives,
            rows: counts.positives,
        },
    },
    Question {
        metric: "false-positive-rate-gap/log-odds/v1",
        rows: "rows labelled no",
        rate: |counts| Rate {
            hits: counts.false_positives,
            rows: counts.negatives,
        },
    },
];

/// Findings on every group.
///
/// # Errors
/// [`Error::State`] for profiles that do not fit the frame.
pub fn compare(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    min_group: u64,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.validate(frame)?;
    current.validate(frame)?;
    if frame.groups.is_empty() || frame.decision.is_none() {
        let what = if frame.groups.is_empty() {
            "no column names groups: give one the role `segment`, or name it in the setting `groups`"
        } else {
            "no column holds decisions"
        };
        let finding = Finding::measurement("selection-rate-gap/log-odds/v1", Subject::Dataset);
        return Ok(vec![
            finding
                .status(Status::NotApplicable)
                .message(format!("Nothing to compare: {what}.")),
        ]);
    }
    let mut findings = vec![];
    let sides = reference.groups.iter().zip(&current.groups);
    for (coding, (before, now)) in frame.groups.iter().zip(sides) {
        let groups = Groups {
            names: (0..coding.size())
                .map(|cell| Frame::name(coding, cell))
                .collect(),
            before,
            now,
            min_group,
        };
        let first = findings.len();
        for question in &QUESTIONS {
            findings.extend(groups.findings(question));
        }
        if findings.len() == first {
            let rows = |side: &[Counts]| side.iter().map(|counts| counts.rows).sum();
            let finding = Finding::measurement(
                "selection-rate-gap/log-odds/v1",
                Subject::Column(coding.name.clone()),
            );
            findings.push(
                finding
                    .status(Status::InsufficientData)
                    .rows(rows(before), rows(now))
                    .message(format!(
                        "{}: no two groups of it have {min_group} decided rows on each side",
                        column(&coding.name)
                    )),
            );
        }
    }
    Ok(findings)
}

/// The groups of one column.
struct Groups<'a> {
    names: Vec<String>,
    before: &'a [Counts],
    now: &'a [Counts],
    min_group: u64,
}

impl Groups<'_> {
    fn findings(&self, question: &Question) -> Vec<Finding> {
        let large = |cell: &usize| {
            let rows = |side: &[Counts]| {
                side.get(*cell)
                    .map_or(0, |counts| (question.rate)(counts).rows)
            };
            rows(self.before).min(rows(self.now)) >= self.min_group
        };
        let mut cells: Vec<usize> = (0..self.names.len()).filter(large).collect();
        let others: Vec<usize> = (0..self.names.len())
            .filter(|cell| self.occupied(*cell))
            .collect();
        // Of two groups, each is the other's "all others": the smaller is named.
        if let [one, two] = others[..] {
            let rows = |cell: usize| self.before.get(cell).map_or(0, |counts| counts.rows);
            let larger = if rows(two) > rows(one) { two } else { one };
            cells.retain(|cell| *cell != larger);
        }
        cells
            .into_iter()
            .filter_map(|cell| self.finding(question, cell))
            .collect()
    }

    fn occupied(&self, cell: usize) -> bool {
        [self.before, self.now]
            .iter()
            .any(|side| side.get(cell).is_some_and(|counts| counts.rows > 0))
    }

    /// A group against all other groups; rows without a group are neither.
    fn pair(&self, side: &[Counts], question: &Question, cell: usize) -> Pair {
        let mut others = Counts::default();
        let rest = side
            .iter()
            .take(self.names.len())
            .enumerate()
            .filter(|(at, _)| *at != cell);
        rest.for_each(|(_, counts)| others.add(counts));
        Pair {
            group: side.get(cell).map(question.rate).unwrap_or_default(),
            others: (question.rate)(&others),
        }
    }

    fn finding(&self, question: &Question, cell: usize) -> Option<Finding> {
        let name = self.names.get(cell)?;
        let before = self.pair(self.before, question, cell);
        let now = self.pair(self.now, question, cell);
        if before.others.rows.min(now.others.rows) < self.min_group {
            return None;
        }
        let found = change(before, now, LEVEL)?;
        let shares = |pair: Pair| vec![pair.group.value(), pair.others.value()];
        let evidence = Evidence {
            title: format!("share decided yes of {}", question.rows),
            labels: vec!["group".into(), "others".into()],
            reference: shares(before),
            current: shares(now),
        };
        let gap = now.difference() - before.difference();
        Some(
            Finding::measurement(question.metric, Subject::Segment(name.clone()))
                .statistic(found.statistic)
                .effect(found.effect)
                .unit_effect(gap, "gap to all others")
                .noise(found.noise.mean, found.noise.sd)
                .interval(
                    found.interval.low,
                    found.interval.high,
                    found.interval.level,
                )
                .p_value(found.p_value)
                .rows(before.group.rows, now.group.rows)
                .evidence(evidence)
                .message(words(name, question, (before, now), &found)),
        )
    }
}

/// "`origin` = LGA: of all rows 12 % are decided yes, 31 % of the others' (0.39
/// times); it was 29 % and 30 % (0.97 times)".
fn words(name: &str, question: &Question, (before, now): (Pair, Pair), found: &Change) -> String {
    let rates = |pair: Pair| percent_pair(pair.group.value(), pair.others.value());
    let times = |pair: Pair| pair.ratio().map_or("?".into(), number);
    let ((group, others), (group_before, others_before)) = (rates(now), rates(before));
    let below = |pair: Pair| pair.ratio().is_some_and(|ratio| ratio < FOUR_FIFTHS);
    let rule = if question.metric.starts_with("selection") && below(now) && !below(before) {
        ", now below four fifths"
    } else {
        ""
    };
    let expected = percent(found.expected);
    format!(
        "{name}: of {} {group} are decided yes, {others} of the others' ({} times{rule}); it was {group_before} and \
         {others_before} ({} times), so {expected} if all had moved alike",
        question.rows,
        times(now),
        times(before)
    )
}
