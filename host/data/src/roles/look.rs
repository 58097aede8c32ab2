//! What the values of one column of the pilot look like, in numbers.

use std::collections::{BTreeMap, HashMap};

use ahash::RandomState;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;

use crate::instant;

/// Distinct values are listed up to here; beyond only their number is known.
const LISTED: usize = 64;

/// A column of the pilot in numbers.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub name: String,
    pub stored: DataType,
    /// Rows that are not null.
    pub present: usize,
    /// The pilot does not hold all rows.
    pub sampled: bool,
    pub distinct: usize,
    /// Each present value is larger than the one before (or each smaller).
    pub monotone: bool,
    pub values: Values,
    /// Values with their rows, if there are at most [`LISTED`]; sorted.
    pub counts: Option<BTreeMap<String, usize>>,
}

/// By storage.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    /// Nothing present, or a type without values to look at.
    None,
    Boolean,
    Instant,
    Numbers(Numbers),
    Texts(Texts),
    /// Lists of floats, all of this length.
    Vectors(u32),
    Nested,
}

#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    /// For each row; NaN where null.
    pub rows: Vec<f64>,
    /// All finite values are whole numbers.
    pub whole: bool,
    pub minimum: f64,
    pub maximum: f64,
    /// Share of zeros among the present.
    pub zeros: f64,
}

#[derive(Debug, Clone)]
pub(crate) struct Texts {
    /// Mean number of characters.
    pub length: f64,
    /// Mean number of words.
    pub words: f64,
    /// Share that are instants.
    pub instants: f64,
    /// What the numbers among them look like, if there are any.
    pub numbers: Option<Numbers>,
    /// Share that are numbers without a leading zero.
    pub numeric: f64,
}

impl Look {
    /// Looks at all rows of the pilot.
    pub fn at(name: &str, column: &ArrayRef, sampled: bool) -> Self {
        let stored = column.data_type().clone();
        let present = column.len() - column.logical_null_count();
        let mut look = Self {
            name: name.to_owned(),
            stored,
            present,
            sampled,
            distinct: 0,
            monotone: false,
            values: Values::None,
            counts: None,
        };
        if present > 0 {
            look.fill(column);
        }
        look
    }

    fn fill(&mut self, column: &ArrayRef) {
        match &self.stored {
            DataType::Utf8 => self.texts(column.as_string::<i32>()),
            DataType::Boolean => {
                let flags = column.as_boolean().iter().flatten();
                self.tally(flags.map(u64::from), |bits| u8::from(bits != 0).to_string());
                self.values = Values::Boolean;
            }
            DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
                if let Ok(whole) = cast(column, &DataType::Int64) {
                    self.integers(whole.as_primitive::<Int64Type>().iter().flatten());
                }
                self.counts = None;
                self.values = Values::Instant;
            }
            kind if kind.is_numeric() => self.numbers(column),
            _ => self.values = vectors(column).map_or(Values::Nested, Values::Vectors),
        }
    }

    fn integers(&mut self, values: impl Iterator<Item = i64> + Clone) {
        self.monotone = strictly(values.clone());
        self.tally(values.map(i64::cast_unsigned), |bits| {
            bits.cast_signed().to_string()
        });
    }

    fn numbers(&mut self, column: &ArrayRef) {
        let Ok(floats) = cast(column, &DataType::Float64) else {
            self.values = Values::Nested;
            return;
        };
        let floats = floats.as_primitive::<Float64Type>();
        let rows: Vec<f64> = floats
            .iter()
            .map(|value| value.unwrap_or(f64::NAN))
            .collect();
        // Identifiers beyond 2^53 are distinct as integers only.
        match cast(column, &DataType::Int64) {
            Ok(whole) if self.stored.is_integer() => {
                self.integers(whole.as_primitive::<Int64Type>().iter().flatten())
            }
            _ => {
                let values = rows.iter().copied().filter(|value| !value.is_nan());
                self.monotone = strictly(values.clone());
                self.tally(values.map(|value| (value + 0.0).to_bits()), |bits| {
                    f64::from_bits(bits).to_string()
                });
            }
        }
        self.values = Values::Numbers(Numbers::new(rows, self.present));
    }

    fn texts(&mut self, column: &StringArray) {
        let texts = column.iter().flatten();
        self.monotone = strictly(texts.clone());
        let (mut characters, mut words, mut instants, mut numeric) = (0, 0, 0, 0);
        let mut rows = Vec::with_capacity(column.len());
        let mut counts: HashMap<&str, usize, RandomState> = HashMap::default();
        for text in column.iter() {
            let Some(text) = text else {
                rows.push(f64::NAN);
                continue;
            };
            *counts.entry(text).or_default() += 1;
            characters += text.chars().count();
            words += text.split_whitespace().count();
            instants += usize::from(instant::parse(text).is_some());
            let number = number(text);
            numeric += usize::from(number.is_some());
            rows.push(number.unwrap_or(f64::NAN));
        }
        self.distinct = counts.len();
        if counts.len() <= LISTED {
            self.counts = Some(
                counts
                    .into_iter()
                    .map(|(text, rows)| (text.to_owned(), rows))
                    .collect(),
            );
        }
        let share = |part: usize| part as f64 / self.present as f64;
        self.values = Values::Texts(Texts {
            length: share(characters),
            words: share(words),
            instants: share(instants),
            numbers: (numeric > 0).then(|| Numbers::new(rows, numeric)),
            numeric: share(numeric),
        });
    }

    /// Counts distinct values by their bits.
    fn tally(&mut self, values: impl Iterator<Item = u64>, words: impl Fn(u64) -> String) {
        // Up to a whole pilot of distinct values for every column: the hash of
        // the standard library would take half of the inference's time.
        let mut counts: HashMap<u64, usize, RandomState> = HashMap::default();
        for value in values {
            *counts.entry(value).or_default() += 1;
        }
        self.distinct = counts.len();
        if counts.len() <= LISTED {
            self.counts = Some(
                counts
                    .into_iter()
                    .map(|(bits, rows)| (words(bits), rows))
                    .collect(),
            );
        }
    }

    /// Distinct values for each present one, 0 to 1.
    pub fn distinct_share(&self) -> f64 {
        if self.present == 0 {
            0.0
        } else {
            self.distinct as f64 / self.present as f64
        }
    }

    /// The numbers, of a numeric column or of text that mostly holds numbers.
    pub fn as_numbers(&self) -> Option<&Numbers> {
        match &self.values {
            Values::Numbers(numbers) => Some(numbers),
            Values::Texts(texts) if texts.numeric >= super::rules::NUMERIC_TEXT => {
                texts.numbers.as_ref()
            }
            _ => None,
        }
    }
}

impl Numbers {
    fn new(rows: Vec<f64>, present: usize) -> Self {
        let finite = || rows.iter().copied().filter(|value| value.is_finite());
        let zeros = finite().filter(|value| *value == 0.0).count();
        Self {
            whole: finite().next().is_some() && finite().all(|value| value.fract() == 0.0),
            minimum: finite().fold(f64::INFINITY, f64::min),
            maximum: finite().fold(f64::NEG_INFINITY, f64::max),
            zeros: zeros as f64 / present.max(1) as f64,
            rows,
        }
    }
}

/// A number as people write one; `02134` is a code.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let code = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let plausible = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if code || !plausible {
        None
    } else {
        text.parse().ok()
    }
}

fn strictly<T: PartialOrd>(values: impl Iterator<Item = T> + Clone) -> bool {
    let pairs = || values.clone().zip(values.clone().skip(1));
    pairs().next().is_some() && (pairs().all(|(a, b)| a < b) || pairs().all(|(a, b)| a > b))
}

/// The length of all lists, if it is one and their items are floats.
fn vectors(column: &ArrayRef) -> Option<u32> {
    let floats = |kind: &DataType| {
        matches!(
            kind,
            DataType::Float16 | DataType::Float32 | DataType::Float64
        )
    };
    match column.data_type() {
        DataType::FixedSizeList(item, length) if floats(item.data_type()) => {
            u32::try_from(*length).ok().filter(|l| *l > 1)
        }
        DataType::List(item) if floats(item.data_type()) => {
            let lists = column.as_list::<i32>();
            let mut lengths = (0..lists.len())
                .filter(|row| lists.is_valid(*row))
                .map(|row| lists.value_length(row));
            let first = lengths.next()?;
            (first > 1 && lengths.all(|length| length == first))
                .then(|| u32::try_from(first).ok())?
        }
        DataType::LargeList(item) if floats(item.data_type()) => {
            let lists = column.as_list::<i64>();
            let mut lengths = (0..lists.len())
                .filter(|row| lists.is_valid(*row))
                .map(|row| lists.value_length(row));
            let first = lengths.next()?;
            (first > 1 && lengths.all(|length| length == first))
                .then(|| u32::try_from(first).ok())?
        }
        _ => None,
    }
}
