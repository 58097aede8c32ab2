//! Periods that come one after the other, through the product's own detector.
//! A period is one score here, as after the maximum over columns: normal, with
//! mean 0 while nothing changes.

use driftguard_verdict::sequential::{ALARM_AT, Past, Unit, look};

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

/// `days` after a baseline of `periods`, `repetitions` times.
pub fn run(course: Course, pool: Pool, periods: usize, days: usize, repetitions: u64) -> Found {
    let mut found = Found::default();
    for repetition in 0..repetitions {
        // One detector at a time: each begins again after its own alarms.
        for which in [0, 1] {
            let mut chance = Chance::new(repetition * 7_919 + periods as u64);
            let alarms = one(course, pool, periods, days, which, &mut chance);
            found.alarms[which] += alarms.len() as u64;
            found.any[which] += u64::from(!alarms.is_empty());
            let start = match course {
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
fn one(
    course: Course,
    pool: Pool,
    periods: usize,
    days: usize,
    which: usize,
    chance: &mut Chance,
) -> Vec<usize> {
    let mut before = 0.0;
    let mut draw = |day: Option<usize>| {
        let news = chance.normal();
        before = match (course, day) {
            (Course::Follows(memory), _) => memory * before + (1.0 - memory * memory).sqrt() * news,
            _ => news,
        };
        before
            + match (course, day) {
                (Course::Shift { day: from, by }, Some(day)) if day >= from => by,
                (Course::Slope(by), Some(day)) => by * (day + 1) as f64,
                _ => 0.0,
            }
    };
    let anchor: Vec<(f64, f64)> = (0..periods).map(|_| draw(None)).map(|x| (x, x)).collect();
    let mut past: Vec<Past> = vec![];
    let mut alarms = vec![];
    for day in 0..days {
        let score = draw(Some(day));
        let unit = Unit::Data(day.to_string());
        let own = (score, score);
        let (place, step) = look(&past, &anchor, &anchor, &unit, own, own);
        let alarmed = [step.growing, step.anchored][which] >= ALARM_AT;
        if alarmed {
            alarms.push(day);
        }
        let kept = match pool {
            Pool::All => true,
            Pool::Unflagged => place.rank as f64 > 0.05 * place.among as f64,
            Pool::None => false,
        };
        past.push(Past {
            unit,
            scores: kept.then_some(own),
            place,
            alarmed,
        });
    }
    alarms
}
