//! A verdict in the light of those before it: recorded, ranked over time, and
//! put down to an incident.
//!
//! - `drift`: what the detector of slow drift makes of the records.
//! - `incidents`: what the verdict opens, joins or closes.
//! - `overview`: what `driftguard history` tells.

mod drift;
mod incidents;
mod overview;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use driftguard_history::{History, HistoryError, Record, Writer};
use driftguard_verdict::document::Document;
use driftguard_verdict::history::{Alarm, HistoryReport};
use driftguard_verdict::sequential::Looked;
use driftguard_verdict::{Level, Reason};

use crate::policy::Policy;
use crate::track::{Outcome, Track, digest_of};

pub use driftguard_history::HistoryError as Error;
pub use overview::overview;

/// Appends a verdict to the history and returns the document with what the
/// history adds. When this returns, the record is safe.
///
/// # Errors
/// If it could not be recorded; then nothing of it is in the file, and the
/// verdict must not be used.
pub fn record(
    outcome: Outcome,
    policy: &Policy,
    file: &Path,
    reproducible: bool,
) -> Result<Document, HistoryError> {
    let Outcome { document, track } = outcome;
    let mut history = History::open(file)?;
    let writer = history.begin()?;
    let records = writer.records()?;
    let key = Key {
        document: digest_of(&stripped(&document)),
        baseline: track.baseline.clone(),
        anchor: track.anchor.clone(),
    };
    let run = Run {
        policy,
        track: &track,
        key: &key,
        records: &records,
        reproducible,
    };
    let (document, report) = match run.repeated() {
        Some(first) => run.again(&writer, first, document)?,
        None => run.anew(&writer, document)?,
    };
    writer.commit()?;
    Ok(Document {
        history: Some(HistoryReport {
            file: file.display().to_string(),
            ..report
        }),
        ..document
    })
}

/// What tells whether two runs are the same, and what stream they belong to.
struct Key {
    document: String,
    baseline: Option<String>,
    anchor: Option<String>,
}

/// A run with everything before it.
struct Run<'a> {
    policy: &'a Policy,
    track: &'a Track,
    key: &'a Key,
    records: &'a [Record],
    reproducible: bool,
}

impl Run<'_> {
    fn model(&self) -> &str {
        &self.policy.history.model
    }

    /// The first record of a run that was the same in everything.
    fn repeated(&self) -> Option<&Record> {
        self.records.iter().find(|record| {
            record.repeats.is_none()
                && record.model == self.model()
                && record.policy == self.track.policy
                && record.data == self.track.data
                && record.document == self.key.document
                && record.baseline == self.key.baseline
        })
    }

    /// A run that was not there before.
    fn anew(
        &self,
        writer: &Writer<'_>,
        document: Document,
    ) -> Result<(Document, HistoryReport), HistoryError> {
        let (found, detector) = drift::looked(self, &document).unzip();
        let document = drift::applied(document, detector.as_ref(), self.track);
        let alarm = detector.as_ref().map_or(Alarm::None, |found| found.alarm);
        let record = self.record(&document, (found, alarm), None);
        let id = writer.append(&record)?;
        let incidents = incidents::anew(self, writer, &document, id)?;
        let report = HistoryReport {
            file: String::new(),
            model: self.model().to_owned(),
            record: id,
            period: self.track.period.clone(),
            repeats: None,
            detector,
            incidents,
        };
        Ok((document, report))
    }

    /// The same run again: it says what it said, and counts no second time.
    fn again(
        &self,
        writer: &Writer<'_>,
        first: &Record,
        document: Document,
    ) -> Result<(Document, HistoryReport), HistoryError> {
        let (found, detector) = drift::repeated(self, first, &document).unzip();
        let document = drift::applied(document, detector.as_ref(), self.track);
        let alarm = detector.as_ref().map_or(Alarm::None, |found| found.alarm);
        let record = self.record(&document, (found, alarm), Some(first.id));
        let id = writer.append(&record)?;
        let report = HistoryReport {
            file: String::new(),
            model: self.model().to_owned(),
            record: id,
            period: self.track.period.clone(),
            repeats: Some(first.id),
            detector,
            incidents: incidents::again(self, writer, first)?,
        };
        Ok((document, report))
    }

    fn record(
        &self,
        document: &Document,
        (found, alarm): (Option<Looked>, Alarm),
        repeats: Option<i64>,
    ) -> Record {
        let suspects = document.suspect_details.iter();
        let largest = suspects.map(|suspect| suspect.effect).reduce(f64::max);
        let findings = || document.findings.iter().map(|judged| judged.finding.effect);
        // What is known to be broken, or was an alarm, is no example of how
        // ordinary periods differ.
        let broken = matches!(document.reason, Reason::DataQuality | Reason::CheckFailed);
        Record {
            id: 0,
            at: now(),
            model: self.model().to_owned(),
            policy: self.track.policy.clone(),
            data: self.track.data.clone(),
            document: self.key.document.clone(),
            baseline: self.key.baseline.clone(),
            anchor: self.key.anchor.clone(),
            period: self.track.period.clone(),
            driftguard: env!("CARGO_PKG_VERSION").to_owned(),
            rows: document.current.rows,
            level: document.verdict,
            reason: document.reason,
            suspects: document.suspects.clone(),
            effect: largest.or_else(|| findings().reduce(f64::max)),
            p: document.calibration.as_ref().map(|found| found.p_value),
            scores: self.track.ranked.as_ref().map(|ranked| ranked.beside.own),
            place: found.as_ref().map(|found| found.place),
            columns: found.map(|found| found.columns).unwrap_or_default(),
            pooled: !broken && alarm == Alarm::None && document.verdict != Level::Error,
            alarm,
            repeats,
        }
    }
}

/// The document without what may differ between runs on the same inputs.
fn stripped(document: &Document) -> serde_json::Value {
    let mut document = document.clone();
    document.timings = None;
    document.history = None;
    document.reference.source.clear();
    document.current.source.clear();
    for plugin in &mut document.plugins {
        plugin.seconds = None;
        plugin.fuel = None;
    }
    // A document of numbers and texts always serialises; a failure would only
    // count a repeated run twice.
    serde_json::to_value(&document).unwrap_or_default()
}

/// Microseconds since 1970; a clock before that is taken for 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = since.map_or(0, |since| since.as_micros());
    i64::try_from(micros).unwrap_or(i64::MAX)
}
