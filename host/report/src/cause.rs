//! What moved an output, in a paragraph: of the findings of the check `cause`
//! and the fingerprints.

use driftguard_verdict::cause::Sameness;
use driftguard_verdict::document::Document;
use driftguard_verdict::{Finding, Level, Role, Status, Subject};

use crate::number;

/// Columns that are named.
const COLUMNS: usize = 3;
/// Columns that explain less than this share are not named.
const LEAST: f64 = 0.05;

/// Its sentences: of the score if it moved, else of another output. None where
/// nothing moved, or the check did not run.
pub(crate) fn sentences(document: &Document) -> Option<Vec<String>> {
    if document.verdict == Level::Pass {
        return None;
    }
    let findings = || document.findings.iter().map(|judged| &judged.finding);
    let is_score = |finding: &Finding| {
        let roles = document.roles.iter();
        let mut scores = roles.filter(|column| column.role == Role::Score);
        scores.any(|column| finding.subject.columns().contains(&column.name.as_str()))
    };
    let mut outputs: Vec<&Finding> = findings()
        .filter(|finding| finding.metric_name() == "unexplained-output")
        .filter(|finding| finding.status == Status::Ok)
        .collect();
    outputs.sort_by_key(|finding| !is_score(finding));
    let mut text = outputs
        .into_iter()
        .find_map(|finding| of_output(finding, findings()))?;
    if let Some(fingerprints) = &document.fingerprints {
        let words = match fingerprints.code {
            Sameness::Same => "The code did not change, by its fingerprints.",
            Sameness::Different => "The code changed, by its fingerprints.",
            Sameness::Unknown => "Whether the code changed is not known.",
        };
        text.push(words.to_owned());
    }
    Some(text)
}

/// One output's sentences, of its own finding and of those that carry its
/// name as the unit of their effect.
fn of_output<'a>(
    output: &Finding,
    findings: impl Iterator<Item = &'a Finding> + Clone,
) -> Option<Vec<String>> {
    let Subject::Column(name) = &output.subject else {
        return None;
    };
    let of = |metric: &'static str| {
        let own = |finding: &&Finding| {
            let unit = finding.unit_effect.as_ref().map(|effect| &effect.unit);
            finding.metric_name() == metric && unit == Some(name)
        };
        let with_share = |finding: &'a Finding| Some((finding.statistic?, finding));
        let mut found: Vec<_> = findings
            .clone()
            .filter(own)
            .filter_map(with_share)
            .collect();
        found.sort_by(|left, right| right.0.abs().total_cmp(&left.0.abs()));
        found
    };
    let columns = of("explained-by-column");
    let named: Vec<String> = columns
        .iter()
        .filter(|(share, _)| share.abs() >= LEAST)
        .take(COLUMNS)
        .filter_map(|(share, finding)| match &finding.subject {
            Subject::Column(column) => Some(format!("`{column}` {}", number::percent(*share))),
            _ => None,
        })
        .collect();
    // The check gives shares only where the output moved.
    if columns.is_empty() {
        return None;
    }
    let mut text = vec![format!("{}.", output.message)];
    if !named.is_empty() {
        text.push(format!(
            "Column by column (columns that go together share the credit): {}.",
            named.join(", ")
        ));
    }
    if let Some((_, segment)) = of("explained-by-segment").first() {
        text.push(format!("Largest segment: {}.", segment.message));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftguard_verdict::document::{Document, JudgedFinding, SideReport};
    use driftguard_verdict::{Nature, Reason, Rules, UnitEffect};

    fn finding(metric: &str, subject: Subject, share: Option<f64>, message: &str) -> JudgedFinding {
        JudgedFinding {
            level: Level::Pass,
            judgement: String::new(),
            finding: Finding {
                check: "cause".into(),
                metric: format!("{metric}/v1"),
                subject,
                nature: Nature::Supporting,
                status: Status::Ok,
                statistic: share,
                effect: 0.0,
                unit_effect: Some(UnitEffect {
                    value: 0.0,
                    unit: "score".into(),
                }),
                interval: None,
                p_value: None,
                noise: None,
                n_reference: 1,
                n_current: 1,
                evidence: vec![],
                message: message.into(),
            },
        }
    }

    fn document(shares: bool) -> Document {
        let column = |name: &str| Subject::Column(name.into());
        let share = |share| shares.then_some(share);
        let side = || SideReport {
            source: "x".into(),
            files: 1,
            rows: 1,
        };
        let by_column = "explained-by-column";
        Document {
            format: String::new(),
            verdict: Level::Alert,
            reason: Reason::InputAndOutputDrift,
            suspects: vec![],
            risks: vec![],
            summary: String::new(),
            guarantee: String::new(),
            calibration: None,
            anchor: None,
            history: None,
            detectable: None,
            fingerprints: None,
            canary: None,
            replay: None,
            reference: side(),
            current: side(),
            suspect_details: vec![],
            findings: vec![
                finding(by_column, column("b"), share(-0.2), "b"),
                finding(by_column, column("a"), share(0.7), "a"),
                finding(by_column, column("c"), share(0.01), "c"),
                finding(
                    "explained-by-segment",
                    Subject::Segment("s".into()),
                    share(0.4),
                    "rows where `a` < 1: 4 % -> 12 %",
                ),
                finding(
                    "unexplained-output",
                    column("score"),
                    Some(0.01),
                    "mean of `score` 0.2 -> 0.3",
                ),
            ],
            failures: vec![],
            roles: vec![],
            plugins: vec![],
            rules: Rules::default(),
            driftguard: String::new(),
            timings: None,
        }
    }

    #[test]
    fn the_strongest_columns_and_segment_are_named() {
        assert_eq!(
            sentences(&document(true))
                .map(|text| text.join(" "))
                .as_deref(),
            Some(
                "mean of `score` 0.2 -> 0.3. Column by column (columns that go together share the credit): `a` 70 %, \
                 `b` -20 %. Largest segment: rows where `a` < 1: 4 % -> 12 %."
            )
        );
    }

    #[test]
    fn where_nothing_moved_nothing_is_said() {
        assert_eq!(sentences(&document(false)), None);
        let mut passed = document(true);
        passed.verdict = Level::Pass;
        assert_eq!(sentences(&passed), None);
    }
}
