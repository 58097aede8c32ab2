//! Two samples into findings: trained on the first blocks, measured on the next.

use driftguard_distribution::words::{column, number, percent};
use driftguard_sdk::prelude::{Error, Evidence, Finding, Status, Subject};
use driftguard_statistics::auc::area;
use driftguard_statistics::boosted::{Boosted, Limits, Rows};
use driftguard_statistics::special::{normal_quantile, normal_sf};

use crate::frame::Frame;
use crate::profile::{Profile, Row};

/// Contiguous blocks of either side. Each but the first is measured by a
/// classifier that was trained on the blocks before it.
const BLOCKS: usize = 5;
/// Columns that are named.
const NAMED: usize = 3;
/// Columns in the table of importances.
const LISTED: usize = 20;
/// Coverage of the interval.
const LEVEL: f64 = 0.95;
/// The metric.
const METRIC: &str = "auc/boosted-trees/blocks5/v1";

/// What the classifier did on rows it had not seen.
struct Answer {
    /// `2 AUC - 1`, weighted mean over the blocks.
    advantage: f64,
    /// Its standard deviation when both sides have one law.
    sd: f64,
    /// Share of each column in what was learnt.
    importance: Vec<f64>,
}

/// Whether the sides can be told apart.
///
/// # Errors
/// [`Error::State`] for states that rows cannot produce.
pub fn compare(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    min_rows: u64,
    trees: usize,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.validate(frame)?;
    current.validate(frame)?;
    let sides = [reference, current].map(|profile| {
        let mut rows: Vec<&Row> = profile.rows.values().collect();
        rows.sort_by_key(|row| row.position);
        rows
    });
    let [n, m] = sides.each_ref().map(|rows| rows.len() as u64);
    let finding = Finding::measurement(METRIC, Subject::Dataset).rows(n, m);
    let chosen: Vec<usize> = (0..frame.columns.len())
        .filter(|column| {
            let has = |profile: &Profile| profile.present.get(*column).copied().unwrap_or(false);
            has(reference) && has(current)
        })
        .collect();
    if n == 0 || m == 0 || chosen.is_empty() {
        let message = "there are no rows, or no column that both sides have";
        return Ok(vec![finding.status(Status::NotApplicable).message(message)]);
    }
    if n.min(m) < min_rows.max(BLOCKS as u64) {
        let message = format!(
            "{n} reference and {m} current rows, at least {min_rows} are needed on either side"
        );
        return Ok(vec![
            finding.status(Status::InsufficientData).message(message),
        ]);
    }
    let answer = by_blocks(frame, &sides, &chosen, trees);
    let mut findings = vec![measured(finding, frame, &chosen, &answer)];
    findings.extend(named(frame, &chosen, &answer, (n, m)));
    Ok(findings)
}

/// Rows of one side before, and inside, a block.
fn cut<'r>(rows: &[&'r Row], block: usize) -> (Vec<&'r Row>, Vec<&'r Row>) {
    let start = rows.len() * block / BLOCKS;
    let end = rows.len() * (block + 1) / BLOCKS;
    let inside = rows.iter().take(end).skip(start);
    (
        rows.iter().take(start).copied().collect(),
        inside.copied().collect(),
    )
}

/// If nothing changed, a block's area is 1/2 on average whatever was learnt from
/// the blocks before, so that the blocks are uncorrelated and their variances
/// add up. (Leaving out each block in turn is not like that: every pair of
/// blocks then counts twice, and the variance is up to double.)
fn by_blocks(frame: &Frame, sides: &[Vec<&Row>; 2], chosen: &[usize], trees: usize) -> Answer {
    let ordered: Vec<bool> = chosen
        .iter()
        .filter_map(|column| frame.columns.get(*column))
        .map(|column| column.coding.ordered())
        .collect();
    let codes = |row: &Row| -> Vec<u8> {
        let code = |column: &usize| row.codes.get(*column).copied().unwrap_or(0);
        chosen.iter().map(code).collect()
    };
    let limits = Limits {
        trees,
        ..Limits::default()
    };
    let (mut advantage, mut variance) = (0.0, 0.0);
    let mut gains = vec![0.0; chosen.len()];
    let weights: f64 = (1..BLOCKS).map(|block| block as f64).sum();
    for block in 1..BLOCKS {
        // What was learnt from more rows tells more.
        let weight = block as f64 / weights;
        let parts = sides.each_ref().map(|rows| cut(rows, block));
        let mut train: Vec<(Vec<u8>, bool)> = vec![];
        for ((before, _), current) in parts.iter().zip([false, true]) {
            train.extend(before.iter().map(|row| (codes(row), current)));
        }
        let rows: Vec<(&[u8], bool)> = train
            .iter()
            .map(|(codes, current)| (codes.as_slice(), *current))
            .collect();
        let model = Boosted::train(
            &Rows {
                rows: &rows,
                ordered: &ordered,
            },
            &limits,
        );
        let [before, now] = parts.each_ref().map(|(_, inside)| {
            let scores: Vec<f64> = inside.iter().map(|row| model.score(&codes(row))).collect();
            scores
        });
        if let Some(area) = area(&now, &before) {
            advantage += weight * (2.0 * area.auc - 1.0);
            variance += weight * weight * 4.0 * area.null_variance;
        }
        gains
            .iter_mut()
            .zip(model.gains())
            .for_each(|(sum, gain)| *sum += gain);
    }
    let all: f64 = gains.iter().sum();
    if all > 0.0 {
        gains.iter_mut().for_each(|gain| *gain /= all);
    }
    Answer {
        advantage,
        sd: variance.sqrt(),
        importance: gains,
    }
}

/// Columns in falling order of importance.
fn ranked<'f>(frame: &'f Frame, chosen: &[usize], answer: &Answer) -> Vec<(&'f str, f64)> {
    let mut ranked: Vec<(&str, f64)> = chosen
        .iter()
        .zip(&answer.importance)
        .filter(|(_, importance)| **importance > 0.0)
        .filter_map(|(place, importance)| {
            Some((frame.columns.get(*place)?.name.as_str(), *importance))
        })
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    ranked
}

fn measured(finding: Finding, frame: &Frame, chosen: &[usize], answer: &Answer) -> Finding {
    let ranked = ranked(frame, chosen, answer);
    let names: Vec<String> = ranked
        .iter()
        .take(NAMED)
        .map(|(name, _)| column(name))
        .collect();
    let by = if names.is_empty() {
        String::new()
    } else {
        format!(", most by {}", names.join(", "))
    };
    let left_out = match frame.left_out {
        0 => String::new(),
        more => format!(
            "; {more} columns were left out, the first {} are used",
            frame.columns.len()
        ),
    };
    let message = format!(
        "a classifier ranks a current row above a row of the reference in {} of unseen pairs (chance: 50 %){by}{left_out}",
        percent((1.0 + answer.advantage) / 2.0)
    );
    // Scores that are all equal have no spread: one row out of place would be
    // noise.
    let least = 1.0 / (finding.n_reference + finding.n_current).max(1) as f64;
    let sd = answer.sd.max(least);
    let half = -normal_quantile((1.0 - LEVEL) / 2.0).unwrap_or(0.0) * sd;
    let effect = answer.advantage.clamp(0.0, 1.0);
    finding
        .statistic(answer.advantage)
        .effect(effect)
        .noise(0.0, sd)
        .p_value(normal_sf(answer.advantage / sd).clamp(0.0, 1.0))
        .interval((effect - half).max(0.0), (effect + half).min(1.0), LEVEL)
        .evidence(Evidence {
            title: "share of each column in telling the sides apart".into(),
            labels: ranked
                .iter()
                .take(LISTED)
                .map(|(name, _)| (*name).to_owned())
                .collect(),
            reference: vec![0.0; ranked.len().min(LISTED)],
            current: ranked
                .iter()
                .take(LISTED)
                .map(|(_, share)| *share)
                .collect(),
        })
        .message(message)
}

/// The columns that tell most, for reports.
fn named(frame: &Frame, chosen: &[usize], answer: &Answer, (n, m): (u64, u64)) -> Vec<Finding> {
    let tells = answer.advantage.max(0.0);
    ranked(frame, chosen, answer)
        .into_iter()
        .take(NAMED)
        .map(|(name, share)| {
            let message = format!(
                "{}: {} of what tells the sides apart (AUC {})",
                column(name),
                percent(share),
                number((1.0 + answer.advantage) / 2.0)
            );
            Finding::supporting("importance/gain/v1", Subject::Column(name.into()))
                .statistic(share)
                .effect(share * tells)
                .rows(n, m)
                .message(message)
        })
        .collect()
}
