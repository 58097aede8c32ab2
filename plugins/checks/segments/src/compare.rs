//! Two profiles into findings.

use driftguard_distribution::words::{number, percent, percent_pair};
use driftguard_sdk::prelude::{Error, Evidence, Finding, Status, Subject};

use crate::frame::Frame;
use crate::profile::Profile;
use crate::quality::{self, Worse};
use crate::shares::{self, Moved};
use crate::slice::Sampled;
use crate::{Limits, alone};

const SHARE: &str = "slice-share/raking/v1";
const ERRORS: &str = "slice-errors/log-odds/v1";
/// A slice that is less likely than this, after correction, is named.
const NAMED: f64 = 0.01;
/// Errors of slices with this share of the rows count in full, of smaller ones
/// in proportion.
const MATERIAL: f64 = 0.05;
/// As far as a normal number is from 0 on average.
const HALF_NORMAL: f64 = 0.797_884_560_802_865_4;
const HALF_NORMAL_SD: f64 = 0.602_810_274_989_086_9;

/// Findings on slices.
///
/// # Errors
/// [`Error::State`] for profiles that do not fit the frame.
pub fn compare(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    limits: Limits,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    let sides = Sides {
        frame,
        reference: Sampled::of(reference, frame)?,
        current: Sampled::of(current, frame)?,
        limits,
    };
    let (n, m) = (sides.reference.rows as u64, sides.current.rows as u64);
    let base = || Finding::measurement(SHARE, Subject::Dataset).rows(n, m);
    if frame.conditions.len() < 2 {
        let message =
            "Slices of two conditions need two columns with several values; there are fewer.";
        return Ok(vec![base().status(Status::NotApplicable).message(message)]);
    }
    if n.min(m) < limits.min_rows {
        let message = format!(
            "{n} rows of the reference and {m} now, at least {} are needed on each side to tell slices apart.",
            limits.min_rows
        );
        return Ok(vec![
            base().status(Status::InsufficientData).message(message),
        ]);
    }
    let mut findings = sides.shares();
    findings.extend(sides.errors());
    findings.extend(sides.alone());
    findings.push(sides.looked_at());
    Ok(findings)
}

struct Sides<'a> {
    frame: &'a Frame,
    reference: Sampled,
    current: Sampled,
    limits: Limits,
}

impl Sides<'_> {
    fn rows(&self) -> (u64, u64) {
        (self.reference.rows as u64, self.current.rows as u64)
    }

    fn shares(&self) -> Vec<Finding> {
        let (n, m) = self.rows();
        let Limits { support, top, .. } = self.limits;
        let search = shares::search(self.frame, &self.reference, &self.current, support, top);
        let quiet = Finding::measurement(SHARE, Subject::Dataset).rows(n, m);
        let apart: Vec<&str> = search
            .apart
            .iter()
            .filter_map(|at| Some(self.frame.conditions.get(*at)?.name.as_str()))
            .collect();
        let apart = match apart.is_empty() {
            true => String::new(),
            false => format!(
                "; {} moved too far by themselves to be part of one",
                apart.join(", ")
            ),
        };
        if search.too_far {
            let message = "The columns by themselves moved so far that the reference says nothing of slices now.";
            return vec![quiet.status(Status::NotApplicable).message(message)];
        }
        let named: Vec<&Moved> = search
            .found
            .iter()
            .filter(|moved| moved.p_value <= NAMED)
            .collect();
        if named.is_empty() {
            let least = search
                .found
                .iter()
                .map(|moved| moved.p_value)
                .fold(1.0, f64::min);
            let message = format!(
                "No slice grew or shrank by itself ({} looked at{apart}).",
                search.tests
            );
            return vec![quiet.statistic(0.0).p_value(least).message(message)];
        }
        named.into_iter().map(|moved| self.moved(moved)).collect()
    }

    fn moved(&self, moved: &Moved) -> Finding {
        let (n, m) = self.rows();
        let words = moved.slice.words(self.frame);
        let distance = (moved.now - moved.expected).abs();
        let (before, now) = percent_pair(moved.before, moved.now);
        let (expected, _) = percent_pair(moved.expected, moved.now);
        let half = 1.96 * moved.sd;
        Finding::measurement(SHARE, Subject::Segment(words.clone()))
            .statistic(distance)
            .effect((distance - HALF_NORMAL * moved.sd).max(0.0))
            .noise(HALF_NORMAL * moved.sd, HALF_NORMAL_SD * moved.sd)
            .interval((distance - half).max(0.0), (distance + half).min(1.0), 0.95)
            .p_value(moved.p_value)
            .rows(n, m)
            .evidence(Evidence {
                title: "share of the rows".into(),
                labels: vec!["slice".into(), "what its columns make of it".into()],
                reference: vec![moved.before, moved.before],
                current: vec![moved.now, moved.expected],
            })
            .message(format!(
                "{words}: {before} -> {now} of the rows; its columns by themselves make it {expected}"
            ))
    }

    fn errors(&self) -> Vec<Finding> {
        let Limits {
            support,
            top,
            min_rows,
        } = self.limits;
        let judged = (self.reference.judged().1, self.current.judged().1);
        if self.frame.outcome.is_none() || judged.0.min(judged.1) < min_rows {
            return vec![];
        }
        let (found, tests) =
            quality::search(self.frame, &self.reference, &self.current, support, top);
        let named: Vec<&Worse> = found
            .iter()
            .filter(|worse| worse.p_value <= NAMED)
            .collect();
        if named.is_empty() {
            let least = found.iter().map(|worse| worse.p_value).fold(1.0, f64::min);
            let message = format!("No slice got worse or better by itself ({tests} looked at).");
            let quiet = Finding::measurement(ERRORS, Subject::Dataset).rows(judged.0, judged.1);
            return vec![quiet.statistic(0.0).p_value(least).message(message)];
        }
        named.into_iter().map(|worse| self.worse(worse)).collect()
    }

    fn worse(&self, worse: &Worse) -> Finding {
        let words = worse.slice.words(self.frame);
        let accuracy = |rate: driftguard_statistics::disparity::Rate| 1.0 - rate.value();
        let (before, now) = (accuracy(worse.before.group), accuracy(worse.now.group));
        let (rest_before, rest_now) = (accuracy(worse.before.others), accuracy(worse.now.others));
        let slow = worse.factor.sqrt();
        let counts = (worse.share / MATERIAL).min(1.0);
        let change = &worse.change;
        let (n, m) = (worse.before.group.rows, worse.now.group.rows);
        let mean = change.noise.mean * slow;
        Finding::measurement(ERRORS, Subject::Segment(words.clone()))
            .statistic(change.statistic)
            .effect(counts * (change.statistic - mean).max(0.0))
            .unit_effect(now - before, "accuracy")
            .noise(mean, change.noise.sd * slow)
            .p_value(worse.p_value)
            .rows(n, m)
            .evidence(Evidence {
                title: "share of right decisions".into(),
                labels: vec!["slice".into(), "all others".into()],
                reference: vec![before, rest_before],
                current: vec![now, rest_now],
            })
            .message(format!(
                "{words}: accuracy {} -> {}, {} -> {} in all others; it is {} of the rows",
                number(before),
                number(now),
                number(rest_before),
                number(rest_now),
                percent(worse.share)
            ))
    }

    fn alone(&self) -> Option<Finding> {
        let found = alone::find(self.frame, &self.reference, &self.current)?;
        let (n, m) = self.rows();
        let words = self.frame.words(found.condition, found.cell);
        let (before, now) = percent_pair(found.before, found.now);
        let others = match found.others {
            1 => "one other".to_owned(),
            others => format!("{others} others"),
        };
        let message = format!(
            "{words}: {before} -> {now} of the rows; this column alone accounts for {} of what {others} moved",
            percent(found.accounts)
        );
        Some(
            Finding::supporting("one-column-accounts/raking/v1", Subject::Segment(words))
                .statistic(found.accounts)
                .rows(n, m)
                .message(message),
        )
    }

    fn looked_at(&self) -> Finding {
        let Self {
            frame,
            limits,
            reference,
            current,
        } = self;
        let left_out = match frame.left_out {
            0 => String::new(),
            columns => format!("; {columns} more columns are not looked at"),
        };
        let (n, m) = self.rows();
        Finding::supporting("slices-looked-at/v1", Subject::Dataset).rows(n, m).message(format!(
            "Slices of {} columns with at least {} of the rows, in {n} of {} and {m} of {} rows{left_out}",
            frame.conditions.len(),
            percent(limits.support),
            reference.seen,
            current.seen
        ))
    }
}
