//! What change detectors say of the same blocks, one after the other.

use driftguard_distribution::words::column;
use driftguard_sdk::prelude::{Finding, Subject};
use driftguard_statistics::adwin::Adwin;
use driftguard_statistics::kswin::{self, Kswin};
use driftguard_statistics::page_hinkley::{self, PageHinkley};

use crate::column::{Column, Found};
use crate::place::Odd;

const METRIC: &str = "change-detectors/adwin-page-hinkley-kswin/v1";
/// ADWIN's chance of a false cut.
const DELTA: f64 = 0.002;
/// Page-Hinkley, in standard deviations of a block: moves up to the first are
/// tolerated, a sum of the second signals.
const PAGE_HINKLEY: page_hinkley::Limits = page_hinkley::Limits {
    least: 8,
    delta: 1.0,
    threshold: 8.0,
    alpha: 1.0,
};
const KSWIN: kswin::Limits = kswin::Limits {
    alpha: 0.0001,
    window: 40,
    newest: 20,
};
/// Blocks before the change in which a signal still counts as of it.
const EARLY: usize = 2;

/// The first signal of each detector from the change on.
pub(crate) fn finding(column_: &Column<'_>, found: &Found, odd: Odd) -> Finding {
    let (hits, rows) = column_.current.signal(found.signal);
    let rates: Vec<f64> = hits
        .iter()
        .zip(&rows)
        .map(|(x, n)| *x as f64 / (*n).max(1) as f64)
        .collect();
    let scale = |n: &u64| (found.variance * found.spread.factor / (*n).max(1) as f64).sqrt();
    let scales = rates.iter().zip(&rows);
    let standardised: Vec<f64> = scales
        .map(|(rate, n)| (rate - found.change.rate) / scale(n).max(1e-12))
        .collect();
    let from = odd.boundary().saturating_sub(EARLY);
    let first =
        |signals: Vec<bool>| (from..signals.len()).find(|block| signals.get(*block) == Some(&true));
    let mut adwin = Adwin::new(DELTA, 1);
    let mut page_hinkley = PageHinkley::new(PAGE_HINKLEY);
    let mut kswin = Kswin::new(KSWIN);
    let signals = [
        (
            "ADWIN",
            first(rates.iter().map(|rate| adwin.update(*rate)).collect()),
        ),
        (
            "Page-Hinkley",
            first(
                standardised
                    .iter()
                    .map(|z| page_hinkley.update(*z))
                    .collect(),
            ),
        ),
        (
            "KSWIN",
            first(rates.iter().map(|rate| kswin.update(*rate)).collect()),
        ),
    ];
    let row = |block: usize| {
        column_
            .current
            .first
            .get(block)
            .map_or(0, |first| first + 1)
    };
    let words = signals.map(|(name, signal)| match signal {
        Some(block) => format!("{name} at row {}", row(block)),
        None => format!("{name} not at all"),
    });
    let name = &column_.coding.name;
    let seen = signals
        .iter()
        .filter(|(_, signal)| signal.is_some())
        .count();
    Finding::supporting(METRIC, Subject::Column(name.clone()))
        .statistic(seen as f64)
        .rows(column_.reference.rows(), column_.current.rows())
        .message(format!(
            "{}: reading block by block, the change is signalled by {}",
            column(name),
            words.join(", ")
        ))
}
