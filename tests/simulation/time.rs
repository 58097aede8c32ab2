//! The detector of slow drift on simulated days: false alarms in a year, and
//! days until a change is found.

use crate::stream::{Course, Found, Pool, run};

/// Prints both tables.
#[expect(clippy::print_stdout, reason = "its output is its purpose")]
pub fn table(repetitions: u64) {
    println!(
        "| nothing changes, 365 days | periods | false alarms a year: growing | anchor | any: growing | anchor |\n|---|---|---|---|---|---|"
    );
    let year = |words: &str, course, pool, periods| {
        let found = run(course, pool, periods, 365, repetitions);
        let rate = |count: u64| count as f64 / repetitions as f64;
        println!(
            "| {words} | {periods} | {:.2} | {:.3} | {:.2} | {:.3} |",
            rate(found.alarms[0]),
            rate(found.alarms[1]),
            rate(found.any[0]),
            rate(found.any[1])
        );
    };
    for periods in [30, 60, 100] {
        year("all days in the pool", Course::Still, Pool::All, periods);
    }
    year("flagged days left out", Course::Still, Pool::Unflagged, 60);
    year("the baseline alone", Course::Still, Pool::None, 60);
    year(
        "days follow each other, 0.7",
        Course::Follows(0.7),
        Pool::All,
        60,
    );
    println!(
        "\n| change, 60 periods | growing: found | median days | anchor: found | median days |\n|---|---|---|---|---|"
    );
    for by in [1.5, 3.0, 6.0] {
        let found = run(
            Course::Shift { day: 30, by },
            Pool::All,
            60,
            90,
            repetitions,
        );
        line(
            &format!("+ {by} sd from day 30 on, within 30 days"),
            &found,
            30,
            repetitions,
        );
    }
    for slope in [0.0, 0.01, 0.02, 0.05] {
        let found = run(Course::Slope(slope), Pool::All, 60, 180, repetitions);
        line(
            &format!("+ {slope} sd every day, within 180 days"),
            &found,
            180,
            repetitions,
        );
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
