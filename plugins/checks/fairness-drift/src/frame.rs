//! Groups and decisions, frozen from the reference.

use std::collections::BTreeMap;

use driftguard_distribution::coding::{Cells, Coding, Values};
use driftguard_distribution::rows::{Rows, row_bytes};
use driftguard_distribution::words::{number, short};
use driftguard_sdk::prelude::{Batch, Column, Context, Error, Role};
use serde::{Deserialize, Serialize};

/// Rows of the sample that groups are found in.
const SAMPLE_ROWS: u32 = 65_536;
/// Cells of a group column, at most.
pub const MOST_GROUPS: usize = 32;
/// Group columns, at most.
pub const MOST_COLUMNS: usize = 64;
/// As in `joint-drift`.
const VALUES: u64 = 16;
/// Words that mean yes, in lower case.
const YES: [&str; 3] = ["1", "true", "yes"];

/// What counts as yes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reading {
    /// Numbers at or above this.
    AtLeast(f64),
    /// This class.
    Class(String),
}

impl Reading {
    /// The reading of a column: the setting where it fits, else what its values
    /// suggest; None if no value of a categorical column can be called yes.
    fn of(values: &Values, threshold: f64, positive: &str) -> Option<Self> {
        match values {
            Values::Numbers(numbers) => {
                let mut finite: Vec<f64> =
                    numbers.iter().copied().filter(|x| x.is_finite()).collect();
                finite.sort_by(f64::total_cmp);
                let within = |x: Option<&f64>| x.is_some_and(|x| (0.0..=1.0).contains(x));
                // Probabilities and classes 0 and 1; of other numbers the upper half.
                let probable = within(finite.first()) && within(finite.last());
                let median = finite.get(finite.len() / 2).copied().unwrap_or(threshold);
                Some(Self::AtLeast(if probable { threshold } else { median }))
            }
            Values::Words(_, words) if !positive.is_empty() => words
                .iter()
                .any(|word| word == positive)
                .then(|| Self::Class(positive.to_owned())),
            Values::Words(codes, words) => {
                let mut rows: BTreeMap<&str, u64> = BTreeMap::new();
                for word in codes.iter().filter_map(|code| words.get(*code as usize)) {
                    *rows.entry(word).or_default() += 1;
                }
                let yes = rows
                    .keys()
                    .find(|word| YES.contains(&word.to_lowercase().as_str()));
                let of_two = (rows.len() == 2).then(|| rows.keys().next_back()).flatten();
                yes.or(of_two).map(|word| Self::Class((*word).to_owned()))
            }
            Values::Instants(_) => None,
        }
    }

    /// Yes, no, or not known, for each row.
    pub fn answers(&self, values: &Values) -> Vec<Option<bool>> {
        match (self, values) {
            (Self::AtLeast(threshold), Values::Numbers(numbers)) => numbers
                .iter()
                .map(|x| x.is_finite().then_some(x >= threshold))
                .collect(),
            (Self::Class(class), Values::Words(codes, words)) => {
                let of_word: Vec<bool> = words.iter().map(|word| word == class).collect();
                codes
                    .iter()
                    .map(|code| of_word.get(*code as usize).copied())
                    .collect()
            }
            // Another type than in the reference: the schema's to report.
            (_, values) => vec![None; values.len()],
        }
    }

    /// "at least 0.5" or "yes".
    pub fn words(&self) -> String {
        match self {
            Self::AtLeast(threshold) => format!("at least {}", number(*threshold)),
            Self::Class(class) => short(class),
        }
    }
}

/// A column that is read as yes or no.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Its name.
    pub column: String,
    /// What counts as yes.
    pub reading: Reading,
}

/// What the check froze.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Cells of each group column.
    pub groups: Vec<Coding>,
    /// What the model decides.
    pub decision: Option<Answer>,
    /// What turned out to be so.
    pub label: Option<Answer>,
    /// Which rows are read.
    pub rows: Rows,
}

impl Frame {
    /// Finds groups and decisions in a sample of the reference.
    ///
    /// # Errors
    /// [`Error::Setting`] where the policy names a column that is not there.
    pub fn fit(context: &Context, sample: &Batch) -> Result<Self, Error> {
        let columns = sample.columns();
        let mut read = vec![];
        let wanted = wanted(context, &columns)?;
        for column in &wanted {
            let values = Values::sampled(sample, &columns, &column.name, SAMPLE_ROWS)?;
            read.push((column.clone(), values));
        }
        Self::of_sample(context, &read)
    }

    /// The same of columns at hand, those that are wanted.
    ///
    /// # Errors
    /// [`Error::Setting`] for a class that no decision has.
    pub fn of_sample(context: &Context, sample: &[(Column, Values)]) -> Result<Self, Error> {
        let named = context.texts("groups")?;
        let cells = context.count("most-groups")?.clamp(2, MOST_GROUPS);
        let (threshold, positive) = (context.number("threshold")?, context.text("positive")?);
        let of_role = |role: Role| sample.iter().find(move |(column, _)| column.role == role);
        let decision = of_role(Role::Prediction).or_else(|| of_role(Role::Score));
        let answer = |(column, values): &(Column, Values)| match Reading::of(
            values, threshold, positive,
        ) {
            Some(reading) => Ok(Some(Answer {
                column: column.name.clone(),
                reading,
            })),
            None if positive.is_empty() => Ok(None),
            None => Err(Error::Setting(format!(
                "`positive` is {positive:?}, which is no value of `{}` in the reference; name one of its values",
                column.name
            ))),
        };
        let groups = sample
            .iter()
            .filter(|(column, _)| is_group(column, named))
            .take(MOST_COLUMNS);
        Ok(Self {
            groups: groups
                .flat_map(|(column, values)| Coding::of(column, values, cells))
                .collect(),
            decision: decision.map(answer).transpose()?.flatten(),
            label: of_role(Role::Label).map(answer).transpose()?.flatten(),
            rows: Rows::of(row_bytes(sample.iter().map(|(column, _)| column)), VALUES),
        })
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for groups beyond the limits.
    pub fn validate(&self) -> Result<(), Error> {
        let sound = |coding: &Coding| (1..=MOST_GROUPS).contains(&coding.size());
        match self.groups.len() <= MOST_COLUMNS && self.groups.iter().all(sound) {
            true => Ok(()),
            false => Err(Error::State(
                "the frame of fairness-drift holds groups beyond its limits; rebuild the baseline"
                    .into(),
            )),
        }
    }

    /// A cell of a group column in words: "`origin` = LGA".
    pub fn name(coding: &Coding, cell: usize) -> String {
        let column = driftguard_distribution::words::column(&coding.name);
        match &coding.cells {
            Cells::Words(words) => match words.get(cell) {
                Some(word) => format!("{column} = {}", short(word)),
                None => format!("{column} = any other"),
            },
            Cells::Edges(edges) => {
                let edge = |at: usize| edges.get(at).map(|edge| number(*edge));
                let low = cell.checked_sub(1).and_then(edge);
                match (low, edge(cell)) {
                    (Some(low), Some(high)) => format!("{column} from {low} to below {high}"),
                    (None, Some(high)) => format!("{column} below {high}"),
                    (Some(low), None) => format!("{column} at least {low}"),
                    (None, None) => column,
                }
            }
        }
    }
}

fn is_group(column: &Column, named: &[String]) -> bool {
    column.role == Role::Segment || named.contains(&column.name)
}

/// Columns that are read: groups, what is decided and what turned out.
///
/// # Errors
/// [`Error::Setting`] where the policy names a column that is not there.
fn wanted(context: &Context, columns: &[Column]) -> Result<Vec<Column>, Error> {
    let named = context.texts("groups")?;
    if let Some(gone) = named
        .iter()
        .find(|name| !columns.iter().any(|column| column.name == **name))
    {
        return Err(Error::Setting(format!(
            "`groups` names `{gone}`, which is no numeric or categorical column that this check may read; correct the name, or its grant"
        )));
    }
    let outcome = |role: Role| matches!(role, Role::Prediction | Role::Score | Role::Label);
    let kept = |column: &&Column| outcome(column.role) || is_group(column, named);
    Ok(columns.iter().filter(kept).cloned().collect())
}
