//! Two profiles into findings.

use driftguard_sdk::prelude::{Finding, Status, Subject};
use driftguard_statistics::{DistinctSample, rates};

use crate::profile::{Frame, Profile};
use crate::words::percent;

/// Coverage of the intervals.
const LEVEL: f64 = 0.95;

/// Repeats of rows and of ids, reference against current.
pub fn compare(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    min_rows: u64,
) -> Vec<Finding> {
    let mut findings = vec![rows(reference, current, min_rows)];
    for (name, (before, now)) in frame.ids.iter().zip(reference.ids.iter().zip(&current.ids)) {
        let question = Question {
            metric: "repeated-ids/v1",
            subject: Subject::Column(name.clone()),
            prefix: format!("`{name}`: "),
            what: "value",
        };
        findings.push(question.answer(before, now, min_rows));
    }
    findings
}

fn rows(reference: &Profile, current: &Profile, min_rows: u64) -> Finding {
    let question = Question {
        metric: "repeated-rows/v1",
        subject: Subject::Dataset,
        prefix: String::new(),
        what: "row",
    };
    let both = reference.rows.rows() > 0 && current.rows.rows() > 0;
    if both && reference.columns != current.columns {
        let message = "a column of the reference is gone, so that equal rows mean something else; see `schema`";
        return question.cannot(
            Status::NotApplicable,
            &reference.rows,
            &current.rows,
            message.into(),
        );
    }
    question.answer(&reference.rows, &current.rows, min_rows)
}

/// What may repeat.
struct Question {
    metric: &'static str,
    subject: Subject,
    /// Stands before every message.
    prefix: String,
    /// What repeats, in singular.
    what: &'static str,
}

impl Question {
    fn cannot(
        &self,
        status: Status,
        before: &DistinctSample,
        now: &DistinctSample,
        message: String,
    ) -> Finding {
        Finding::measurement(self.metric, self.subject.clone())
            .status(status)
            .rows(before.rows(), now.rows())
            .message(format!("{}{message}", self.prefix))
    }

    fn answer(&self, before: &DistinctSample, now: &DistinctSample, min_rows: u64) -> Finding {
        let (n, m, what) = (before.rows(), now.rows(), self.what);
        if n == 0 || m == 0 {
            let message = format!("there is no {what} on one side");
            return self.cannot(Status::NotApplicable, before, now, message);
        }
        if n.min(m) < min_rows {
            let message = format!(
                "{n} reference and {m} current {what}s, at least {min_rows} are needed on either side"
            );
            return self.cannot(Status::InsufficientData, before, now, message);
        }
        let shares = (
            before.repeated_share(n.min(m)),
            now.repeated_share(n.min(m)),
        );
        match shares {
            (Some(p), Some(q)) if p > 0.0 || q > 0.0 => self.measured(before, now, p, q),
            // Nothing to measure: leave the correction for many tests alone.
            _ => Finding::supporting(self.metric, self.subject.clone())
                .statistic(0.0)
                .rows(n, m)
                .message(format!(
                    "{}no {what} repeats an earlier one on either side",
                    self.prefix
                )),
        }
    }

    fn measured(&self, before: &DistinctSample, now: &DistinctSample, p: f64, q: f64) -> Finding {
        let (n, m) = (before.effective_rows(), now.effective_rows());
        let hits = |share: f64, rows: u64| ((share * rows as f64).round() as u64).min(rows);
        let (a, b) = (hits(p, n), hits(q, m));
        // Fewer repeats than usual are no harm.
        let increase = (q - p).max(0.0);
        let mut finding = Finding::measurement(self.metric, self.subject.clone())
            .statistic(increase)
            .effect(increase)
            .rows(before.rows(), now.rows())
            .message(self.message(before, now, p, q));
        if let Some(noise) = rates::noise(a, n, b, m) {
            finding = finding
                .effect(noise.corrected(increase))
                .noise(noise.mean, noise.sd);
        }
        if let Some(test) = rates::compare(a, n, b, m) {
            finding = finding.p_value(test.p_value);
        }
        if let Some(interval) = rates::difference_interval(a, n, b, m, LEVEL) {
            let effect = finding.effect;
            finding = finding.interval(
                interval.low.clamp(0.0, effect),
                interval.high.max(effect).min(1.0),
                LEVEL,
            );
        }
        finding
    }

    fn message(&self, before: &DistinctSample, now: &DistinctSample, p: f64, q: f64) -> String {
        let Self { prefix, what, .. } = self;
        let (n, m) = (before.rows(), now.rows());
        let scaled = if n == m {
            String::new()
        } else {
            format!(" (both at {} {what}s)", n.min(m))
        };
        format!(
            "{prefix}{} of the {what}s are repeats of earlier {what}s, {} in the reference{scaled}",
            percent(q),
            percent(p)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::KEPT;
    use driftguard_sdk::prelude::Nature;
    use driftguard_statistics::value_hash;

    /// Spreads small numbers over all hashes.
    fn hash(i: u64) -> u64 {
        value_hash(&i.to_string())
    }

    fn profile(rows: impl IntoIterator<Item = u64>) -> Profile {
        let hashes: Vec<u64> = rows.into_iter().map(hash).collect();
        let mut rows = DistinctSample::new(KEPT);
        rows.insert_all(&hashes);
        Profile {
            columns: vec!["a".into()],
            rows,
            ids: vec![],
        }
    }

    fn run(reference: &Profile, current: &Profile) -> Finding {
        let mut findings = compare(&Frame::default(), reference, current, 50);
        assert_eq!(findings.len(), 1);
        findings.remove(0)
    }

    #[test]
    fn a_batch_that_came_twice_fires() {
        let before = profile((0..1_000).map(|i| i.max(1)));
        let twice = profile((0..1_000).map(|i| if i < 714 { i } else { i - 500 }));
        let finding = run(&before, &twice);
        assert_eq!(
            finding.message,
            "28.6 % of the rows are repeats of earlier rows, 0.1 % in the reference"
        );
        assert!(finding.effect > 0.25 && finding.p_value.unwrap() < 1e-20);
        assert_eq!((finding.n_reference, finding.n_current), (1_000, 1_000));
        let fewer = run(&twice, &before);
        assert_eq!(fewer.effect, 0.0);
    }

    #[test]
    fn a_larger_side_repeats_more_and_that_is_no_change() {
        // 500 kinds of rows: nearly all of 50,000 rows repeat, not of 500.
        let law = |seed: u64, n: u64| profile((0..n).map(move |i| hash(seed + i) % 500));
        let (large, small) = (law(0, 50_000), law(1_000_000, 500));
        for (reference, current) in [(&large, &small), (&small, &large)] {
            let finding = run(reference, current);
            assert!(finding.effect < 0.03, "{}", finding.message);
            assert!(finding.p_value.unwrap() > 0.01, "{}", finding.message);
            assert!(
                finding.message.ends_with("(both at 500 rows)"),
                "{}",
                finding.message
            );
        }
    }

    #[test]
    fn repeats_beyond_what_is_kept() {
        let before = profile(0..30_000);
        let now = profile((0..30_000).map(|i| if i < 21_000 { i } else { i - 15_000 }));
        let finding = run(&before, &now);
        assert!((finding.statistic.unwrap() - 0.3).abs() < 0.02);
        assert!(finding.p_value.unwrap() < 1e-20);
    }

    #[test]
    fn degenerate_sides() {
        let (none, one, many) = (profile([]), profile([1]), profile(0..100));
        for (reference, current, status) in [
            (&none, &none, Status::NotApplicable),
            (&many, &none, Status::NotApplicable),
            (&many, &one, Status::InsufficientData),
            (&one, &many, Status::InsufficientData),
        ] {
            let finding = run(reference, current);
            assert_eq!((finding.status, finding.effect), (status, 0.0));
        }
        let unique = run(&many, &many);
        assert_eq!(unique.nature, Nature::Supporting);
        assert_eq!(
            unique.message,
            "no row repeats an earlier one on either side"
        );
        let constant = profile(std::iter::repeat_n(7, 100));
        assert_eq!(run(&constant, &constant).effect, 0.0);
        assert!(run(&many, &constant).effect > 0.9);
        let mut narrower = profile(std::iter::repeat_n(7, 100));
        narrower.columns.clear();
        assert_eq!(run(&many, &narrower).status, Status::NotApplicable);
    }

    #[test]
    fn ids_have_findings_of_their_own() {
        let frame = Frame {
            columns: vec!["key".into()],
            ids: vec!["key".into()],
        };
        let with = |ids: Vec<u64>| Profile {
            ids: vec![profile(ids).rows],
            ..profile(0..100)
        };
        let findings = compare(
            &frame,
            &with((0..100).collect()),
            &with((0..100).map(|i| i / 2).collect()),
            50,
        );
        assert_eq!(findings[1].subject, Subject::Column("key".into()));
        assert_eq!(
            findings[1].message,
            "`key`: 50 % of the values are repeats of earlier values, 0 % in the reference"
        );
        assert!(findings[1].effect > 0.4 && findings[1].p_value.unwrap() < 1e-6);
    }
}
