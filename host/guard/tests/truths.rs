//! The six ground truths with the model: f = sigma(2 x0 + x1 x2), 6,000 rows a
//! side, x4 a copy of x0 with correlation .9, x3 and x5 irrelevant; the new code
//! adds .3 where x1 > .5.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use arrow_ipc::writer::FileWriter;
use driftguard_data::{OpenOptions, Source};
use driftguard_guard::policy::Policy;
use driftguard_guard::{ReplayRequest, Sides, replay_models};
use driftguard_model::{Answer, Answers, Model, ModelError, Values};
use driftguard_verdict::Reason;
use driftguard_verdict::replay::{ColumnsReport, MetricSplit, ReplayDocument};

const ROWS: usize = 6_000;

/// SplitMix64; normal deviates by Box and Muller.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

#[derive(Clone, Copy, Default)]
struct Shift {
    x0: f64,
    x3: f64,
    correlation: f64,
}

fn data(seed: u64, shift: Shift) -> RecordBatch {
    let mut random = Random(seed << 32);
    let mut columns = vec![Vec::new(); 6];
    for _ in 0..ROWS {
        let mut x = [(); 6].map(|()| random.normal());
        x[4] = 0.9 * x[0] + (1.0_f64 - 0.81).sqrt() * x[4];
        let c = shift.correlation;
        x[2] = c * x[1] + (1.0 - c * c).sqrt() * x[2];
        x[0] += shift.x0;
        x[4] += 0.9 * shift.x0;
        x[3] += shift.x3;
        columns
            .iter_mut()
            .zip(x)
            .for_each(|(column, x)| column.push(x));
    }
    let named = columns.into_iter().enumerate();
    let named = named.map(|(at, values)| {
        (
            format!("x{at}"),
            Arc::new(Float64Array::from(values)) as ArrayRef,
        )
    });
    RecordBatch::try_from_iter(named).unwrap()
}

fn source(folder: &Path, name: &str, batch: &RecordBatch) -> Source {
    let path = folder.join(name);
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = FileWriter::try_new(file, &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    Source::open(&[path.display().to_string()], &OpenOptions::default()).unwrap()
}

/// A function of x0 ... x5 as a model.
struct Closure(fn(&[f64; 6]) -> f64);

impl Model for Closure {
    fn name(&self) -> String {
        "closure".into()
    }

    fn answer(&self, batches: &[RecordBatch]) -> Result<Answers, ModelError> {
        let mut values = vec![];
        for batch in batches {
            let x = [0, 1, 2, 3, 4, 5].map(|at| {
                let column = batch.column_by_name(&format!("x{at}")).unwrap();
                column.as_primitive::<Float64Type>().values()
            });
            values.extend((0..batch.num_rows()).map(|row| (self.0)(&x.map(|column| column[row]))));
        }
        Ok(Answers {
            usual: None,
            model: self.name(),
            columns: vec![Answer {
                name: "score".into(),
                values: Values::Numbers(values),
            }],
        })
    }
}

fn old(x: &[f64; 6]) -> f64 {
    1.0 / (1.0 + (-(2.0 * x[0] + x[1] * x[2])).exp())
}

fn new(x: &[f64; 6]) -> f64 {
    (old(x) + if x[1] > 0.5 { 0.3 } else { 0.0 }).min(1.0)
}

fn replayed(seed: u64, shift: Shift, code_changed: bool) -> ReplayDocument {
    let folder = tempfile::tempdir().unwrap();
    let sides = Sides {
        reference: source(
            folder.path(),
            "old.arrow",
            &data(2 * seed, Shift::default()),
        ),
        current: source(folder.path(), "new.arrow", &data(2 * seed + 1, shift)),
    };
    let (old, new) = (Closure(old), Closure(if code_changed { new } else { old }));
    let request = ReplayRequest {
        // x0 with x4, x1, x2, x3, x5 and the model.
        factors: 6,
        ..ReplayRequest::default()
    };
    replay_models(&Policy::default(), Some(&sides), &request, &new, Some(&old)).unwrap()
}

fn parts(document: &ReplayDocument) -> (&MetricSplit, &ColumnsReport) {
    let metric = &document.metrics[0];
    let split = &metric.split;
    assert_eq!(
        split.data.value + split.code.value,
        split.total.value,
        "exactly"
    );
    (split, metric.columns.as_ref().unwrap())
}

/// The part of the group that this column is in.
fn of(columns: &ColumnsReport, name: &str) -> f64 {
    let mut groups = columns.groups.iter();
    let group = groups.find(|group| group.columns.iter().any(|column| column == name));
    group.unwrap().value
}

fn near(actual: f64, expected: f64, tolerance: f64) {
    assert!(
        (actual - expected).abs() <= tolerance,
        "{actual}, expected {expected} +- {tolerance}"
    );
}

#[test]
fn the_decoy_ranks_below_the_cause() {
    for seed in [1, 2, 3] {
        let shift = Shift {
            x0: 0.5,
            x3: 2.0,
            ..Shift::default()
        };
        let document = replayed(seed, shift, false);
        let (split, columns) = parts(&document);
        near(split.data.value, 0.134, 0.02);
        assert_eq!((split.code.value, split.interaction.value), (0.0, 0.0));
        // Copies are one player; the column that drifts most has no part.
        assert_eq!(columns.groups[0].columns, ["x0", "x4"]);
        near(columns.groups[0].value, split.data.value, 0.02);
        assert_eq!(of(columns, "x3"), 0.0);
        near(columns.rest, 0.0, 0.02);
        assert_eq!(document.reason, Reason::DataChangedBehaviour);
    }
}

#[test]
fn a_column_that_the_model_does_not_use_moves_nothing() {
    for seed in [1, 2, 3] {
        let document = replayed(
            seed,
            Shift {
                x3: 2.0,
                ..Shift::default()
            },
            false,
        );
        let (split, columns) = parts(&document);
        near(split.data.value, 0.0, 0.02);
        assert_eq!(split.code.value, 0.0);
        assert_eq!(of(columns, "x3"), 0.0);
        assert_eq!(document.reason, Reason::Stable);
    }
}

/// Columns that moved only together: no column by itself, and not the code.
#[test]
fn a_joint_shift_is_the_datas_and_no_columns() {
    for seed in [1, 2, 3] {
        let document = replayed(
            seed,
            Shift {
                correlation: 0.8,
                ..Shift::default()
            },
            false,
        );
        let (split, columns) = parts(&document);
        near(split.data.value, 0.098, 0.02);
        assert_eq!(split.code.value, 0.0);
        for group in &columns.groups {
            near(group.value, 0.0, 0.015);
        }
        near(columns.rest, split.data.value, 0.02);
        assert_eq!(document.reason, Reason::DataChangedBehaviour);
    }
}

#[test]
fn a_change_of_the_code_alone() {
    for seed in [1, 2, 3] {
        let document = replayed(seed, Shift::default(), true);
        let (split, columns) = parts(&document);
        near(split.data.value, 0.0, 0.02);
        near(split.code.value, 0.071, 0.02);
        near(split.interaction.value, 0.0, 0.01);
        near(columns.model, split.code.value, 0.01);
        assert_eq!(document.reason, Reason::CodeChangedBehaviour);
    }
}

#[test]
fn a_change_of_both_is_told_apart() {
    for seed in [1, 2, 3] {
        let document = replayed(
            seed,
            Shift {
                x0: 0.5,
                ..Shift::default()
            },
            true,
        );
        let (split, columns) = parts(&document);
        near(split.data.value, 0.13, 0.02);
        near(split.code.value, 0.07, 0.02);
        near(split.interaction.value, -0.014, 0.01);
        assert_eq!(columns.groups[0].columns, ["x0", "x4"]);
        near(columns.groups[0].value, split.data.value, 0.02);
        near(columns.model, split.code.value, 0.01);
        // The players and the rest are the total of the rows they were seen on.
        let sum = columns.groups.iter().map(|group| group.value).sum::<f64>();
        near(sum + columns.model + columns.rest, columns.total, 1e-12);
        assert_eq!(document.reason, Reason::CodeAndDataChangedBehaviour);
    }
}

#[test]
fn where_nothing_changed_nothing_moved() {
    for seed in [1, 2, 3, 4, 5] {
        let document = replayed(seed, Shift::default(), false);
        let (split, columns) = parts(&document);
        near(split.total.value, 0.0, 0.02);
        for group in &columns.groups {
            near(group.value, 0.0, 0.015);
        }
        assert_eq!(document.reason, Reason::Stable);
    }
}

/// Same inputs, same bytes.
#[test]
fn a_replay_repeats_itself() {
    let shift = Shift {
        x0: 0.5,
        ..Shift::default()
    };
    let [one, other] = [(); 2].map(|()| replayed(1, shift, true));
    assert_eq!(one.metrics, other.metrics);
}
