//! Names of roles and kinds, and families of storage types.

use driftguard_sdk::prelude::{Kind, Role};

/// The name of a role, as in policies.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Feature => "feature",
        Role::Prediction => "prediction",
        Role::Score => "score",
        Role::Label => "label",
        Role::Timestamp => "timestamp",
        Role::Id => "id",
        Role::Segment => "segment",
        Role::Text => "text",
        Role::Embedding => "embedding",
        Role::Weight => "weight",
        Role::Ignore => "ignore",
    }
}

/// The name of a kind.
pub(crate) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Numeric => "numeric",
        Kind::Categorical => "categorical",
        Kind::Text => "text",
        Kind::Timestamp => "timestamp",
        Kind::Embedding => "embedding",
        Kind::Other => "other",
    }
}

/// Types between which values keep their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Integers, floats and decimals of any width.
    Number,
    Text,
    Boolean,
    /// Instants of any resolution and zone.
    Instant,
    /// Days without a time.
    Date,
    /// No value at all: nothing is known of its type.
    Nothing,
    /// Compared by name.
    Other,
}

/// The family of an Arrow type in words.
pub(crate) fn family(storage: &str) -> Family {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| storage.starts_with(prefix));
    match storage {
        "Boolean" => Family::Boolean,
        "Null" => Family::Nothing,
        _ if starts(&["Int", "UInt", "Float", "Decimal"]) && !starts(&["Interval"]) => {
            Family::Number
        }
        _ if starts(&["Utf8", "LargeUtf8", "Dictionary"]) => Family::Text,
        _ if starts(&["Timestamp"]) => Family::Instant,
        _ if starts(&["Date"]) => Family::Date,
        _ => Family::Other,
    }
}

/// Whether the host reads columns of this type as numbers. Others it refuses,
/// which must not fail the check: their new type is its finding.
pub(crate) fn holds_numbers(storage: &str) -> bool {
    matches!(
        family(storage),
        Family::Number | Family::Text | Family::Boolean | Family::Nothing
    )
}

/// Whether a change from one type to the other leaves the values as they were.
pub(crate) fn same_family(reference: &str, current: &str) -> bool {
    let (before, after) = (family(reference), family(current));
    // A column without any value is the business of `completeness`.
    let nothing = before == Family::Nothing || after == Family::Nothing;
    nothing || (before == after && before != Family::Other) || reference == current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_a_family_and_text_is_none_of_numbers() {
        assert!(same_family("Int32", "Float64"));
        assert!(same_family("UInt8", "Decimal128(10, 2)"));
        assert!(same_family("Utf8", "Dictionary(Int32, Utf8)"));
        assert!(same_family("Timestamp(µs)", "Timestamp(ms, UTC)"));
        assert!(same_family("Null", "Int64"));
        assert!(!same_family("Int64", "Utf8"));
        assert!(!same_family("Boolean", "Int64"));
        assert!(!same_family("Date32", "Timestamp(µs)"));
        assert!(!same_family("Interval(DayTime)", "Int64"));
        assert!(!same_family("List<Int64>", "List<Utf8>"));
        assert!(same_family("Struct<a: Int64>", "Struct<a: Int64>"));
    }
}
