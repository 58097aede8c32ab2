//! Scores of a baseline's units against each other, made when it is made or
//! added to, so that a check only compares the current data. By column of the
//! table: what was measured, then one value for each unit.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use driftguard_verdict::calibration::{Score, UnitScores};
use driftguard_verdict::finding::{Noise, Subject};
use serde::{Deserialize, Serialize};

use crate::periods::score::Scored;

/// A unit of the reference that is scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct UnitEntry {
    /// What it is called.
    pub name: String,
    /// The recurring phase that it is compared within.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<u32>,
    /// Rows in it.
    pub rows: u64,
}

/// Something that is measured on units.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MeasureEntry {
    /// The job, by its place.
    pub job: usize,
    /// The check's id.
    pub check: String,
    /// The metric.
    pub metric: String,
    /// What it is about.
    pub subject: Subject,
}

/// One value of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measured {
    statistic: f64,
    effect: f64,
    noise: Option<Noise>,
    rows: [u64; 2],
}

/// The table: for each measurement one value for each unit.
pub(crate) type Table = Vec<Vec<Option<Measured>>>;

/// Scored units as entries and a table. `place` gives the job's place in the
/// baseline.
pub(super) fn table(
    scored: &[Scored],
    place: impl Fn(usize) -> usize,
) -> (Vec<UnitEntry>, Vec<MeasureEntry>, Table) {
    let units = scored.iter().map(|scored| UnitEntry {
        name: scored.unit.name.clone(),
        phase: scored.unit.phase,
        rows: scored.unit.rows,
    });
    let mut rows: BTreeMap<MeasureEntry, Vec<Option<Measured>>> = BTreeMap::new();
    let scored_units = scored.len();
    for (at, scored) in scored.iter().enumerate() {
        for (job, score) in &scored.scores {
            let entry = MeasureEntry {
                job: place(*job),
                check: score.check.clone(),
                metric: score.metric.clone(),
                subject: score.subject.clone(),
            };
            let row = rows
                .entry(entry)
                .or_insert_with(|| vec![None; scored_units]);
            if let Some(value) = row.get_mut(at) {
                *value = Some(Measured {
                    statistic: score.statistic,
                    effect: score.effect,
                    noise: score.noise,
                    rows: [score.n_reference, score.n_current],
                });
            }
        }
    }
    let units = units.collect();
    let (measures, table) = rows.into_iter().unzip();
    (units, measures, table)
}

/// Units with the scores of the jobs that are wanted.
pub(super) fn units(
    units: &[UnitEntry],
    measures: &[MeasureEntry],
    table: &Table,
    wanted: impl Fn(usize) -> bool,
) -> Vec<UnitScores> {
    let unit = |(at, unit): (usize, &UnitEntry)| {
        let rows = measures.iter().zip(table);
        let scores = rows.filter(|(measure, _)| wanted(measure.job));
        let scores = scores.filter_map(|(measure, row)| {
            let value = (*row.get(at)?)?;
            Some(Score {
                check: measure.check.clone(),
                metric: measure.metric.clone(),
                subject: measure.subject.clone(),
                statistic: value.statistic,
                noise: value.noise,
                effect: value.effect,
                n_reference: value.rows[0],
                n_current: value.rows[1],
            })
        });
        UnitScores {
            name: unit.name.clone(),
            phase: unit.phase.map(|phase| phase.to_string()),
            rows: unit.rows,
            scores: scores.collect(),
        }
    };
    units.iter().enumerate().map(unit).collect()
}

/// Writes a table: for each value a byte (0 none, 1 without noise, 2 with),
/// then statistic, effect, mean and sd of the noise, rows of the others and of
/// the unit; 8 bytes each, little endian.
pub(super) fn write(table: &Table, out: &mut impl Write) -> io::Result<()> {
    for value in table.iter().flatten() {
        let Some(value) = value else {
            out.write_all(&[0])?;
            continue;
        };
        out.write_all(&[1 + u8::from(value.noise.is_some())])?;
        let noise = value.noise.map(|noise| [noise.mean, noise.sd]);
        let floats = [value.statistic, value.effect].into_iter();
        for float in floats.chain(noise.into_iter().flatten()) {
            out.write_all(&float.to_le_bytes())?;
        }
        for rows in value.rows {
            out.write_all(&rows.to_le_bytes())?;
        }
    }
    Ok(())
}

/// Reads what [`write`] wrote.
pub(super) fn read(measures: usize, units: usize, from: &mut impl Read) -> io::Result<Table> {
    let mut table = vec![];
    for _ in 0..measures {
        let mut row = vec![];
        for _ in 0..units {
            row.push(value(from)?);
        }
        table.push(row);
    }
    Ok(table)
}

fn value(from: &mut impl Read) -> io::Result<Option<Measured>> {
    let mut kind = [0];
    from.read_exact(&mut kind)?;
    let mut eight = || {
        let mut bytes = [0; 8];
        from.read_exact(&mut bytes).map(|()| bytes)
    };
    let noisy = match kind {
        [0] => return Ok(None),
        [1] => false,
        [2] => true,
        _ => {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a score of an unknown kind",
            ));
        }
    };
    let (statistic, effect) = (f64::from_le_bytes(eight()?), f64::from_le_bytes(eight()?));
    let noise = if noisy {
        let (mean, sd) = (f64::from_le_bytes(eight()?), f64::from_le_bytes(eight()?));
        Some(Noise { mean, sd })
    } else {
        None
    };
    let rows = [u64::from_le_bytes(eight()?), u64::from_le_bytes(eight()?)];
    Ok(Some(Measured {
        statistic,
        effect,
        noise,
        rows,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::periods::units::Unit;

    #[test]
    fn scores_and_back() {
        let score = |statistic: f64, noise| Score {
            check: "c".into(),
            metric: "m".into(),
            subject: Subject::Column("x".into()),
            statistic,
            noise,
            effect: statistic / 2.0,
            n_reference: 9,
            n_current: 3,
        };
        let noise = Some(Noise { mean: 0.1, sd: 0.2 });
        let unit = |name: &str, scores| Scored {
            unit: Unit {
                name: name.into(),
                keys: vec![1],
                phase: Some(4),
                rows: 3,
            },
            scores,
        };
        let scored = vec![
            unit("a", vec![(0, score(0.5, noise)), (1, score(0.25, None))]),
            unit("b", vec![(0, score(0.75, noise))]),
        ];
        let (entries, measures, table) = table(&scored, |job| 7 - job);
        let mut bytes = vec![];
        write(&table, &mut bytes).unwrap();
        let back = read(measures.len(), entries.len(), &mut bytes.as_slice()).unwrap();
        assert_eq!(back, table);
        let wanted = units(&entries, &measures, &back, |job| job == 7);
        assert_eq!(wanted[0].scores, [score(0.5, noise)]);
        assert_eq!(wanted[1].scores, [score(0.75, noise)]);
        let all = units(&entries, &measures, &back, |_| true);
        let expected: Vec<UnitScores> = scored.into_iter().map(UnitScores::from).collect();
        assert_eq!(all[0].scores.len(), 2);
        assert_eq!(all[1], expected[1]);
        bytes.pop();
        assert!(read(measures.len(), 2, &mut bytes.as_slice()).is_err());
    }
}
