//! What the periods and the current data are like.

use std::sync::OnceLock;

use crate::chance::Chance;

pub const PERIODS: usize = 39;
pub const COLUMNS: usize = 50;
pub const BINS: usize = 64;

/// One unit: rows, and counts by column and bin.
pub struct Counts {
    pub rows: u64,
    pub bins: Vec<Vec<u64>>,
}

/// Normal columns with quantile bins.
pub struct Scenario {
    pub name: &'static str,
    pub wanted: &'static str,
    pub seed: u64,
    /// Rows of a period; 0: from 200 to 8,000, even in logarithms.
    rows: u64,
    current_rows: u64,
    wobble: f64,
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
        rows: 2_000,
        current_rows: 2_000,
        wobble: 0.0,
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
pub const SCENARIOS: [Scenario; 15] = [
    scenario("A nothing changed", "<= 5 %", 1),
    Scenario {
        wobble: 0.1,
        ..scenario("B wobble 0.1", "<= 5 %", 2)
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
        wobble: 0.01,
        moved: (1, 0.3),
        ..big("K 10 million rows, one + 0.3, wobble 0.01", ">= 100 %", 15)
    },
];

impl Scenario {
    /// Periods in order, the current data last.
    pub fn units(&self, chance: &mut Chance) -> Vec<Counts> {
        (0..=PERIODS)
            .map(|at| self.unit(at == PERIODS, chance))
            .collect()
    }

    fn unit(&self, current: bool, chance: &mut Chance) -> Counts {
        let rows = match (current, self.rows) {
            (true, _) => self.current_rows,
            (false, 0) => (200.0 * 40_f64.powf(chance.uniform())) as u64,
            (false, rows) => rows,
        };
        let bins = (0..COLUMNS).map(|column| {
            let mut mean = self.wobble * chance.normal();
            let mut sd = 1.0;
            if current && column < self.moved.0 {
                mean += self.moved.1;
            }
            if current && column == 0 {
                sd = self.spread;
            }
            counts(rows, mean, sd, chance)
        });
        Counts {
            rows,
            bins: bins.collect(),
        }
    }
}

/// Rows of a normal column in bins that hold equal shares of a standard one.
fn counts(rows: u64, mean: f64, sd: f64, chance: &mut Chance) -> Vec<u64> {
    static EDGES: OnceLock<Vec<f64>> = OnceLock::new();
    let edges = EDGES.get_or_init(|| {
        (1..BINS)
            .map(|bin| quantile(bin as f64 / BINS as f64))
            .collect()
    });
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
