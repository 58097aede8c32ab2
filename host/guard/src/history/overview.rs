//! What `driftguard history` tells.

use std::collections::BTreeMap;
use std::path::Path;

use driftguard_history::{History, HistoryError, Record, View};
use driftguard_verdict::history::{Entry, HISTORY_FORMAT, IncidentEntry, Overview};
use driftguard_verdict::incident::State;
use driftguard_verdict::sequential::{Past, Step, trace};

use super::incidents::{moment, report};
use crate::policy::HistoryPolicy;

/// Reads a history; sums are worked out from the records.
///
/// # Errors
/// A file that cannot be read, is none of ours, or is not whole.
pub fn overview(file: &Path, policy: &HistoryPolicy) -> Result<Overview, HistoryError> {
    let View { records, incidents } = History::read(file)?.view()?;
    let sums = sums(&records);
    let mut by_record: BTreeMap<i64, Vec<(i64, State)>> = BTreeMap::new();
    for incident in &incidents {
        for (by, state) in &incident.sightings {
            by_record
                .entry(*by)
                .or_default()
                .push((incident.id, *state));
        }
    }
    let incidents = incidents.iter().map(|incident| {
        let report = report(incident, &records, &policy.incidents, false);
        IncidentEntry {
            model: incident.model.clone(),
            open: incident.is_open(),
            words: report.standing(),
            report,
        }
    });
    Ok(Overview {
        format: HISTORY_FORMAT.to_owned(),
        alarm_at: f64::from(policy.alarm_after),
        incidents: incidents.collect(),
        records: records
            .iter()
            .map(|record| entry(record, sums.get(&record.id), by_record.remove(&record.id)))
            .collect(),
    })
}

/// A model and the anchor that it is compared with.
type Stream<'a> = (&'a str, Option<&'a str>);

/// By record the sums after it, stream by stream.
fn sums(records: &[Record]) -> BTreeMap<i64, Step> {
    let mut streams: BTreeMap<Stream<'_>, Vec<(i64, Past)>> = BTreeMap::new();
    for record in records {
        if let Some(past) = record.past() {
            let stream = (record.model.as_str(), record.anchor.as_deref());
            streams.entry(stream).or_default().push((record.id, past));
        }
    }
    let mut sums = BTreeMap::new();
    for stream in streams.into_values() {
        let (ids, past): (Vec<i64>, Vec<Past>) = stream.into_iter().unzip();
        let steps = ids.into_iter().zip(trace(&past));
        sums.extend(steps.filter_map(|(id, steps)| Some((id, steps?.all()))));
    }
    sums
}

fn entry(record: &Record, sums: Option<&Step>, incidents: Option<Vec<(i64, State)>>) -> Entry {
    Entry {
        id: record.id,
        at: moment(record.at),
        model: record.model.clone(),
        period: record.period.clone(),
        rows: record.rows,
        verdict: record.level,
        reason: record.reason,
        suspects: record.suspects.clone(),
        effect: record.effect,
        p: record.p,
        rank: record.place.map(|place| (place.rank, place.among)),
        growing: sums.map(|step| step.growing),
        anchored: sums.map(|step| step.anchored),
        alarm: record.alarm,
        repeats: record.repeats,
        incidents: incidents.unwrap_or_default(),
        policy: record.policy.clone(),
        data: record.data.clone(),
        document: record.document.clone(),
        baseline: record.baseline.clone(),
        anchor: record.anchor.clone(),
    }
}
