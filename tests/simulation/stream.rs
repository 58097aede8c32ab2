//! Periods that come one after the other, through the product's own detector.
//! A period is one score, as after the maximum over columns, or one for each of
//! some columns, of which the first changes: normal, with mean 0 while nothing
//! changes.

use driftguard_verdict::sequential::{ALARM_AT, ColumnStanding, Past, Standing, Unit, look};

use crate::chance::Chance;

/// What happens to the score.
#[derive(Clone, Copy)]
pub enum Course {
    /// Nothing.
    Still,
    /// Higher by so many sd from this day on (the first is 0).
    Shift { day: usize, by: f64 },
    /// Higher by so many sd every day.
    Slope(f64),
    /// Days follow each other with this correlation.
    Follows(f64),
}

/// What a period is made of.
#[derive(Clone, Copy, PartialEq)]
pub enum Width {
    /// One score.
    One,
    /// So many columns; they are told apart, or only their largest score and
    /// their sum are looked at.
    Columns { count: usize, apart: bool },
}

/// What is taken into the growing pool.
#[derive(Clone, Copy, PartialEq)]
pub enum Pool {
    /// Every day.
    All,
    /// Days that are not among the farthest 5 % of the pool.
    Unflagged,
    /// No day: the baseline alone.
    None,
}

/// Out of all repetitions.
#[derive(Default)]
pub struct Found {
    /// Alarms in all, by the growing pool and by the anchor.
    pub alarms: [u64; 2],
    /// Repetitions with at least one.
    pub any: [u64; 2],
    /// Days from the change (or the start) to the first alarm after it, of
    /// each repetition that had one.
    pub delays: [Vec<usize>; 2],
}

impl Found {
    /// The middle delay; repetitions without an alarm count as never.
    pub fn median(&self, which: usize, repetitions: usize) -> Option<usize> {
        let mut delays = self.delays[which].clone();
        delays.sort_unstable();
        delays.get(repetitions / 2).copied()
    }

    /// How many alarmed within so many days.
    pub fn within(&self, which: usize, days: usize) -> usize {
        self.delays[which]
            .iter()
            .filter(|delay| **delay <= days)
            .count()
    }
}

/// What is simulated.
#[derive(Clone, Copy)]
pub struct World {
    pub course: Course,
    pub pool: Pool,
    pub width: Width,
    /// Of the baseline.
    pub periods: usize,
    /// After it.
    pub days: usize,
}

impl World {
    /// One score a day, all days in the pool, 60 periods in the baseline.
    pub fn of(course: Course, days: usize) -> Self {
        Self {
            course,
            pool: Pool::All,
            width: Width::One,
            periods: 60,
            days,
        }
    }

    /// `repetitions` times.
    pub fn run(self, repetitions: u64) -> Found {
        let mut found = Found::default();
        for repetition in 0..repetitions {
            // One detector at a time: each begins again after its own alarms.
            for which in [0, 1] {
                let mut chance = Chance::new(repetition * 7_919 + self.periods as u64);
                let alarms = self.once(which, &mut chance);
                found.alarms[which] += alarms.len() as u64;
                found.any[which] += u64::from(!alarms.is_empty());
                let start = match self.course {
                    Course::Shift { day, .. } => day,
                    _ => 0,
                };
                // An alarm before the change is a false one: no delay is known.
                let first = alarms.first().filter(|day| **day >= start);
                found.delays[which].extend(first.map(|day| day - start + 1));
            }
        }
        found
    }

    /// Days with an alarm.
    fn once(self, which: usize, chance: &mut Chance) -> Vec<usize> {
        let mut before = 0.0;
        let anchor: Vec<Vec<f64>> = (0..self.periods)
            .map(|_| self.scores(None, &mut before, chance))
            .collect();
        let mut past: Vec<Past> = vec![];
        let mut alarms = vec![];
        for day in 0..self.days {
            let own = self.scores(Some(day), &mut before, chance);
            let beside = self.standing(&anchor, &own);
            let unit = Unit::Data(day.to_string());
            let found = look(&past, &beside, &beside, &unit);
            let step = found.steps.all();
            let alarmed = [step.growing, step.anchored][which] >= ALARM_AT;
            if alarmed {
                alarms.push(day);
            }
            let place = found.place;
            let kept = match self.pool {
                Pool::All => true,
                Pool::Unflagged => place.rank as f64 > 0.05 * place.among as f64,
                Pool::None => false,
            };
            past.push(Past {
                unit,
                scores: kept.then_some(beside.own),
                place,
                columns: found.columns,
                alarmed,
            });
        }
        alarms
    }

    /// Scores of a day, or of a period of the baseline; the first one changes.
    fn scores(self, day: Option<usize>, before: &mut f64, chance: &mut Chance) -> Vec<f64> {
        let news = chance.normal();
        *before = match self.course {
            Course::Follows(memory) => memory * *before + (1.0 - memory * memory).sqrt() * news,
            _ => news,
        };
        let moved = match (self.course, day) {
            (Course::Shift { day: from, by }, Some(day)) if day >= from => by,
            (Course::Slope(by), Some(day)) => by * (day + 1) as f64,
            _ => 0.0,
        };
        let others = match self.width {
            Width::One => 0,
            Width::Columns { count, .. } => count.saturating_sub(1),
        };
        let mut scores = vec![*before + moved];
        scores.extend((0..others).map(|_| chance.normal()));
        scores
    }

    fn standing(self, anchor: &[Vec<f64>], own: &[f64]) -> Standing {
        let joint = |scores: &[f64]| match self.width {
            Width::One => (scores[0], scores[0]),
            Width::Columns { .. } => {
                let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let squares = scores.iter().map(|score| score.max(0.0).powi(2));
                (largest, (squares.sum::<f64>() / scores.len() as f64).sqrt())
            }
        };
        let apart = matches!(self.width, Width::Columns { apart: true, .. });
        let column = |(at, own): (usize, &f64)| {
            let pool: Vec<f64> = anchor.iter().map(|scores| scores[at]).collect();
            (at.to_string(), ColumnStanding::new(*own, &pool))
        };
        Standing {
            own: joint(own),
            pool: anchor.iter().map(|scores| joint(scores)).collect(),
            columns: own
                .iter()
                .enumerate()
                .filter(|_| apart)
                .map(column)
                .collect(),
        }
    }
}
