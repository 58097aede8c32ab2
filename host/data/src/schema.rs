//! One form for all schemas, their differences, and types in words.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::error::DataError;
use crate::limits::MAX_COLUMNS;

/// The schema as readers here deliver it: strings are `Utf8`, dictionaries are
/// unpacked, metadata is dropped. So the same table has the same schema
/// whichever program wrote it.
pub(crate) fn normal(schema: &Schema) -> Schema {
    let fields = schema.fields().iter().map(|field| {
        Field::new(
            field.name(),
            normal_type(field.data_type()),
            field.is_nullable(),
        )
    });
    Schema::new(fields.collect::<Vec<_>>())
}

/// The type as readers here deliver it. Nested types stay as they are.
pub(crate) fn normal_type(stored: &DataType) -> DataType {
    match stored {
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Dictionary(_, values) => normal_type(values),
        DataType::RunEndEncoded(_, values) => normal_type(values.data_type()),
        other => other.clone(),
    }
}

/// Refuses too many columns and two of one name.
pub(crate) fn checked(path: &str, schema: &Schema) -> Result<(), DataError> {
    let columns = schema.fields().len();
    if columns > MAX_COLUMNS {
        return Err(DataError::TooLarge {
            path: path.to_owned(),
            place: "the schema".to_owned(),
            what: "the number of columns",
            actual: columns as u64,
            limit: MAX_COLUMNS as u64,
            advice: "choose the columns that matter before comparing",
        });
    }
    let mut seen = HashMap::with_capacity(columns);
    for (position, field) in schema.fields().iter().enumerate() {
        if let Some(first) = seen.insert(field.name().as_str(), position) {
            return Err(DataError::DuplicateColumn {
                path: path.to_owned(),
                name: field.name().clone(),
                first: first + 1,
                second: position + 1,
            });
        }
    }
    Ok(())
}

/// The first difference of two schemas in words, none if they are the same.
/// Whether a column may hold nulls is no difference.
pub(crate) fn difference(first: &Schema, second: &Schema) -> Option<String> {
    let (left, right) = (first.fields(), second.fields());
    for (position, pair) in left.iter().zip(right.iter()).enumerate() {
        let place = position + 1;
        let (a, b) = pair;
        if a.name() != b.name() {
            return Some(if second.column_with_name(a.name()).is_none() {
                format!("column {:?} is missing in the second", a.name())
            } else if first.column_with_name(b.name()).is_none() {
                format!("column {:?} is only in the second", b.name())
            } else {
                format!(
                    "column {place} is {:?} in the first and {:?} in the second",
                    a.name(),
                    b.name()
                )
            });
        }
        if a.data_type() != b.data_type() {
            return Some(format!(
                "column {:?} is {} in the first and {} in the second",
                a.name(),
                schema_words(a.data_type()),
                schema_words(b.data_type())
            ));
        }
    }
    match (left.get(right.len()), right.get(left.len())) {
        (Some(extra), _) => Some(format!(
            "column {:?} is missing in the second",
            extra.name()
        )),
        (_, Some(extra)) => Some(format!("column {:?} is only in the second", extra.name())),
        _ => None,
    }
}

/// A schema in which every column may hold nulls: files of one side may differ
/// in that, and a batch must fit all of them.
pub(crate) fn nullable(schema: &Schema) -> SchemaRef {
    let fields = schema
        .fields()
        .iter()
        .map(|field| field.as_ref().clone().with_nullable(true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A short, stable name of a type for people: `Int64`, `Timestamp(us)`,
/// `FixedSizeList<Float32>[48]`.
pub fn schema_words(stored: &DataType) -> String {
    match stored {
        DataType::Timestamp(unit, None) => format!("Timestamp({unit})"),
        DataType::Timestamp(unit, Some(zone)) => format!("Timestamp({unit}, {zone})"),
        DataType::List(item) => format!("List<{}>", schema_words(item.data_type())),
        DataType::LargeList(item) => format!("LargeList<{}>", schema_words(item.data_type())),
        DataType::FixedSizeList(item, length) => {
            format!(
                "FixedSizeList<{}>[{length}]",
                schema_words(item.data_type())
            )
        }
        DataType::Struct(fields) => {
            let inner = fields
                .iter()
                .map(|field| format!("{}: {}", field.name(), schema_words(field.data_type())));
            format!("Struct<{}>", inner.collect::<Vec<_>>().join(", "))
        }
        DataType::Dictionary(_, values) => schema_words(values),
        DataType::LargeUtf8 | DataType::Utf8View => "Utf8".to_owned(),
        other => other.to_string(),
    }
}

/// The name nearest to `wanted`, if one is near enough to be a slip.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let small = wanted.to_lowercase();
    names
        .map(|name| (strsim::jaro_winkler(&small, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, name)| name.to_owned())
}

/// The error for a column that is not there.
pub fn unknown_column<'a>(
    asked: &str,
    name: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> DataError {
    let mut available: Vec<&str> = names.clone().take(20).collect();
    let all = names.clone().count();
    let more = format!("... ({all} in all)");
    if all > available.len() {
        available.push(&more);
    }
    DataError::UnknownColumn {
        asked: asked.to_owned(),
        name: name.to_owned(),
        nearest: nearest(name, names),
        available: available.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::TimeUnit;

    fn table(columns: &[(&str, DataType)]) -> Schema {
        Schema::new(
            columns
                .iter()
                .map(|(name, kind)| Field::new(*name, kind.clone(), true))
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn differences_name_the_first_column() {
        let base = table(&[("a", DataType::Int64), ("b", DataType::Utf8)]);
        let words =
            |other: &[(&str, DataType)]| difference(&base, &table(other)).unwrap_or_default();
        assert_eq!(words(&[("a", DataType::Int64), ("b", DataType::Utf8)]), "");
        assert_eq!(
            words(&[("a", DataType::Int64)]),
            "column \"b\" is missing in the second"
        );
        assert_eq!(
            words(&[("b", DataType::Utf8), ("a", DataType::Int64)]),
            "column 1 is \"a\" in the first and \"b\" in the second"
        );
        assert_eq!(
            words(&[("a", DataType::Float64), ("b", DataType::Utf8)]),
            "column \"a\" is Int64 in the first and Float64 in the second"
        );
        assert_eq!(
            words(&[
                ("a", DataType::Int64),
                ("b", DataType::Utf8),
                ("c", DataType::Utf8)
            ]),
            "column \"c\" is only in the second"
        );
    }

    #[test]
    fn types_in_words() {
        assert_eq!(
            schema_words(&DataType::Timestamp(
                TimeUnit::Microsecond,
                Some("UTC".into())
            )),
            "Timestamp(µs, UTC)"
        );
        let item = Arc::new(Field::new("item", DataType::Float32, true));
        assert_eq!(
            schema_words(&DataType::FixedSizeList(item, 48)),
            "FixedSizeList<Float32>[48]"
        );
    }

    #[test]
    fn a_slip_finds_its_name_and_nonsense_does_not() {
        let names = ["temperature", "humidity", "late"];
        assert_eq!(
            nearest("temprature", names.into_iter()).as_deref(),
            Some("temperature")
        );
        assert_eq!(nearest("Late", names.into_iter()).as_deref(), Some("late"));
        assert_eq!(nearest("qqq", names.into_iter()), None);
    }
}
