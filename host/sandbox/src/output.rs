//! What a plugin returns is data of a stranger: it is cut, cleaned and checked
//! before anything else sees it.

use std::collections::HashMap;

use driftguard_verdict as verdict;

use crate::batch::ColumnInfo;
use crate::bindings::driftguard::check::types;
use crate::budget::{MAX_EVIDENCE_ROWS, MAX_EVIDENCE_TABLES, MAX_NAME_BYTES, MAX_TEXT_BYTES};

/// The text without control and direction characters, at most `limit` bytes.
/// Escape sequences, line breaks and right-to-left overrides would let a
/// plugin write into a terminal, a log or a report what it likes.
pub(crate) fn clean(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    for letter in text.chars() {
        let letter = if letter.is_control() || is_format(letter) {
            '\u{fffd}'
        } else {
            letter
        };
        if out.len() + letter.len_utf8() > limit {
            break;
        }
        out.push(letter);
    }
    out
}

fn is_format(letter: char) -> bool {
    matches!(
        letter,
        '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Columns by the name that a plugin is told; of equal names the first one.
pub(crate) type Names<'a> = HashMap<String, &'a str>;

/// The names of granted columns.
pub(crate) fn names(columns: &[ColumnInfo]) -> Names<'_> {
    let mut out = Names::new();
    for column in columns {
        let told = clean(&column.name, MAX_NAME_BYTES);
        out.entry(told).or_insert(&column.name);
    }
    out
}

/// A finding as the host knows it, or why it is not acceptable.
pub(crate) fn finding(
    check: &str,
    raw: types::Finding,
    columns: &Names<'_>,
) -> Result<verdict::Finding, String> {
    let metric = clean(&raw.metric, MAX_NAME_BYTES);
    let place = |field: &str| format!("{field} of metric `{metric}`");
    let finite = |field: &str, value: f64| {
        if value.is_finite() {
            Ok(value)
        } else {
            Err(format!("{} is {value}, not a finite number", place(field)))
        }
    };
    let positive = |field: &str, value: f64| {
        if value < 0.0 {
            Err(format!("{} is {value}, which is negative", place(field)))
        } else {
            finite(field, value)
        }
    };
    let share = |field: &str, value: f64| {
        if (0.0..=1.0).contains(&value) {
            Ok(value)
        } else {
            let place = place(field);
            Err(format!("{place} is {value}, which is not between 0 and 1"))
        }
    };
    let effect = positive("effect", raw.effect)?;
    let p_value = raw.p_value.map(|p| share("p-value", p)).transpose()?;
    let statistic = raw
        .statistic
        .map(|value| finite("statistic", value))
        .transpose()?;
    let unit_effect = match raw.unit_effect {
        None => None,
        Some(unit) => Some(verdict::UnitEffect {
            value: finite("unit-effect", unit.value)?,
            unit: clean(&unit.unit, MAX_NAME_BYTES),
        }),
    };
    let interval = match raw.interval {
        None => None,
        Some(types::Interval { low, high, level }) => Some(verdict::Interval {
            low: finite("interval.low", low)?,
            high: finite("interval.high", high)?,
            level: share("interval.level", level)?,
        }),
    };
    let noise = match raw.noise {
        None => None,
        Some(types::Noise { mean, sd }) => Some(verdict::Noise {
            mean: finite("noise.mean", mean)?,
            sd: positive("noise.sd", sd)?,
        }),
    };
    let subject = subject(raw.subject, columns).map_err(|name| {
        format!(
            "{} is column `{name}`, which was not granted",
            place("subject")
        )
    })?;
    if raw.evidence.len() > MAX_EVIDENCE_TABLES {
        return Err(format!(
            "{} has {} tables, the limit is {MAX_EVIDENCE_TABLES}",
            place("evidence"),
            raw.evidence.len()
        ));
    }
    let evidence = raw
        .evidence
        .into_iter()
        .map(evidence)
        .collect::<Result<Vec<_>, String>>();
    Ok(verdict::Finding {
        check: check.to_owned(),
        subject,
        nature: match raw.nature {
            types::Nature::Measurement => verdict::Nature::Measurement,
            types::Nature::Fault => verdict::Nature::Fault,
            types::Nature::Supporting => verdict::Nature::Supporting,
        },
        status: match raw.status {
            types::Status::Ok => verdict::Status::Ok,
            types::Status::InsufficientData => verdict::Status::InsufficientData,
            types::Status::Degenerate => verdict::Status::Degenerate,
            types::Status::NotApplicable => verdict::Status::NotApplicable,
        },
        statistic,
        effect,
        unit_effect,
        interval,
        p_value,
        noise,
        n_reference: raw.n_reference,
        n_current: raw.n_current,
        evidence: evidence.map_err(|why| format!("{} {why}", place("evidence")))?,
        message: clean(&raw.message, MAX_TEXT_BYTES),
        metric,
    })
}

/// The subject with the column names as they are in the data; a name that was
/// not granted comes back as the error.
fn subject(raw: types::Subject, columns: &Names<'_>) -> Result<verdict::Subject, String> {
    let granted = |name: String| {
        let found = columns.get(&name);
        found
            .map(|&column| column.to_owned())
            .ok_or_else(|| clean(&name, MAX_NAME_BYTES))
    };
    Ok(match raw {
        types::Subject::Dataset => verdict::Subject::Dataset,
        types::Subject::Column(name) => verdict::Subject::Column(granted(name)?),
        types::Subject::Pair((left, right)) => {
            verdict::Subject::Pair(granted(left)?, granted(right)?)
        }
        types::Subject::Segment(text) => verdict::Subject::Segment(clean(&text, MAX_TEXT_BYTES)),
    })
}

fn evidence(raw: types::Evidence) -> Result<verdict::Evidence, String> {
    let rows = raw.labels.len();
    if rows > MAX_EVIDENCE_ROWS {
        return Err(format!(
            "has a table of {rows} rows, the limit is {MAX_EVIDENCE_ROWS}"
        ));
    }
    if raw.reference.len() != rows || raw.current.len() != rows {
        return Err(format!(
            "has {rows} labels but {} and {} numbers",
            raw.reference.len(),
            raw.current.len()
        ));
    }
    if raw
        .reference
        .iter()
        .chain(&raw.current)
        .any(|value| !value.is_finite())
    {
        return Err("holds a number that is not finite".into());
    }
    Ok(verdict::Evidence {
        title: clean(&raw.title, MAX_NAME_BYTES),
        labels: raw
            .labels
            .iter()
            .map(|label| clean(label, MAX_NAME_BYTES))
            .collect(),
        reference: raw.reference,
        current: raw.current,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted() -> Names<'static> {
        Names::from([("a".to_owned(), "a")])
    }

    fn raw() -> types::Finding {
        types::Finding {
            metric: "ks/v1".into(),
            subject: types::Subject::Column("a".into()),
            nature: types::Nature::Measurement,
            status: types::Status::Ok,
            statistic: Some(0.1),
            effect: 0.1,
            unit_effect: None,
            interval: None,
            p_value: Some(0.5),
            noise: None,
            n_reference: 1,
            n_current: 1,
            evidence: vec![],
            message: "moved".into(),
        }
    }

    #[test]
    fn control_and_direction_characters_go() {
        assert_eq!(
            clean("a\x1b[2J\nb\u{202e}c", 100),
            "a\u{fffd}[2J\u{fffd}b\u{fffd}c"
        );
        assert_eq!(clean("ääää", 5), "ää");
    }

    #[test]
    fn good_findings_pass() {
        assert_eq!(finding("x", raw(), &granted()).unwrap().check, "x");
    }

    #[test]
    fn bad_findings_say_what_is_wrong() {
        let table = |reference: Vec<f64>| types::Evidence {
            title: String::new(),
            labels: vec!["l".into()],
            reference,
            current: vec![0.0],
        };
        type Spoil = Box<dyn Fn(&mut types::Finding)>;
        let cases: Vec<(Spoil, &str)> = vec![
            (
                Box::new(|f| f.effect = f64::NAN),
                "effect of metric `ks/v1` is NaN, not a finite number",
            ),
            (
                Box::new(|f| f.effect = -1.0),
                "effect of metric `ks/v1` is -1, which is negative",
            ),
            (
                Box::new(|f| f.p_value = Some(2.0)),
                "p-value of metric `ks/v1` is 2, which is not between 0 and 1",
            ),
            (
                Box::new(|f| f.subject = types::Subject::Column("b".into())),
                "subject of metric `ks/v1` is column `b`, which was not granted",
            ),
            (
                Box::new(move |f| f.evidence = vec![table(vec![])]),
                "evidence of metric `ks/v1` has 1 labels but 0 and 1 numbers",
            ),
        ];
        for (spoil, expected) in cases {
            let mut finding_ = raw();
            spoil(&mut finding_);
            assert_eq!(finding("x", finding_, &granted()).unwrap_err(), expected);
        }
    }
}
