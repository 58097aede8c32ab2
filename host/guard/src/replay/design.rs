//! Old and new model on old and new rows: four cells, and the split of each
//! metric's move.

use arrow_array::RecordBatch;
use driftguard_data::ColumnRole;
use driftguard_model::{Answer, Model, Values};
use driftguard_verdict::Role;
use driftguard_verdict::replay::{Arms, MetricReport, ModelReport, ReplayDocument, ReplayedSide};

use super::error::ReplayError;
use super::inputs::{self, Input};
use super::metric::Metric;
use super::{ReplayRequest, columns, sample};
use crate::error::GuardError;
use crate::open::Sides;
use crate::policy::{ModelSource, Policy};
use crate::run::pilot_roles;

/// Draws the same rows in every run.
const SEED: u64 = 0x7265_706c_6179;

/// A model with the columns it is given and the answer that counts.
pub(super) struct Player<'a> {
    pub(super) model: &'a dyn Model,
    pub(super) inputs: Vec<Input>,
    pub(super) output: Option<String>,
    /// Names by which the answer is known where it is not named.
    pub(super) usual: Vec<String>,
}

impl<'a> Player<'a> {
    fn new(
        model: &'a dyn Model,
        source: Option<&ModelSource>,
        roles: &[ColumnRole],
        sides: &Sides,
    ) -> Result<Self, GuardError> {
        let named = source.map_or(&[][..], |source| &source.inputs);
        let given = inputs::of(model.inputs().unwrap_or(named), roles)?;
        inputs::must_be_in(&given, sides.reference.schema(), "the reference")?;
        inputs::must_be_in(&given, sides.current.schema(), "the current data")?;
        let named = |wanted: Role| roles.iter().filter(move |role| role.role == wanted);
        let usual = named(Role::Score).chain(named(Role::Prediction));
        Ok(Self {
            model,
            inputs: given,
            output: source.and_then(|source| source.output.clone()),
            usual: usual.map(|role| role.name.clone()).collect(),
        })
    }

    /// Its answers on these rows, one list after the other in one run.
    pub(super) fn answers(&self, lists: &[RecordBatch]) -> Result<Vec<Answer>, GuardError> {
        let mut batches = vec![];
        for list in lists {
            let schema = list.schema();
            let at = self.inputs.iter().map(|input| schema.index_of(&input.name));
            let at = at
                .collect::<Result<Vec<_>, _>>()
                .map_err(ReplayError::from)?;
            batches.extend(inputs::pieces(
                &list.project(&at).map_err(ReplayError::from)?,
            ));
        }
        let answers = self.model.answer(&batches)?;
        let column = answers.column(self.output.as_deref(), &self.usual)?;
        let mut start = 0;
        let mut parts = vec![];
        for list in lists {
            let end = start + list.num_rows();
            // As many answers as rows, or the model's error came first.
            let values = match &column.values {
                Values::Numbers(all) => {
                    Values::Numbers(all.get(start..end).unwrap_or_default().to_vec())
                }
                Values::Classes(all) => {
                    Values::Classes(all.get(start..end).unwrap_or_default().to_vec())
                }
            };
            start = end;
            parts.push(Answer {
                name: column.name.clone(),
                values,
            });
        }
        Ok(parts)
    }
}

/// Fills the document's sides, models and metrics.
pub(super) fn run(
    policy: &Policy,
    sides: &Sides,
    [model, before]: [Option<&dyn Model>; 2],
    request: &ReplayRequest,
    document: &mut ReplayDocument,
) -> Result<(), GuardError> {
    let said = &policy.model;
    let (_, roles) = pilot_roles(sides, policy)?;
    let model = model.ok_or(ReplayError::NoModel)?;
    let new = Player::new(model, said.model.as_ref(), &roles, sides)?;
    let old = before.map(|old| Player::new(old, said.old.as_ref(), &roles, sides));
    let old = old.transpose()?;
    let mut wanted = inputs::names(&new.inputs);
    for name in old.iter().flat_map(|old| inputs::names(&old.inputs)) {
        if !wanted.contains(&name) {
            wanted.push(name);
        }
    }
    let reference = sample::draw(&sides.reference, &wanted, said.rows, SEED)?;
    let current = sample::draw(&sides.current, &wanted, said.rows, SEED)?;
    for (side, drawn) in [
        ("the reference", &reference),
        ("the current side", &current),
    ] {
        let rows = drawn.rows.num_rows() as u64;
        if rows < 2 {
            return Err(ReplayError::FewRows {
                side,
                rows,
                needed: 2,
            }
            .into());
        }
    }
    let rows = inputs::aligned(&reference.rows, &current.rows)?;
    let on_new = two(new.answers(&rows)?);
    let on_old = match &old {
        Some(old) => two(old.answers(&rows)?),
        None => on_new.clone(),
    };
    same_kind(&old, &new, &on_old, &on_new)?;
    let answers = [&on_old[0], &on_old[1], &on_new[0], &on_new[1]];
    let metrics = Metric::spelled(&said.metrics, &answers);
    for metric in &metrics {
        document
            .metrics
            .push(split(metric, document, &on_old, &on_new)?);
    }
    if request.factors > 0 {
        let design = columns::Design {
            old: old.as_ref(),
            new: &new,
            rows: &rows,
            old_on_old: &on_old[0],
            metrics: &metrics,
            request,
        };
        for (report, columns) in document.metrics.iter_mut().zip(columns::run(&design)?) {
            report.columns = Some(columns);
        }
    }
    document.model.output = Some(on_new[0].name.clone());
    document.old_model = old.as_ref().map(|old| ModelReport {
        name: old.model.name(),
        output: Some(on_old[0].name.clone()),
    });
    let side = |source: &driftguard_data::Source, drawn: &sample::Drawn| ReplayedSide {
        source: source.describe(),
        rows: drawn.total,
        replayed: drawn.rows.num_rows() as u64,
    };
    document.reference = Some(side(&sides.reference, &reference));
    document.current = Some(side(&sides.current, &current));
    Ok(())
}

/// Answers on old and new rows.
fn two(answers: Vec<Answer>) -> [Answer; 2] {
    let empty = || Answer {
        name: String::new(),
        values: Values::Numbers(vec![]),
    };
    let mut answers = answers.into_iter();
    [(); 2].map(|()| answers.next().unwrap_or_else(empty))
}

fn split(
    metric: &Metric,
    document: &ReplayDocument,
    on_old: &[Answer; 2],
    on_new: &[Answer; 2],
) -> Result<MetricReport, GuardError> {
    let name = &document.model.name;
    let numbers = |answer: &Answer| metric.numbers(name, answer);
    let [a, c] = [numbers(&on_old[0])?, numbers(&on_old[1])?];
    let [b, d] = [numbers(&on_new[0])?, numbers(&on_new[1])?];
    let arms = Arms {
        old_on_old: &a,
        new_on_old: &b,
        old_on_new: &c,
        new_on_new: &d,
    };
    // The mean of zeros and ones is a share, whatever it is called.
    let flags = [&a, &b, &c, &d]
        .into_iter()
        .flatten()
        .all(|value| *value == 0.0 || *value == 1.0);
    Ok(MetricReport {
        metric: metric.to_string(),
        split: arms.split(metric.is_share() || flags),
        columns: None,
    })
}

fn same_kind(
    old: &Option<Player<'_>>,
    new: &Player<'_>,
    on_old: &[Answer; 2],
    on_new: &[Answer; 2],
) -> Result<(), ReplayError> {
    let kind = |answer: &Answer| match answer.values {
        Values::Numbers(_) => "numbers",
        Values::Classes(_) => "classes",
    };
    let (old_kind, new_kind) = (kind(&on_old[0]), kind(&on_new[0]));
    match old {
        Some(old) if old_kind != new_kind => Err(ReplayError::Kinds {
            old: old.model.name().into(),
            old_output: on_old[0].name.as_str().into(),
            old_kind,
            new: new.model.name().into(),
            new_output: on_new[0].name.as_str().into(),
            new_kind,
        }),
        _ => Ok(()),
    }
}
