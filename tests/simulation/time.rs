//! The detector of slow drift on simulated days: false alarms in a year, and
//! days until a change is found.

use crate::stream::{Course, Found, Pool, Width, World};

/// Prints both tables.
#[expect(clippy::print_stdout, reason = "its output is its purpose")]
pub fn table(repetitions: u64) {
    println!(
        "| nothing changes, 365 days | periods | false alarms a year: growing | anchor | any: growing | anchor |\n|---|---|---|---|---|---|"
    );
    let year = |words: &str, world: World| {
        let found = world.run(repetitions);
        let periods = world.periods;
        let rate = |count: u64| count as f64 / repetitions as f64;
        println!(
            "| {words} | {periods} | {:.2} | {:.3} | {:.2} | {:.3} |",
            rate(found.alarms[0]),
            rate(found.alarms[1]),
            rate(found.any[0]),
            rate(found.any[1])
        );
    };
    let still = World::of(Course::Still, 365);
    for periods in [30, 60, 100] {
        year("all days in the pool", World { periods, ..still });
    }
    let pool = Pool::Unflagged;
    year("flagged days left out", World { pool, ..still });
    let pool = Pool::None;
    year("the baseline alone", World { pool, ..still });
    let follows = World::of(Course::Follows(0.7), 365);
    year("days follow each other, 0.7", follows);
    for apart in [false, true] {
        let width = Width::Columns { count: 30, apart };
        let words = if apart {
            "30 columns, each by itself, too"
        } else {
            "30 columns together"
        };
        year(words, World { width, ..still });
    }
    println!(
        "\n| change, 60 periods | growing: found | median days | anchor: found | median days |\n|---|---|---|---|---|"
    );
    for by in [1.5, 3.0, 6.0] {
        let found = World::of(Course::Shift { day: 30, by }, 90).run(repetitions);
        let words = format!("+ {by} sd from day 30 on, within 30 days");
        line(&words, &found, 30, repetitions);
    }
    for slope in [0.0, 0.01, 0.02, 0.05] {
        let found = World::of(Course::Slope(slope), 180).run(repetitions);
        let words = format!("+ {slope} sd every day, within 180 days");
        line(&words, &found, 180, repetitions);
    }
    for apart in [false, true] {
        for slope in [0.01, 0.02, 0.05] {
            let world = World {
                width: Width::Columns { count: 30, apart },
                ..World::of(Course::Slope(slope), 180)
            };
            let which = if apart {
                "each by itself, too"
            } else {
                "together"
            };
            let words =
                format!("one of 30 columns ({which}) + {slope} sd every day, within 180 days");
            line(&words, &world.run(repetitions), 180, repetitions);
        }
    }
}

#[expect(clippy::print_stdout, reason = "its output is its purpose")]
fn line(words: &str, found: &Found, days: usize, repetitions: u64) {
    let cell = |which| {
        let share = 100.0 * found.within(which, days) as f64 / repetitions as f64;
        let median = found.median(which, repetitions as usize);
        let median = median.map_or("never".to_owned(), |day| day.to_string());
        format!("{share:.0} % | {median}")
    };
    println!("| {words} | {} | {} |", cell(0), cell(1));
}
