//! What the detector of slow drift makes of the records.

use driftguard_history::Record;
use driftguard_verdict::document::Document;
use driftguard_verdict::finding::{Nature, Status};
use driftguard_verdict::history::{Alarm, DetectorReport};
use driftguard_verdict::sequential::{Looked, Past, Unit, look, trace};
use driftguard_verdict::{Finding, Level, Reason, Severity, Suspect};

use super::Run;
use crate::track::{Ranked, Track, name};

/// Suspects of slow drift that are named.
const NAMED: usize = 3;

/// The place of this run among those before it, and what the detector says;
/// none without a baseline to rank against.
pub(super) fn looked(run: &Run<'_>, document: &Document) -> Option<(Looked, DetectorReport)> {
    let ranked = run.track.ranked.as_ref()?;
    let past = past(run, ranked, i64::MAX);
    let unit = match &run.track.period {
        Some(name) => Unit::Named(name.clone()),
        None => Unit::Data(run.track.data.clone()),
    };
    // However sure a rank is, what is small does not matter.
    let moved = heeded(run, document);
    let mut beside = ranked.beside.clone();
    for (name, column) in &mut beside.columns {
        column.moved = moved.iter().any(|suspect| suspect.name == *name);
    }
    let found = look(&past, &beside, &ranked.anchor, &unit);
    let alarm_at = alarm_at(run);
    let told = match moved.is_empty() {
        true => (Alarm::None, false),
        false => (Alarm::of(&found.steps.all(), alarm_at), true),
    };
    let report = DetectorReport::new(&found.place, &found.steps, alarm_at, told);
    Some((found, report))
}

/// What a run was told when it ran for the first time.
pub(super) fn repeated(
    run: &Run<'_>,
    first: &Record,
    document: &Document,
) -> Option<(Looked, DetectorReport)> {
    let ranked = run.track.ranked.as_ref()?;
    let place = first.place?;
    let steps = trace(&past(run, ranked, first.id));
    let steps = steps.last().cloned().flatten().unwrap_or_default();
    let told = (first.alarm, !heeded(run, document).is_empty());
    let report = DetectorReport::new(&place, &steps, alarm_at(run), told);
    let found = Looked {
        place,
        columns: first.columns.clone(),
        steps,
    };
    Some((found, report))
}

fn alarm_at(run: &Run<'_>) -> f64 {
    f64::from(run.policy.history.alarm_after)
}

/// Records of this stream on this anchor, up to one of them. What was accepted
/// into the baseline since is in its pool and not a second time in this one.
fn past(run: &Run<'_>, ranked: &Ranked, up_to: i64) -> Vec<Past> {
    let records = run.records.iter().filter(|record| {
        record.id <= up_to && record.model == run.model() && record.anchor == run.key.anchor
    });
    records
        .filter_map(|record| {
            let past = record.past()?;
            let name = record.period.as_ref().unwrap_or(&record.data);
            let twice = ranked.accepted.contains(name) || ranked.accepted.contains(&record.data);
            Some(Past {
                scores: past.scores.filter(|_| !twice),
                ..past
            })
        })
        .collect()
}

/// [`suspects`] by checks that the policy heeds.
fn heeded(run: &Run<'_>, document: &Document) -> Vec<Suspect> {
    suspects(run.track, document, |check| {
        run.policy.severity(check) != Severity::Ignore
    })
}

/// What moved by at least what alerts, the farthest out first.
fn suspects(track: &Track, document: &Document, heeds: impl Fn(&str) -> bool) -> Vec<Suspect> {
    let counts = |finding: &Finding| {
        finding.nature == Nature::Measurement
            && finding.status == Status::Ok
            && finding.effect >= document.rules.alert_at
            && heeds(&finding.check)
    };
    let mut suspects = vec![];
    for subject in &track.outlying {
        let of_subject = document.findings.iter().enumerate();
        let mut findings: Vec<(usize, &Finding)> = of_subject
            .map(|(at, judged)| (at, &judged.finding))
            .filter(|(_, finding)| finding.subject == *subject && counts(finding))
            .collect();
        findings.sort_by(|left, right| right.1.effect.total_cmp(&left.1.effect));
        let Some((_, strongest)) = findings.first() else {
            continue;
        };
        suspects.push(Suspect {
            name: name(subject),
            level: Level::Alert,
            effect: strongest.effect.min(1.0),
            because: strongest.message.clone(),
            findings: findings.iter().map(|(at, _)| *at).collect(),
        });
    }
    suspects
}

/// The document with an alarm: a pass, and what one period is too small to
/// tell, becomes an alert; what alerts or blocks by itself keeps its reason.
pub(super) fn applied(
    document: Document,
    detector: Option<&DetectorReport>,
    track: &Track,
) -> Document {
    let Some(detector) = detector else {
        return document;
    };
    let alarm = detector.alarm;
    let among = match alarm {
        Alarm::None => return document,
        Alarm::Growing => "those before them",
        Alarm::Anchor => "those that the baseline was created with",
        Alarm::Both => "those before them, and those that the baseline was created with",
    };
    let undecided = document.verdict == Level::Pass || document.reason == Reason::CannotTell;
    if !undecided {
        return document;
    }
    let mut suspects = suspects(track, &document, |_| true);
    // What adds up by itself is named before what is far out today.
    let leads = |suspect: &Suspect| {
        let own = detector
            .columns
            .iter()
            .find(|own| own.column == suspect.name);
        own.is_some_and(|own| own.largest() >= detector.alarm_at)
    };
    suspects.sort_by_key(|suspect| !leads(suspect));
    suspects.truncate(NAMED);
    let names: Vec<String> = suspects
        .iter()
        .map(|suspect| suspect.name.clone())
        .collect();
    Document {
        verdict: Level::Alert,
        reason: Reason::SlowDrift,
        summary: format!(
            "No period was odd by itself, but too many of late lie far out among {among}; look first at {}.",
            names.join(", ")
        ),
        suspects: names,
        suspect_details: suspects,
        ..document
    }
}
