//! How one column is treated, by itself: its kind, and whether it is text, an
//! embedding, an id or a weight.

use arrow_schema::DataType;
use driftguard_verdict::{Kind, Role};

use super::look::{Look, Numbers, Texts, Values};
use super::{ColumnRole, names, rules};
use crate::schema::schema_words;

/// A share for people.
pub(crate) fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value == value.round() {
        format!("{value:.0} %")
    } else {
        format!("{value:.1} %")
    }
}

/// The role and kind of a column without regard to the others.
pub(crate) fn alone(look: &Look) -> ColumnRole {
    let words = names::words(&look.name);
    let made = |role, kind, why| ColumnRole {
        name: look.name.clone(),
        role,
        kind,
        why,
        dimension: 0,
    };
    let (kind, why) = match &look.values {
        Values::None => (
            Kind::Other,
            "no values: every row of the sample is null".to_owned(),
        ),
        Values::Nested => (
            Kind::Other,
            format!("stored as {}: only counted", schema_words(&look.stored)),
        ),
        Values::Boolean => (Kind::Categorical, "stored as booleans".to_owned()),
        Values::Instant => (
            Kind::Timestamp,
            format!("stored as {}", schema_words(&look.stored)),
        ),
        Values::Vectors(dimension) => {
            let why = format!("lists of {dimension} floats");
            return ColumnRole {
                dimension: *dimension,
                ..made(Role::Embedding, Kind::Embedding, why)
            };
        }
        Values::Numbers(numbers) => number(look, numbers, &words),
        Values::Texts(texts) => text(look, texts, &words),
    };
    if kind == Kind::Text {
        return made(Role::Text, kind, why);
    }
    if let Some(reason) = id(look, kind, &words) {
        return made(Role::Id, Kind::Categorical, reason);
    }
    let numbers = look.as_numbers();
    if names::weight(&words)
        && kind == Kind::Numeric
        && numbers.is_some_and(|numbers| numbers.minimum >= 0.0)
    {
        return made(
            Role::Weight,
            kind,
            format!("named {:?}, no value below 0", look.name),
        );
    }
    made(Role::Feature, kind, why)
}

fn text(look: &Look, texts: &Texts, words: &str) -> (Kind, String) {
    if texts.instants >= rules::INSTANT_TEXT {
        return (
            Kind::Timestamp,
            format!(
                "text, {} of the values are dates or times",
                percent(texts.instants)
            ),
        );
    }
    if let Some(numbers) = look.as_numbers() {
        let (kind, why) = number(look, numbers, words);
        return (
            kind,
            format!(
                "text, {} of the values are numbers; {why}",
                percent(texts.numeric)
            ),
        );
    }
    let share = look.distinct_share();
    let long = texts.length > rules::FREE_TEXT_LENGTH && texts.words >= rules::FREE_TEXT_WORDS;
    if long && share > rules::FREE_TEXT_DISTINCT {
        let why = format!(
            "free text: {:.0} characters and {:.0} words on average, {} distinct",
            texts.length,
            texts.words,
            percent(share)
        );
        return (Kind::Text, why);
    }
    (Kind::Categorical, format!("text, {}", distinct(look)))
}

/// Numbers are a measurement unless they are few whole numbers that do not
/// count anything, or carry a code's name.
fn number(look: &Look, numbers: &Numbers, words: &str) -> (Kind, String) {
    if !numbers.whole {
        let range = format!("numbers from {} to {}", numbers.minimum, numbers.maximum);
        return (
            Kind::Numeric,
            if look.distinct == 1 {
                format!("numbers, all {}", numbers.minimum)
            } else {
                range
            },
        );
    }
    let whole = format!(
        "whole numbers from {} to {}, {}",
        numbers.minimum,
        numbers.maximum,
        distinct(look)
    );
    if look.distinct == 1 {
        return (
            Kind::Numeric,
            format!("whole numbers, all {}", numbers.minimum),
        );
    }
    if look.distinct == 2 && !names::count(words) {
        return (
            Kind::Categorical,
            format!(
                "two whole numbers only ({} and {}): a flag",
                numbers.minimum, numbers.maximum
            ),
        );
    }
    if names::code(words) && look.distinct <= rules::CODE_DISTINCT {
        return (Kind::Categorical, format!("{whole}, named like a code"));
    }
    let few = look.distinct <= rules::CATEGORY_DISTINCT
        && look.present >= look.distinct * rules::CATEGORY_ROWS;
    let entity = names::id(words)
        && look.distinct <= rules::ID_MANY
        && look.distinct_share() < rules::ID_DISTINCT;
    if !few {
        return (
            if entity {
                Kind::Categorical
            } else {
                Kind::Numeric
            },
            whole,
        );
    }
    if names::count(words) {
        return (Kind::Numeric, format!("{whole}, named like a count"));
    }
    if numbers.minimum == 0.0 && numbers.zeros >= rules::COUNT_ZEROS {
        return (
            Kind::Numeric,
            format!(
                "{whole}, {} zeros: a count of rare events",
                percent(numbers.zeros)
            ),
        );
    }
    (
        Kind::Categorical,
        format!("{whole}: few whole numbers are categories"),
    )
}

fn distinct(look: &Look) -> String {
    let rows = if look.sampled { "sampled rows" } else { "rows" };
    format!("{} distinct in {} {rows}", look.distinct, look.present)
}

fn id(look: &Look, kind: Kind, words: &str) -> Option<String> {
    let whole = look.as_numbers().is_some_and(|numbers| numbers.whole);
    let text = look.stored == DataType::Utf8;
    if kind == Kind::Timestamp || !(whole || text) || look.present < 2 {
        return None;
    }
    let share = look.distinct_share();
    let named = names::id(words);
    if named && share >= rules::ID_DISTINCT {
        return Some(format!(
            "named like an id, {} of the values are distinct",
            percent(share)
        ));
    }
    if named && look.distinct > rules::ID_MANY {
        return Some(format!("named like an id, {}", distinct(look)));
    }
    if look.present < rules::ID_ROWS || look.distinct < look.present || names::code(words) {
        return None;
    }
    if look.monotone && (whole || kind == Kind::Categorical) {
        return Some(format!(
            "all {} values are distinct and in order",
            look.present
        ));
    }
    let one_word =
        matches!(&look.values, Values::Texts(texts) if texts.words <= 1.0 && texts.numeric == 0.0);
    (one_word && kind == Kind::Categorical)
        .then(|| format!("all {} values are distinct single words", look.present))
}
