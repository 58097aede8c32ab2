//! Instants in messages.

/// Microseconds in a minute.
const MINUTE: i64 = 60_000_000;

/// An instant in microseconds since 1970 as `2013-04-02T05:00Z`.
pub fn iso(instant: i64) -> String {
    let minutes = instant.div_euclid(MINUTE);
    let (year, month, day) = civil(minutes.div_euclid(1440));
    let minute = minutes.rem_euclid(1440);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}Z",
        minute / 60,
        minute % 60
    )
}

/// Year, month and day of a number of days since 1970-01-01.
///
/// Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013,
/// `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants() {
        assert_eq!(iso(0), "1970-01-01T00:00Z");
        assert_eq!(iso(-1), "1969-12-31T23:59Z");
        assert_eq!(iso(1_364_878_800 * 1_000_000), "2013-04-02T05:00Z");
        assert_eq!(iso(951_782_400 * 1_000_000), "2000-02-29T00:00Z");
        // The ends of 64 bits are years like any other.
        assert_eq!(iso(i64::MAX), "294247-01-10T04:00Z");
        assert!(iso(i64::MIN).starts_with("-290308-"));
    }
}
