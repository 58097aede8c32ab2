//! Two profiles into findings.

use driftguard_sdk::prelude::{Error, Evidence, Finding, Status, Subject};
use driftguard_statistics::relation::{cramers_v, rank_correlation, shift};
use driftguard_statistics::special::normal_sf;

use crate::blame::{Blame, Measured, lost, together};
use crate::coding::{Coding, Part};
use crate::frame::Frame;
use crate::profile::Profile;
use crate::words;

/// Pairs listed in the table of what is watched.
const LISTED: usize = 200;

/// Everything that is known about the comparison.
pub(crate) struct Comparison<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) reference: &'a Profile,
    pub(crate) current: &'a Profile,
    pub(crate) cells: usize,
    pairs: Vec<Measured>,
    unmeasured: usize,
    blame: Blame,
}

/// Relations of the reference against the current ones.
///
/// # Errors
/// States that do not fit the frame.
pub fn compare(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    min_rows: u64,
    cells: usize,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.validate(frame)?;
    current.validate(frame)?;
    let mut pairs = vec![];
    let tables = reference.shaped(frame).zip(current.shaped(frame));
    for (at, (tie, tables)) in frame.ties.iter().zip(tables).enumerate() {
        let (Some(before), Some(now)) = tables else {
            continue;
        };
        let found = shift(before, now);
        let enough = found.filter(|found| found.n_reference.min(found.n_current) >= min_rows);
        if let Some(shift) = enough {
            pairs.push(Measured {
                tie: at,
                ends: [tie.left as usize, tie.right as usize],
                strength: tie.strength,
                shift,
            });
        }
    }
    let unmeasured = frame.ties.len() - pairs.len();
    let blame = Blame::of(frame, &pairs);
    let comparison = Comparison {
        frame,
        reference,
        current,
        cells,
        pairs,
        unmeasured,
        blame,
    };
    Ok(comparison.findings(min_rows))
}

impl Comparison<'_> {
    fn findings(&self, min_rows: u64) -> Vec<Finding> {
        if self.pairs.is_empty() {
            return vec![self.nothing(min_rows)];
        }
        let mut findings = vec![self.watched()];
        for coding in 0..self.frame.codings.len() {
            findings.extend(self.of_column(coding));
        }
        for pair in &self.pairs {
            findings.extend(self.of_pair(pair));
        }
        findings
    }

    fn nothing(&self, min_rows: u64) -> Finding {
        let metric = format!("relation/tv-cells{}/v1", self.cells);
        let finding = Finding::measurement(&metric, Subject::Dataset)
            .rows(self.reference.rows, self.current.rows);
        if self.frame.ties.is_empty() {
            let message =
                "no two columns of the reference are related in any way that could be watched";
            return finding.status(Status::NotApplicable).message(message);
        }
        finding.status(Status::InsufficientData).message(format!(
            "none of {} relations has {min_rows} rows with both values on each side",
            self.frame.ties.len()
        ))
    }

    /// Which pairs are watched, for the reader.
    fn watched(&self) -> Finding {
        let ties = || self.frame.ties.iter().take(LISTED);
        let label = |tie| {
            let pair = self.frame.pair(tie);
            pair.map_or_else(String::new, |(left, right)| {
                format!("{} ~ {}", words::short_name(left), words::short_name(right))
            })
        };
        let distance = |at: usize| {
            let found = self.pairs.iter().find(|pair| pair.tie == at);
            found.map_or(0.0, |pair| pair.shift.effect)
        };
        let evidence = Evidence {
            title: "relations watched: strength in the reference, and share of rows out of step"
                .into(),
            labels: ties().map(label).collect(),
            reference: ties().map(|tie| tie.strength).collect(),
            current: ties().enumerate().map(|(at, _)| distance(at)).collect(),
        };
        let mut message = format!(
            "{} relations of {} columns are watched, chosen by strength in the reference",
            self.frame.ties.len(),
            self.frame.codings.len()
        );
        if self.unmeasured > 0 {
            message.push_str(&format!(
                "; {} of them had too few rows to be judged",
                self.unmeasured
            ));
        }
        if self.frame.left_out > 0 {
            message.push_str(&format!(
                "; {} columns beyond the limit were not looked at",
                self.frame.left_out
            ));
        }
        Finding::supporting("relations-watched/v1", Subject::Dataset)
            .statistic(self.pairs.len() as f64)
            .rows(self.reference.rows, self.current.rows)
            .evidence(evidence)
            .message(message)
    }

    fn coding(&self, at: usize) -> Option<&Coding> {
        self.frame.codings.get(at)
    }

    /// All relations of a column together; those that somebody else left are
    /// not held against it. Parts of a timestamp have metrics of their own.
    fn of_column(&self, at: usize) -> Option<Finding> {
        let coding = self.coding(at)?;
        let alone = self.blame.alone.contains(&at);
        let with_others = self.blame.group.contains(&at);
        let leaves = alone || with_others;
        let own: Vec<&Measured> = (self.pairs.iter())
            .filter(|pair| pair.ends.contains(&at))
            .filter(|pair| match (alone, with_others) {
                (true, _) => true,
                // What fits within the group says nothing of the others.
                (_, true) => self.crosses(pair),
                _ => !self.explained(pair),
            })
            .collect();
        // One relation is spoken of as a pair.
        if own.len() < 2 && !leaves {
            return None;
        }
        let all = together(&own)?;
        let name = words::name(coding);
        let message = if leaves {
            let worst = own
                .iter()
                .max_by(|a, b| a.shift.effect.total_cmp(&b.shift.effect))?;
            let broken = own.iter().filter(|pair| pair.broken()).count();
            let partner = worst
                .ends
                .iter()
                .find(|end| **end != at)
                .and_then(|end| self.coding(*end))?;
            format!(
                "{name} left its partners: {broken} of {} relations broke, most that with {} ({}){}{}",
                own.len(),
                words::name(partner),
                self.how(worst),
                words::clock(coding, partner),
                self.together_with(at),
            )
        } else {
            let lost = words::percent(lost(&self.pairs, at));
            format!(
                "{name}: {} relations to other columns, {lost} of their strength broken",
                own.len()
            )
        };
        let metric = match coding.part {
            Part::Value => format!("relations-of-column/tv-cells{}/v1", self.cells),
            part => format!(
                "relations-of-column/tv-cells{}/{}/v1",
                self.cells,
                part.word()
            ),
        };
        let tail = normal_sf((all.statistic - all.mean) / all.sd);
        Some(
            Finding::measurement(&metric, Subject::Column(coding.name.clone()))
                .statistic(all.statistic)
                .effect((all.statistic - all.mean).max(0.0))
                .noise(all.mean, all.sd)
                .p_value(tail.clamp(0.0, 1.0))
                .rows(all.n[0], all.n[1])
                .message(message),
        )
    }

    fn of_pair(&self, pair: &Measured) -> Option<Finding> {
        let (left, right) = (self.coding(pair.ends[0])?, self.coding(pair.ends[1])?);
        let parts = match (left.part, right.part) {
            (Part::Value, Part::Value) => String::new(),
            (left, right) => format!("/{}-{}", left.word(), right.word()),
        };
        let metric = format!("relation/tv-cells{}{parts}/v1", self.cells);
        let subject = Subject::Pair((left.name.clone(), right.name.clone()));
        let (a, b) = (words::name(left), words::name(right));
        let message = if pair.broken() {
            let clock = words::clock(left, right);
            format!("{a} and {b} are out of step: {}{clock}", self.how(pair))
        } else {
            format!("{a} and {b} hang together as before")
        };
        let finding = if self.explained(pair) {
            Finding::supporting(&metric, subject)
        } else {
            Finding::measurement(&metric, subject)
        };
        let shift = &pair.shift;
        Some(
            finding
                .statistic(shift.statistic)
                .effect(shift.effect)
                .noise(shift.noise.mean, shift.noise.sd)
                .p_value(shift.p_value)
                .rows(shift.n_reference, shift.n_current)
                .message(message),
        )
    }

    /// The change in numbers: rows out of step, and the measure of association
    /// that fits the kinds.
    fn how(&self, pair: &Measured) -> String {
        let share = words::percent(pair.shift.effect);
        let start = format!("{share} of the rows, beyond what each explains by itself");
        let ordered = pair
            .ends
            .iter()
            .all(|end| self.coding(*end).is_some_and(Coding::ordered));
        let side = |profile: &Profile| {
            let table = profile.shaped(self.frame).nth(pair.tie).flatten()?;
            if ordered {
                rank_correlation(table)
            } else {
                cramers_v(table)
            }
        };
        let name = if ordered {
            "rank correlation"
        } else {
            "Cramér's V"
        };
        match (side(self.reference), side(self.current)) {
            (Some(before), Some(now)) => format!("{start}; {name} {before:.2} -> {now:.2}"),
            _ => start,
        }
    }

    /// Whether a pair has one end in the group that left.
    fn crosses(&self, pair: &Measured) -> bool {
        let inside = pair
            .ends
            .iter()
            .filter(|end| self.blame.group.contains(end));
        inside.count() == 1
    }

    /// Whether somebody who left explains why this pair broke.
    fn explained(&self, pair: &Measured) -> bool {
        let left = pair.ends.iter().any(|end| self.blame.alone.contains(end));
        pair.broken() && (left || self.crosses(pair))
    }

    /// The others of the group, in words; nothing for who left alone.
    fn together_with(&self, at: usize) -> String {
        if !self.blame.group.contains(&at) {
            return String::new();
        }
        let others = self.blame.group.iter().filter(|other| **other != at);
        let names: Vec<String> = others
            .filter_map(|other| self.coding(*other))
            .map(words::name)
            .collect();
        format!(
            "; it still fits {}: look for a join that went wrong",
            words::some(&names)
        )
    }
}
