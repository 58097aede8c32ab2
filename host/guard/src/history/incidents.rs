//! What a verdict opens, joins or closes.

use driftguard_data::PeriodUnit;
use driftguard_history::{HistoryError, Incident, Record, Writer};
use driftguard_verdict::document::Document;
use driftguard_verdict::history::IncidentReport;
use driftguard_verdict::incident::{Cause, Look, Settings, State, step};

use super::Run;

/// What a new record does to the open incidents of its stream.
pub(super) fn anew(
    run: &Run<'_>,
    writer: &Writer<'_>,
    document: &Document,
    id: i64,
) -> Result<Vec<IncidentReport>, HistoryError> {
    let ordinary =
        |finding: &driftguard_verdict::Finding| run.track.ordinary.contains(&finding.subject);
    let look = Look::new(document, ordinary);
    let open: Vec<Incident> = writer
        .incidents()?
        .into_iter()
        .filter(|incident| incident.model == run.model() && incident.is_open())
        .collect();
    let causes: Vec<(&Cause, u32)> = open
        .iter()
        .map(|incident| (&incident.cause, incident.quiet(run.records)))
        .collect();
    let settings = &run.policy.history.incidents;
    let (states, opens) = step(&causes, &look, settings, document.rules.alert_at);
    for (incident, state) in open.iter().zip(&states) {
        writer.sight(incident.id, id, *state)?;
    }
    if let Some(cause) = look.cause.filter(|_| opens) {
        writer.open_incident(&cause, run.model(), id)?;
    }
    sighted(run, writer, id)
}

/// What the first run did, told again.
pub(super) fn again(
    run: &Run<'_>,
    writer: &Writer<'_>,
    first: &Record,
) -> Result<Vec<IncidentReport>, HistoryError> {
    sighted(run, writer, first.id)
}

/// Incidents that a record had to do with, as they stood after it.
fn sighted(
    run: &Run<'_>,
    writer: &Writer<'_>,
    id: i64,
) -> Result<Vec<IncidentReport>, HistoryError> {
    let records = writer.records()?;
    let incidents = writer.incidents()?.into_iter().filter_map(|mut incident| {
        incident.sightings.retain(|(by, _)| *by <= id);
        let here = incident.sightings.last().is_some_and(|(by, _)| *by == id);
        here.then_some(incident)
    });
    let settings = &run.policy.history.incidents;
    Ok(incidents
        .map(|incident| report(&incident, &records, settings, run.reproducible))
        .collect())
}

/// An incident in the words of a document.
pub(super) fn report(
    incident: &Incident,
    records: &[Record],
    settings: &Settings,
    reproducible: bool,
) -> IncidentReport {
    let periods = incident.periods(records);
    let state = incident.state();
    IncidentReport {
        id: incident.id,
        key: incident.key.clone(),
        state,
        family: incident.cause.family,
        columns: incident.cause.words(),
        since: since(records, incident.opened, reproducible),
        seen: incident.seen(records),
        periods,
        quiet: incident.quiet(records),
        escalate: state != State::Closed && periods > u64::from(settings.escalate_after),
    }
}

/// The period of a record, else when it was made; where equal inputs must give
/// equal bytes, its number.
pub(super) fn since(records: &[Record], id: i64, reproducible: bool) -> String {
    let at = usize::try_from(id - 1).ok();
    let record = at.and_then(|at| records.get(at));
    match record {
        Some(record) if record.period.is_some() => record.period.clone().unwrap_or_default(),
        Some(record) if !reproducible => moment(record.at),
        _ => format!("record {id}"),
    }
}

/// `2013-03-01 07:30`, in UTC.
pub(super) fn moment(micros: i64) -> String {
    const MINUTE: i64 = 60_000_000;
    let day = PeriodUnit::Day;
    let minutes = micros.div_euclid(MINUTE).rem_euclid(24 * 60);
    format!(
        "{} {:02}:{:02}",
        day.name(day.key(micros)),
        minutes / 60,
        minutes % 60
    )
}
