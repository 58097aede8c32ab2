//! Instants and lengths of time in messages.

pub(crate) use driftguard_distribution::instant::iso;

use crate::words::number;

/// Hours from which a length of time is given in days.
const IN_DAYS: i64 = 48;

/// A number of hours in words.
pub(crate) fn length(hours: i64) -> String {
    match hours {
        1 => "1 hour".into(),
        _ if hours < IN_DAYS => format!("{hours} hours"),
        _ => format!("{} days", number(hours as f64 / 24.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        assert_eq!(
            (length(1), length(47)),
            ("1 hour".into(), "47 hours".into())
        );
        assert_eq!(length(74), "3.08 days");
    }
}
