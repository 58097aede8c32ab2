//! Values that look renamed: one is gone, another is new, and they have the
//! same name in another spelling, or the same share of the rows.

use driftguard_distribution::Subjected;
use driftguard_distribution::runs::IMPROBABLE;
use driftguard_distribution::words::{percent, percent_pair, short};
use driftguard_sdk::prelude::Finding;
use driftguard_statistics::exchangeable::ln_all_here;
use driftguard_statistics::rates;

use crate::values::{Table, Value};

/// Shares that differ less often than this by chance are not the same.
const SAME: f64 = 0.01;
/// Shares within this part of each other are the same whatever the rows.
const NEAR: f64 = 0.1;
/// Shares that are within this part of each other cannot be told apart.
const ALIKE: f64 = 0.25;
/// Share of the rows from which renamed values are a fault.
const MATERIAL: f64 = 0.02;
/// Values named in a message.
const NAMED: usize = 3;

/// One name for another.
struct Rename<'a> {
    from: &'a Value,
    to: &'a Value,
}

/// The renames, as a fault where they are beyond doubt and material.
/// `exchangeable`: rows do not follow each other, so that shares tell names.
pub(crate) fn find(about: &Subjected<'_>, table: &Table, exchangeable: bool) -> Option<Finding> {
    let (n, m) = (about.reference, about.current);
    let far = |rows: u64, here: u64, there: u64| ln_all_here(rows, here, there) < IMPROBABLE.ln();
    let gone: Vec<&Value> = table
        .values
        .iter()
        .filter(|value| value.now == 0 && far(value.before, n, m))
        .collect();
    let new: Vec<&Value> = table
        .values
        .iter()
        .filter(|value| value.before == 0 && far(value.now, m, n))
        .collect();
    if gone.is_empty() || new.is_empty() {
        return None;
    }
    let shares = Shares { n, m };
    let mut found = by_name(&gone, &new);
    if exchangeable {
        let gone: Vec<&Value> = gone
            .into_iter()
            .filter(|value| !found.iter().any(|one| one.from == *value))
            .collect();
        let new: Vec<&Value> = new
            .into_iter()
            .filter(|value| !found.iter().any(|one| one.to == *value))
            .collect();
        found.extend(shares.by_share(&gone, &new));
    }
    if found.is_empty() {
        return None;
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.from.before));
    Some(shares.finding(about, &found))
}

/// The same name but for case, blanks, punctuation, or how a number is
/// written; one for one.
fn by_name<'a>(gone: &[&'a Value], new: &[&'a Value]) -> Vec<Rename<'a>> {
    let mut found = vec![];
    for from in gone {
        let name = plain(&from.text);
        let same = |value: &&&Value| plain(&value.text) == name;
        let mut matches = new.iter().filter(same);
        let several = gone.iter().filter(same).count() > 1;
        if let (Some(to), None, false) =
            (matches.next(), matches.next(), several || name.is_empty())
        {
            found.push(Rename { from, to });
        }
    }
    found
}

fn plain(text: &str) -> String {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>()
        && number.is_finite()
    {
        return format!("{}", number + 0.0);
    }
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

struct Shares {
    n: u64,
    m: u64,
}

impl Shares {
    fn of(&self, from: &Value, to: &Value) -> (f64, f64) {
        (
            from.before as f64 / self.n as f64,
            to.now as f64 / self.m as f64,
        )
    }

    fn within(&self, from: &Value, to: &Value, part: f64) -> bool {
        let (p, q) = self.of(from, to);
        let compared = rates::compare(from.before, self.n, to.now, self.m);
        (p - q).abs() <= part * p.max(q) || compared.is_some_and(|c| c.p_value > SAME)
    }

    /// Pairs of the same share that no other value could be part of.
    fn by_share<'a>(&self, gone: &[&'a Value], new: &[&'a Value]) -> Vec<Rename<'a>> {
        let mut found = vec![];
        for from in gone {
            let alike: Vec<&&Value> = new
                .iter()
                .filter(|to| self.within(from, to, ALIKE))
                .collect();
            let [to] = alike.as_slice() else { continue };
            let others = gone.iter().filter(|other| self.within(other, to, ALIKE));
            if others.count() == 1 && self.within(from, to, NEAR) {
                found.push(Rename { from, to });
            }
        }
        found
    }

    fn finding(&self, about: &Subjected<'_>, found: &[Rename<'_>]) -> Finding {
        let mass: f64 = found
            .iter()
            .map(|one| {
                let (p, q) = self.of(one.from, one.to);
                p.min(q)
            })
            .sum();
        let named: Vec<String> = found
            .iter()
            .take(NAMED)
            .map(|one| {
                let (p, q) = self.of(one.from, one.to);
                let (p, q) = percent_pair(p, q);
                format!(
                    "{} -> {} ({p} -> {q})",
                    short(&one.from.text),
                    short(&one.to.text)
                )
            })
            .collect();
        let more = match found.len() > NAMED {
            true => ", ...",
            false => "",
        };
        let values = match found.len() {
            1 => "1 value looks".to_owned(),
            count => format!("{count} values look"),
        };
        let message = format!(
            "{}: {values} renamed, {} of the rows: {}{more}",
            about.name(),
            percent(mass),
            named.join(", ")
        );
        let finding = match mass >= MATERIAL {
            true => about.fault("renamed-values/v1", message),
            false => about.supporting("renamed-values/v1", message),
        };
        finding.statistic(found.len() as f64).effect(mass)
    }
}
