//! One small table, written in every format.

use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_array::{TimestampSecondArray, new_null_array};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::DataType;
use flate2::{Compression, write::GzEncoder};
use parquet::arrow::ArrowWriter;

/// Values of one column; `None` is null.
#[derive(Debug, Clone)]
pub enum Values {
    Floats(Vec<Option<f64>>),
    Integers(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    /// Seconds since 1970-01-01T00:00Z.
    Times(Vec<i64>),
    /// This many nulls and nothing else.
    Nulls(usize),
}

impl Values {
    /// Texts without nulls.
    pub fn texts(values: impl IntoIterator<Item = String>) -> Self {
        Self::Texts(values.into_iter().map(Some).collect())
    }

    fn array(&self) -> ArrayRef {
        match self {
            Self::Floats(values) => Arc::new(Float64Array::from(values.clone())),
            Self::Integers(values) => Arc::new(Int64Array::from(values.clone())),
            Self::Texts(values) => Arc::new(StringArray::from(values.clone())),
            Self::Times(values) => Arc::new(TimestampSecondArray::from(values.clone())),
            Self::Nulls(rows) => new_null_array(&DataType::Float64, *rows),
        }
    }

    /// As CSV has it; empty for null.
    fn cell(&self, row: usize) -> String {
        match self {
            Self::Floats(values) => values[row].map_or(String::new(), |value| value.to_string()),
            Self::Integers(values) => values[row].map_or(String::new(), |value| value.to_string()),
            Self::Texts(values) => values[row].clone().unwrap_or_default(),
            Self::Times(values) => iso(values[row]),
            Self::Nulls(_) => String::new(),
        }
    }

    /// As JSON has it.
    fn json(&self, row: usize) -> String {
        match (self, self.cell(row)) {
            (_, cell) if cell.is_empty() => "null".to_owned(),
            (Self::Texts(_) | Self::Times(_), cell) => format!("\"{cell}\""),
            (_, cell) => cell,
        }
    }

    fn slice(&self, rows: Range<usize>) -> Self {
        match self {
            Self::Floats(values) => Self::Floats(values[rows].to_vec()),
            Self::Integers(values) => Self::Integers(values[rows].to_vec()),
            Self::Texts(values) => Self::Texts(values[rows].to_vec()),
            Self::Times(values) => Self::Times(values[rows].to_vec()),
            Self::Nulls(_) => Self::Nulls(rows.len()),
        }
    }
}

/// An instant of January 1970, which is enough for tests.
fn iso(seconds: i64) -> String {
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    assert!((0..31).contains(&day), "tests stay in January 1970");
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("1970-01-{:02}T{hour:02}:{minute:02}:{second:02}Z", day + 1)
}

/// Named columns of equal length.
#[derive(Debug, Clone, Default)]
pub struct Table(Vec<(String, Values)>);

impl Table {
    /// Adds a column.
    pub fn with(mut self, name: &str, values: Values) -> Self {
        self.0.push((name.to_owned(), values));
        self
    }

    /// Adds a column of numbers.
    pub fn floats(self, name: &str, values: Vec<Option<f64>>) -> Self {
        self.with(name, Values::Floats(values))
    }

    /// Some of its rows.
    pub fn slice(&self, rows: Range<usize>) -> Self {
        let slice = |(name, values): &(String, Values)| (name.clone(), values.slice(rows.clone()));
        Self(self.0.iter().map(slice).collect())
    }

    pub fn batch(&self) -> RecordBatch {
        let columns = self
            .0
            .iter()
            .map(|(name, values)| (name, values.array(), true));
        RecordBatch::try_from_iter_with_nullable(columns).expect("columns are of equal length")
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.batch().num_rows()
    }

    pub fn parquet(&self) -> Vec<u8> {
        let batch = self.batch();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a schema");
        writer.write(&batch).expect("memory can be written");
        writer.close().expect("memory can be written");
        bytes
    }

    pub fn ipc_stream(&self) -> Vec<u8> {
        let batch = self.batch();
        let mut bytes = Vec::new();
        let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).expect("a schema");
        writer.write(&batch).expect("memory can be written");
        writer.finish().expect("memory can be written");
        drop(writer);
        bytes
    }

    pub fn ipc_file(&self) -> Vec<u8> {
        let batch = self.batch();
        let mut bytes = Vec::new();
        let mut writer = FileWriter::try_new(&mut bytes, &batch.schema()).expect("a schema");
        writer.write(&batch).expect("memory can be written");
        writer.finish().expect("memory can be written");
        drop(writer);
        bytes
    }

    pub fn csv(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        let mut text = names.join(",") + "\n";
        for row in 0..self.rows() {
            let cells: Vec<String> = self.0.iter().map(|(_, values)| values.cell(row)).collect();
            text += &cells.join(",");
            text.push('\n');
        }
        text
    }

    pub fn json_lines(&self) -> String {
        let mut text = String::new();
        for row in 0..self.rows() {
            let pair =
                |(name, values): &(String, Values)| format!("\"{name}\":{}", values.json(row));
            let pairs: Vec<String> = self.0.iter().map(pair).collect();
            writeln!(text, "{{{}}}", pairs.join(",")).expect("memory can be written");
        }
        text
    }
}

/// Packed as `.gz`.
pub fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer
        .write_all(bytes.as_ref())
        .expect("memory can be written");
    packer.finish().expect("memory can be written")
}
