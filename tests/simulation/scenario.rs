//! What the periods and the current data are like.

use std::sync::OnceLock;

use crate::chance::Chance;

pub const PERIODS: usize = 39;
pub const COLUMNS: usize = 50;
pub const BINS: usize = 64;

/// One unit: rows, and counts by column and bin.
#[derive(Clone)]
pub struct Counts {
    pub rows: u64,
    /// Kind of day, where days differ by kind.
    pub phase: Option<&'static str>,
    pub bins: Vec<Vec<u64>>,
}

/// Normal columns with quantile bins.
pub struct Scenario {
    pub name: &'static str,
    pub wanted: &'static str,
    pub seed: u64,
    /// Periods of the reference.
    periods: usize,
    /// Periods of the current data.
    pub judged: usize,
    /// Rows of a period; 0: from 200 to 8,000, even in logarithms.
    rows: u64,
    current_rows: u64,
    wobble: f64,
    /// Correlation of the wobble with that of the period before.
    wobble_memory: f64,
    /// Correlation of a row with the row before.
    row_memory: f64,
    /// The first 25 columns lie half a deviation higher on Saturday and
    /// Sunday.
    weekends: bool,
    /// How many columns move in the current data, and by how many sd.
    moved: (usize, f64),
    /// Factor of the first column's sd in the current data.
    spread: f64,
}

const fn scenario(name: &'static str, wanted: &'static str, seed: u64) -> Scenario {
    Scenario {
        name,
        wanted,
        seed,
        periods: PERIODS,
        judged: 1,
        rows: 2_000,
        current_rows: 2_000,
        wobble: 0.0,
        wobble_memory: 0.0,
        row_memory: 0.0,
        weekends: false,
        moved: (0, 0.0),
        spread: 1.0,
    }
}

/// The same with 10 million rows on every side.
const fn big(name: &'static str, wanted: &'static str, seed: u64) -> Scenario {
    Scenario {
        rows: 10_000_000,
        current_rows: 10_000_000,
        ..scenario(name, wanted, seed)
    }
}

/// Rows of the table in the reference, by its letters.
pub const SCENARIOS: [Scenario; 29] = [
    scenario("A nothing changed", "<= 5 %", 1),
    Scenario {
        wobble: 0.1,
        ..scenario("B wobble 0.1", "<= 5 %", 2)
    },
    Scenario {
        rows: 1_000,
        current_rows: 1_000,
        row_memory: 0.9,
        ..scenario("C rows follow each other, 0.9", "<= 5 %", 16)
    },
    big("E2 10 million rows", "<= 5 %", 3),
    Scenario {
        wobble: 0.01,
        ..big("E 10 million rows, wobble 0.01", "<= 5 %", 4)
    },
    Scenario {
        current_rows: 100,
        ..scenario("N current data of 100 rows", "<= 5 %", 5)
    },
    Scenario {
        current_rows: 100,
        wobble: 0.1,
        ..scenario("N' the same, wobble 0.1", "<= 5 %", 6)
    },
    Scenario {
        rows: 0,
        ..scenario("N2 periods of 200 to 8,000 rows", "<= 5 %", 7)
    },
    Scenario {
        weekends: true,
        ..scenario("F weekends differ in 25 columns", "<= 5 %", 17)
    },
    Scenario {
        wobble: 0.1,
        wobble_memory: 0.7,
        ..scenario(
            "D wobble follows that of the day before, 0.7",
            "no guarantee",
            18,
        )
    },
    Scenario {
        wobble: 0.1,
        wobble_memory: 0.95,
        ..scenario("D2 the same, 0.95", "no guarantee", 19)
    },
    Scenario {
        wobble: 0.1,
        wobble_memory: 0.7,
        periods: 273,
        judged: 7,
        ..scenario("D3 as D, 273 days, a week is judged", "<= 5 %", 23)
    },
    Scenario {
        wobble: 0.1,
        wobble_memory: 0.95,
        periods: 273,
        judged: 7,
        ..scenario("D4 as D2, 273 days, a week is judged", "no guarantee", 24)
    },
    Scenario {
        wobble: 0.1,
        wobble_memory: 0.95,
        moved: (1, 0.5),
        ..scenario("D5 as D2, one column + 0.5", "power", 25)
    },
    Scenario {
        wobble: 0.1,
        periods: 60,
        judged: 12,
        ..scenario("M 12 periods are judged, wobble 0.1", "<= 5 %", 26)
    },
    Scenario {
        wobble: 0.1,
        periods: 60,
        judged: 12,
        moved: (1, 0.2),
        ..scenario("M2 the same, one column + 0.2", "power", 27)
    },
    Scenario {
        wobble: 0.1,
        periods: 60,
        judged: 12,
        wobble_memory: 0.3,
        ..scenario("M3 as M, wobble follows, 0.3", "<= 5 %", 28)
    },
    Scenario {
        periods: 19,
        ..scenario("A' nothing changed, 19 periods", "<= 5 %", 29)
    },
    Scenario {
        moved: (1, 0.003),
        ..big("J 10 million rows, one column + 0.003", "0 %", 8)
    },
    Scenario {
        wobble: 0.01,
        moved: (50, 0.02),
        ..big("J2 10 million rows, all + 0.02", "0 %", 9)
    },
    Scenario {
        moved: (1, 0.25),
        ..scenario("H2 one column + 0.25", ">= 100 %", 10)
    },
    Scenario {
        wobble: 0.1,
        moved: (1, 0.5),
        ..scenario("H one column + 0.5, wobble 0.1", ">= 82 %", 11)
    },
    Scenario {
        wobble: 0.1,
        spread: 1.5,
        ..scenario("I one column, sd x 1.5, wobble 0.1", ">= 94 %", 12)
    },
    Scenario {
        wobble: 0.1,
        moved: (20, 0.25),
        ..scenario("I2 20 columns + 0.25, wobble 0.1", ">= 99 %", 13)
    },
    Scenario {
        moved: (50, 0.1),
        ..scenario("G all + 0.1", ">= 48 %", 14)
    },
    Scenario {
        wobble: 0.1,
        moved: (50, 0.1),
        ..scenario("G2 all + 0.1, wobble 0.1", ">= 57 %", 20)
    },
    Scenario {
        rows: 1_000,
        current_rows: 1_000,
        row_memory: 0.9,
        moved: (1, 1.0),
        ..scenario("C2 rows follow each other, one + 1", ">= 100 %", 21)
    },
    Scenario {
        weekends: true,
        moved: (1, 0.5),
        ..scenario("F2 weekends differ, one + 0.5", ">= 100 %", 22)
    },
    Scenario {
        wobble: 0.01,
        moved: (1, 0.3),
        ..big("K 10 million rows, one + 0.3, wobble 0.01", ">= 100 %", 15)
    },
];

impl Scenario {
    /// Periods in order, the current data last.
    pub fn units(&self, chance: &mut Chance) -> Vec<Counts> {
        let mut wobble = vec![0.0; COLUMNS];
        (0..self.periods + self.judged)
            .map(|day| self.unit(day, &mut wobble, chance))
            .collect()
    }

    fn unit(&self, day: usize, wobble: &mut [f64], chance: &mut Chance) -> Counts {
        let current = day >= self.periods;
        let rows = match (current, self.rows) {
            (true, _) => self.current_rows,
            (false, 0) => (200.0 * 40_f64.powf(chance.uniform())) as u64,
            (false, rows) => rows,
        };
        // The current day is a Friday; the first one a Sunday.
        let weekend = self.weekends && matches!(day % 7, 0 | 6);
        let bins = wobble.iter_mut().enumerate().map(|(column, wobble)| {
            let memory = if day == 0 { 0.0 } else { self.wobble_memory };
            let news = (1.0 - memory * memory).sqrt();
            *wobble = memory * *wobble + news * self.wobble * chance.normal();
            let mut mean = *wobble;
            let mut sd = 1.0;
            if weekend && column < 25 {
                mean += 0.5;
            }
            if current && column < self.moved.0 {
                mean += self.moved.1;
            }
            if current && column == 0 {
                sd = self.spread;
            }
            if self.row_memory > 0.0 {
                return following(rows, mean, sd, self.row_memory, chance);
            }
            counts(rows, mean, sd, chance)
        });
        Counts {
            rows,
            phase: self
                .weekends
                .then_some(if weekend { "weekend" } else { "weekday" }),
            bins: bins.collect(),
        }
    }
}

impl Counts {
    /// 2,000 rows whose columns wobble by 0.1 and whose first column lies
    /// higher by `by` sd.
    pub fn shifted(by: f64, chance: &mut Chance) -> Self {
        let bins = (0..COLUMNS).map(|column| {
            let mean = 0.1 * chance.normal() + if column == 0 { by } else { 0.0 };
            counts(2_000, mean, 1.0, chance)
        });
        Self {
            rows: 2_000,
            phase: None,
            bins: bins.collect(),
        }
    }
}

/// Edges of bins that hold equal shares of a standard normal column.
fn edges() -> &'static [f64] {
    static EDGES: OnceLock<Vec<f64>> = OnceLock::new();
    EDGES.get_or_init(|| {
        (1..BINS)
            .map(|bin| quantile(bin as f64 / BINS as f64))
            .collect()
    })
}

/// Rows drawn one after the other, each near the one before.
fn following(rows: u64, mean: f64, sd: f64, memory: f64, chance: &mut Chance) -> Vec<u64> {
    let mut bins = vec![0; BINS];
    let news = (1.0 - memory * memory).sqrt();
    let mut at = chance.normal();
    for _ in 0..rows {
        bins[edges().partition_point(|edge| *edge < mean + sd * at)] += 1;
        at = memory * at + news * chance.normal();
    }
    bins
}

/// Rows of a normal column in bins that hold equal shares of a standard one.
fn counts(rows: u64, mean: f64, sd: f64, chance: &mut Chance) -> Vec<u64> {
    let edges = edges();
    let (mut left, mut below) = (rows, 0.0);
    (1..=BINS)
        .map(|bin| {
            let upper = edges
                .get(bin - 1)
                .map_or(1.0, |edge| phi((edge - mean) / sd));
            let share = ((upper - below) / (1.0_f64 - below).max(1e-300)).clamp(0.0, 1.0);
            let drawn = chance.binomial(left, share);
            left -= drawn;
            below = upper;
            drawn
        })
        .collect()
}

/// The normal distribution function, to 1e-7 (Abramowitz, Stegun, 26.2.17).
fn phi(x: f64) -> f64 {
    if x < 0.0 {
        return 1.0 - phi(-x);
    }
    let t = 1.0 / (1.0 + 0.231_641_9 * x);
    let series = t
        * (0.319_381_53
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    1.0 - (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt() * series
}

/// Its inverse, by bisection.
fn quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-6.0, 6.0);
    for _ in 0..48 {
        let middle = 0.5 * (low + high);
        if phi(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}
