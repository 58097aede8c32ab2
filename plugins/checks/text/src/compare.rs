//! Two profiles into findings.

use driftguard_distribution::finding::Subjected;
use driftguard_distribution::refused;
use driftguard_distribution::shift::{LEVEL, Shift};
use driftguard_distribution::words::{number, percent};
use driftguard_sdk::prelude::{Error, Evidence, Finding, Status};
use driftguard_statistics::divergence::largest_change_noise;
use driftguard_statistics::text::Script;
use driftguard_statistics::{mean_vector, rates};

use crate::features::{MEASURES, Measure};
use crate::frame::Frame;
use crate::profile::{LONGEST, Profile, Tallies};

/// Texts of one side.
struct Side {
    rows: u64,
    tallies: Tallies,
}

/// Texts of both sides.
struct Sides<'a> {
    about: Subjected<'a>,
    frame: &'a Frame,
    reference: Side,
    current: Side,
}

/// Everything that is measured of a text column.
///
/// # Errors
/// [`Error::State`] for states that texts cannot produce.
pub fn compare(
    column: &str,
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    min_rows: u64,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    let side = |profile: &Profile| -> Result<Side, Error> {
        profile.validate()?;
        let (rows, tallies) = profile.texts.total().map_err(refused)?;
        Ok(Side { rows, tallies })
    };
    let (reference, current) = (side(reference)?, side(current)?);
    let about = Subjected {
        column,
        reference: reference.rows,
        current: current.rows,
    };
    if let Some(finding) = about.not_enough("length/tv/q10ref/v1", "texts", min_rows) {
        return Ok(vec![finding]);
    }
    let sides = Sides {
        about,
        frame,
        reference,
        current,
    };
    let mut findings: Vec<Finding> = MEASURES
        .into_iter()
        .enumerate()
        .map(|(place, measure)| sides.measure(place, measure, min_rows))
        .collect();
    findings.extend([sides.script(), sides.damage(), sides.pile_up()]);
    findings.extend(sides.trigrams(min_rows));
    Ok(findings)
}

impl Sides<'_> {
    fn measure(&self, place: usize, measure: Measure, min_rows: u64) -> Finding {
        let metric = format!("{}/tv/q10ref/v1", measure.id());
        let (p, q) = (
            self.reference.tallies.bins_of(place),
            self.current.tallies.bins_of(place),
        );
        let (n, m) = (p.iter().sum::<u64>(), q.iter().sum::<u64>());
        if n.min(m) < min_rows {
            let message = format!(
                "{}: {n} texts of the reference and {m} now have this, at least {min_rows} are needed on each side",
                self.about.name()
            );
            let finding = self.about.measurement(&metric, message).rows(n, m);
            return finding.status(Status::InsufficientData);
        }
        let shift = Shift::of_counts(p, q);
        let words = self.words(place, measure);
        let message = format!(
            "{}: {words}; {} of the texts moved",
            self.about.name(),
            percent(shift.effect)
        );
        self.about.shifted(&metric, &shift, message).rows(n, m)
    }

    fn words(&self, place: usize, measure: Measure) -> String {
        let (before, now) = (&self.reference.tallies, &self.current.tallies);
        let means = (
            before.mean_of(place).unwrap_or(0.0),
            now.mean_of(place).unwrap_or(0.0),
        );
        let shares = |what: &str| format!("{what} {} -> {}", percent(means.0), percent(means.1));
        match measure {
            Measure::Length => format!(
                "median length {} -> {} characters",
                median(before),
                median(now)
            ),
            Measure::UpperCase => shares("letters in upper case"),
            Measure::Digits => shares("characters that are digits"),
            Measure::Punctuation => shares("characters that are punctuation"),
            Measure::UnknownWords => shares("words that the reference does not have"),
        }
    }

    fn script(&self) -> Finding {
        let (p, q) = (
            &self.reference.tallies.scripts,
            &self.current.tallies.scripts,
        );
        let shift = Shift::of_counts(p, q);
        let share = |side: &Side, place: usize| {
            side.tallies.scripts.get(place).copied().unwrap_or(0) as f64 / side.rows as f64
        };
        let change = |place: usize| share(&self.current, place) - share(&self.reference, place);
        // Where nothing moved, the script of most texts is named.
        let by_change = |a: &usize, b: &usize| {
            let (left, right) = (change(*a).abs(), change(*b).abs());
            let common = || share(&self.reference, *a).total_cmp(&share(&self.reference, *b));
            left.total_cmp(&right).then_with(common)
        };
        let most = (0..Script::ALL.len()).max_by(by_change).unwrap_or(0);
        let name = Script::ALL.get(most).map_or("", |script| script.name());
        let message = format!(
            "{}: texts in {name} {} -> {}",
            self.about.name(),
            percent(share(&self.reference, most)),
            percent(share(&self.current, most))
        );
        let labels = Script::ALL.iter().map(|script| script.name().to_owned());
        let finding = self.about.shifted("script/tv/v1", &shift, message);
        finding.evidence(Evidence {
            title: "script of most letters".into(),
            labels: labels.collect(),
            reference: p.iter().map(|rows| *rows as f64).collect(),
            current: q.iter().map(|rows| *rows as f64).collect(),
        })
    }

    fn damage(&self) -> Finding {
        let (a, n) = (self.reference.tallies.damaged, self.reference.rows);
        let (b, m) = (self.current.tallies.damaged, self.current.rows);
        let shift = Shift::of_rates((a, n), (b, m));
        let message = format!(
            "{}: {} of the texts hold marks of a wrong encoding, {} in the reference",
            self.about.name(),
            percent(b as f64 / m as f64),
            percent(a as f64 / n as f64)
        );
        self.about.shifted("encoding-damage/tv/v1", &shift, message)
    }

    /// The largest change of the share of texts that have one and the same
    /// length: a field that was cut, or padded.
    fn pile_up(&self) -> Finding {
        let (before, now) = (
            &self.reference.tallies.lengths,
            &self.current.tallies.lengths,
        );
        let all: std::collections::BTreeSet<u32> =
            before.keys().chain(now.keys()).copied().collect();
        let of = |side: &std::collections::BTreeMap<u32, u64>| -> Vec<u64> {
            let rows = |length: &u32| side.get(length).copied().unwrap_or(0);
            all.iter().map(rows).collect()
        };
        let (p, q) = (of(before), of(now));
        let (n, m) = (self.reference.rows, self.current.rows);
        let change = |(length, (a, b)): (u32, (u64, u64))| {
            (length, a, b, b as f64 / m as f64 - a as f64 / n as f64)
        };
        let most = all
            .iter()
            .copied()
            // What is longer was counted as this.
            .zip(p.iter().copied().zip(q.iter().copied()))
            .filter(|(length, _)| *length < LONGEST)
            .map(change)
            .max_by(|a, b| a.3.abs().total_cmp(&b.3.abs()));
        let (length, a, b, moved) = most.unwrap_or((0, 0, 0, 0.0));
        let quiet = Shift::still(n, m);
        let noise = largest_change_noise(&p, &q).filter(|noise| noise.sd > 0.0);
        let noise = noise.unwrap_or(quiet.noise);
        let p_value = rates::compare(a, n, b, m).map_or(1.0, |test| test.p_value);
        let interval = rates::difference_interval(a, n, b, m, LEVEL);
        let message = format!(
            "{}: {} of the texts have exactly {length} characters, {} in the reference",
            self.about.name(),
            percent(b as f64 / m as f64),
            percent(a as f64 / n as f64)
        );
        let finding = self
            .about
            .measurement("one-length/max/v1", message)
            .statistic(moved.abs())
            .effect(noise.corrected(moved.abs()))
            .noise(noise.mean, noise.sd)
            // It is the largest of so many.
            .p_value((p_value * all.len() as f64).min(1.0));
        match interval {
            Some(interval) if moved >= 0.0 => {
                finding.interval(interval.low.max(0.0), interval.high, LEVEL)
            }
            Some(interval) => finding.interval((-interval.high).max(0.0), -interval.low, LEVEL),
            None => finding,
        }
    }

    /// None where the reference's texts do not differ.
    fn trigrams(&self, min_rows: u64) -> Option<Finding> {
        let (before, now) = (&self.reference.tallies, &self.current.tallies);
        let (n, m) = (before.gram_rows, now.gram_rows);
        if n.min(m) < min_rows {
            return None;
        }
        let spread = self.frame.grams.as_ref()?;
        let (x, y) = (before.mean_grams(), now.mean_grams());
        let found = mean_vector::compare(spread, (n, &x), (m, &y))?;
        let message = format!(
            "{}: the trigrams of characters moved by {} standard deviations",
            self.about.name(),
            number(found.separation)
        );
        Some(
            self.about
                .apart("trigrams/mean-distance/b256/v1", &found, message)
                .rows(n, m),
        )
    }
}

fn median(tallies: &Tallies) -> u32 {
    let rows: u64 = tallies.lengths.values().sum();
    let mut below = 0;
    for (length, count) in &tallies.lengths {
        below += count;
        if below * 2 >= rows {
            return *length;
        }
    }
    0
}
