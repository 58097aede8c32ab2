//! Lengths of periods by the calendar, in UTC.

use std::fmt;
use std::str::FromStr;

use super::PeriodKey;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeriodUnit {
    /// Full hours.
    Hour,
    /// Days from midnight.
    Day,
    /// Weeks from Monday.
    Week,
    /// Calendar months.
    Month,
}

impl PeriodUnit {
    /// From the shortest to the longest.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The period that holds this instant (microseconds since 1970).
    pub fn key(self, micros: i64) -> PeriodKey {
        let days = micros.div_euclid(DAY);
        match self {
            Self::Hour => micros.div_euclid(HOUR),
            Self::Day => days,
            // 1970-01-05 was a Monday.
            Self::Week => (days + 3).div_euclid(7),
            Self::Month => {
                let (year, month, _) = civil(days);
                year * 12 + month - 1
            }
        }
    }

    /// The period's first instant, as a date ("2013-01-05", "2013-01",
    /// "2013-01-05T07").
    pub fn name(self, key: PeriodKey) -> String {
        let date = |days: i64| {
            let (year, month, day) = civil(days);
            format!("{year:04}-{month:02}-{day:02}")
        };
        match self {
            Self::Hour => format!("{}T{:02}", date(key.div_euclid(24)), key.rem_euclid(24)),
            Self::Day => date(key),
            Self::Week => date(key.saturating_mul(7).saturating_sub(3)),
            Self::Month => format!("{:04}-{:02}", key.div_euclid(12), key.rem_euclid(12) + 1),
        }
    }

    /// Which recurring phase a period is in: the day of the week (0 is
    /// Monday), the hour of the day. Weeks and months have none.
    pub fn phase(self, key: PeriodKey) -> Option<u32> {
        match self {
            Self::Hour => u32::try_from(key.rem_euclid(24)).ok(),
            Self::Day => u32::try_from((key + 3).rem_euclid(7)).ok(),
            Self::Week | Self::Month => None,
        }
    }

    /// Length in microseconds; of a month, its mean.
    pub fn length(self) -> i64 {
        match self {
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 30 * DAY + 10 * HOUR,
        }
    }
}

/// Year, month 1 to 12 and day of a day number, in the proleptic Gregorian
/// calendar (Hinnant, "chrono-compatible low-level date algorithms", 2013).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

impl fmt::Display for PeriodUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        })
    }
}

impl FromStr for PeriodUnit {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let found = Self::ALL.into_iter().find(|unit| unit.to_string() == text);
        found.ok_or(())
    }
}
