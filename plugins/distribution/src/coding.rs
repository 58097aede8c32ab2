//! From the values of a column to a few frozen cells.

use std::collections::BTreeMap;

use driftguard_sdk::prelude::{Batch, Column, Error, Kind};
use driftguard_statistics::edges::even_edges;
use serde::{Deserialize, Serialize};

/// A column whose largest cell holds more than this has nothing to relate.
const NEARLY_CONSTANT: f64 = 0.995;
/// Named values of a category must cover this much of its rows.
const COVERED: f64 = 0.05;
/// Rows read in one piece.
const PIECE: u32 = 256;
/// Most cells: two codes fit into a byte, the missing one included.
pub const MAX_CELLS: usize = 8;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// Values as they come from a batch; a missing one is NaN, `u32::MAX`, None.
#[derive(Debug, Clone)]
pub enum Values {
    /// Of a numeric column.
    Numbers(Vec<f64>),
    /// Codes into the words of a categorical column.
    Words(Vec<u32>, Vec<String>),
    /// Microseconds since 1970 of a timestamp.
    Instants(Vec<Option<i64>>),
}

impl Values {
    /// A window of a column; None where it is gone or of a kind that has no cells:
    /// `schema` speaks of that.
    ///
    /// # Errors
    /// A batch that cannot be read.
    pub fn read(
        batch: &Batch,
        columns: &[Column],
        name: &str,
        (start, count): (u32, u32),
    ) -> Result<Option<Self>, Error> {
        let Some(at) = columns.iter().position(|column| column.name == name) else {
            return Ok(None);
        };
        let kind = columns.get(at).map(|column| column.kind);
        let at = at as u32;
        Ok(match kind {
            Some(Kind::Numeric) => Some(Self::Numbers(batch.floats(at, start, count)?)),
            Some(Kind::Categorical) => {
                let dictionary = batch.dictionary(at, start, count)?;
                let words = dictionary.values.to_texts();
                Some(Self::Words(dictionary.codes, words))
            }
            Some(Kind::Timestamp) => {
                let instants = batch.timestamps(at, start, count)?;
                let valid = batch.validity(at, start, count)?;
                let holds = |row: usize| {
                    let bitmap = valid.as_ref();
                    bitmap.is_none_or(|bitmap| bitmap.bit(row).unwrap_or(false))
                };
                let instants = instants.into_iter().enumerate();
                Some(Self::Instants(
                    instants.map(|(row, at)| holds(row).then_some(at)).collect(),
                ))
            }
            _ => None,
        })
    }

    /// About `wanted` rows of a column, in pieces spread evenly over the sample.
    ///
    /// # Errors
    /// A batch that cannot be read.
    pub fn sampled(
        sample: &Batch,
        columns: &[Column],
        name: &str,
        wanted: u32,
    ) -> Result<Self, Error> {
        let pieces = sample.rows().div_ceil(PIECE);
        let every = sample.rows().div_ceil(wanted.max(1)).max(1);
        let mut all: Option<Self> = None;
        for piece in (0..pieces).filter(|piece| piece % every == 0) {
            let start = piece * PIECE;
            let count = PIECE.min(sample.rows() - start);
            let Some(part) = Self::read(sample, columns, name, (start, count))? else {
                continue;
            };
            all = Some(match all {
                None => part,
                Some(before) => before.joined(part),
            });
        }
        Ok(all.unwrap_or(Self::Numbers(vec![])))
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(rows) => rows.len(),
            Self::Words(rows, _) => rows.len(),
            Self::Instants(rows) => rows.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Only these rows, in this order; places beyond the last are left out.
    #[must_use]
    pub fn picked(&self, rows: &[usize]) -> Self {
        fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter()
                .filter_map(|row| values.get(*row).copied())
                .collect()
        }
        match self {
            Self::Numbers(values) => Self::Numbers(pick(values, rows)),
            Self::Words(codes, words) => Self::Words(pick(codes, rows), words.clone()),
            Self::Instants(values) => Self::Instants(pick(values, rows)),
        }
    }

    /// These rows and then those of `later`, of the same kind.
    #[must_use]
    pub fn joined(self, later: Self) -> Self {
        match (self, later) {
            (Self::Numbers(mut rows), Self::Numbers(later)) => {
                rows.extend(later);
                Self::Numbers(rows)
            }
            (Self::Instants(mut rows), Self::Instants(later)) => {
                rows.extend(later);
                Self::Instants(rows)
            }
            (Self::Words(mut codes, mut words), Self::Words(later, later_words)) => {
                let mut place: BTreeMap<String, u32> = (0..)
                    .zip(&words)
                    .map(|(at, word)| (word.clone(), at))
                    .collect();
                let mut moved = vec![];
                for word in later_words {
                    moved.push(*place.entry(word).or_insert_with_key(|word| {
                        words.push(word.clone());
                        words.len() as u32 - 1
                    }));
                }
                codes.extend(
                    later
                        .iter()
                        .map(|code| moved.get(*code as usize).copied().unwrap_or(u32::MAX)),
                );
                Self::Words(codes, words)
            }
            (rows, _) => rows,
        }
    }
}

/// What of a column is related to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// The value itself.
    Value,
    /// The hour of the day of a timestamp, in UTC.
    Hour,
    /// Its day of the week, Monday first.
    Weekday,
}

impl Part {
    /// As it stands in a metric.
    pub fn word(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Hour => "hour",
            Self::Weekday => "weekday",
        }
    }
}

/// Cells frozen from the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cells {
    /// First numbers of the cells but the first.
    Edges(Vec<f64>),
    /// One cell for each of these values, and one for all others.
    Words(Vec<String>),
}

/// How one column (or a part of it) is put into cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coding {
    /// Name of the column.
    pub name: String,
    /// What of it.
    pub part: Part,
    /// Its cells.
    pub cells: Cells,
}

impl Coding {
    /// The codings of a column that are worth a look; none if it is as good as
    /// constant, or has too many different values.
    pub fn of(column: &Column, values: &Values, cells: usize) -> Vec<Self> {
        let parts: &[Part] = match column.kind {
            Kind::Timestamp => &[Part::Hour, Part::Weekday],
            _ => &[Part::Value],
        };
        let coding = |part: &Part| {
            let frozen = match values {
                Values::Words(codes, words) => Cells::Words(frequent(codes, words, cells)?),
                numeric => Cells::Edges(edges(numeric, *part, cells)),
            };
            let coding = Self {
                name: column.name.clone(),
                part: *part,
                cells: frozen,
            };
            coding.tells(values).then_some(coding)
        };
        parts.iter().filter_map(coding).collect()
    }

    /// One cell for everything that is there: only what is missing is told apart.
    pub fn presence(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            part: Part::Value,
            cells: Cells::Edges(vec![]),
        }
    }

    /// Number of cells; the code of a missing value is the same number.
    pub fn size(&self) -> usize {
        match &self.cells {
            Cells::Edges(edges) => edges.len() + 1,
            Cells::Words(words) => words.len() + 1,
        }
    }

    /// Whether cells are in the order of what they hold.
    pub fn ordered(&self) -> bool {
        matches!(self.cells, Cells::Edges(_))
    }

    /// The cell of each row; [`Self::size`] where the value is missing or of
    /// another kind than in the reference.
    pub fn codes(&self, values: &Values) -> Vec<u8> {
        let missing = self.size() as u8;
        match (&self.cells, values) {
            (Cells::Edges(edges), Values::Words(codes, words)) if edges.is_empty() => {
                let there = |code: &u32| u8::from(words.get(*code as usize).is_none());
                codes.iter().map(there).collect()
            }
            (Cells::Edges(edges), Values::Numbers(numbers)) => numeric_codes(edges, numbers),
            (Cells::Edges(edges), Values::Instants(instants)) => {
                numeric_codes(edges, &parts_of(instants, self.part))
            }
            (Cells::Words(known), Values::Words(codes, words)) => {
                let cell: BTreeMap<&str, u8> = (0..)
                    .zip(known)
                    .map(|(at, word)| (word.as_str(), at))
                    .collect();
                let others = known.len() as u8;
                let of_word: Vec<u8> = words
                    .iter()
                    .map(|word| cell.get(word.as_str()).copied().unwrap_or(others))
                    .collect();
                let of_row = |code: &u32| of_word.get(*code as usize).copied().unwrap_or(missing);
                codes.iter().map(of_row).collect()
            }
            (_, Values::Numbers(numbers)) => vec![missing; numbers.len()],
            (_, Values::Words(codes, _)) => vec![missing; codes.len()],
            (_, Values::Instants(instants)) => vec![missing; instants.len()],
        }
    }

    fn tells(&self, values: &Values) -> bool {
        let mut counts = vec![0u64; self.size() + 1];
        for code in self.codes(values) {
            if let Some(count) = counts.get_mut(usize::from(code)) {
                *count += 1;
            }
        }
        let held = counts.get(..self.size()).unwrap_or_default();
        let largest = held.iter().max().copied().unwrap_or(0) as f64;
        let all = held.iter().sum::<u64>() as f64;
        all > 0.0 && largest <= NEARLY_CONSTANT * all
    }
}

/// Sums of comparisons: no branches, so that the loop runs on vectors.
fn numeric_codes(edges: &[f64], numbers: &[f64]) -> Vec<u8> {
    let missing = edges.len() as u8 + 1;
    let mut codes = vec![0u8; numbers.len()];
    for edge in edges {
        for (code, value) in codes.iter_mut().zip(numbers) {
            *code += u8::from(value >= edge);
        }
    }
    for (code, value) in codes.iter_mut().zip(numbers) {
        if !value.is_finite() {
            *code = missing;
        }
    }
    codes
}

fn parts_of(instants: &[Option<i64>], part: Part) -> Vec<f64> {
    let number = |instant: &Option<i64>| match (instant, part) {
        (None, _) => f64::NAN,
        (Some(micros), Part::Weekday) => {
            ((micros.div_euclid(DAY)).wrapping_add(3)).rem_euclid(7) as f64
        }
        (Some(micros), _) => micros.rem_euclid(DAY) as f64 / HOUR as f64,
    };
    instants.iter().map(number).collect()
}

fn edges(values: &Values, part: Part, cells: usize) -> Vec<f64> {
    let mut numbers = match values {
        Values::Numbers(numbers) => numbers.clone(),
        Values::Instants(instants) => parts_of(instants, part),
        Values::Words(..) => vec![],
    };
    numbers.retain(|value| value.is_finite());
    numbers.sort_by(f64::total_cmp);
    even_edges(&numbers, cells)
}

/// The most frequent words, at most one less than there are cells.
fn frequent(codes: &[u32], words: &[String], cells: usize) -> Option<Vec<String>> {
    let mut rows: BTreeMap<&str, u64> = BTreeMap::new();
    for code in codes {
        if let Some(word) = words.get(*code as usize) {
            *rows.entry(word).or_default() += 1;
        }
    }
    let all: u64 = rows.values().sum();
    let mut order: Vec<(&str, u64)> = rows.into_iter().collect();
    order.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
    order.truncate(cells.saturating_sub(1));
    let covered: u64 = order.iter().map(|(_, rows)| rows).sum();
    (covered as f64 >= COVERED * all as f64 && all > 0)
        .then(|| order.into_iter().map(|(word, _)| word.to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftguard_sdk::prelude::Role;

    fn column(kind: Kind) -> Column {
        Column {
            name: "x".into(),
            role: Role::Feature,
            kind,
            storage: String::new(),
            nullable: true,
            dimension: 0,
        }
    }

    #[test]
    fn numbers_go_to_even_cells() {
        let values = Values::Numbers(
            (0..60)
                .map(f64::from)
                .chain([f64::NAN, f64::INFINITY])
                .collect(),
        );
        let coding = Coding::of(&column(Kind::Numeric), &values, 6).remove(0);
        let codes = coding.codes(&values);
        assert_eq!((codes[0], codes[59], codes[60], codes[61]), (0, 5, 6, 6));
        assert_eq!(codes.iter().filter(|code| **code == 3).count(), 10);
        let constant = Values::Numbers(vec![4.0; 60]);
        assert!(Coding::of(&column(Kind::Numeric), &constant, 6).is_empty());
    }

    #[test]
    fn words_beyond_the_frequent_ones_share_a_cell() {
        let words: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let values = Values::Words(vec![0, 0, 0, 1, 1, 2, u32::MAX], words);
        let coding = Coding::of(&column(Kind::Categorical), &values, 3).remove(0);
        assert_eq!(coding.codes(&values), [0, 0, 0, 1, 1, 2, 3]);
        let ids = Values::Words(
            (0..900).collect(),
            (0..900).map(|i| format!("{i}")).collect(),
        );
        assert!(Coding::of(&column(Kind::Categorical), &ids, 6).is_empty());
    }

    #[test]
    fn instants_have_an_hour_and_a_weekday() {
        // 1970-01-01 was a Thursday; 1969-12-31 23:00 a Wednesday.
        let instants = [Some(0), Some(-HOUR), None];
        let hours = parts_of(&instants, Part::Hour);
        assert_eq!((hours[0], hours[1]), (0.0, 23.0));
        assert_eq!(parts_of(&instants, Part::Weekday)[..2], [3.0, 2.0]);
        assert!(hours[2].is_nan());
        let week = Values::Instants((0..336).map(|hour| Some(hour * HOUR)).collect());
        assert_eq!(Coding::of(&column(Kind::Timestamp), &week, 6).len(), 2);
    }

    #[test]
    fn values_of_another_kind_are_missing() {
        let coding = Coding {
            name: "x".into(),
            part: Part::Value,
            cells: Cells::Edges(vec![1.0]),
        };
        let words = Values::Words(vec![0, u32::MAX], vec!["a".into()]);
        assert_eq!(coding.codes(&words), [2, 2]);
        let presence = Coding::presence("x");
        assert_eq!((presence.size(), presence.codes(&words)), (1, vec![0, 1]));
        assert_eq!(
            presence.codes(&Values::Numbers(vec![f64::NAN, 2.0])),
            [1, 0]
        );
    }
}
