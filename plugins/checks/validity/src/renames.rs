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
/// Least share of a value that its share tells from others.
const LEAST: f64 = 0.005;
/// Share of the rows that other values must still have.
const STAYED: f64 = 0.1;
/// Share of the rows from which renamed values are a fault.
const MATERIAL: f64 = 0.02;
/// Values named in a message.
const NAMED: usize = 3;

/// One name for another.
struct Rename<'a> {
    from: &'a Value<'a>,
    to: &'a Value<'a>,
    /// Name or share say which it is; else it is one of several alike.
    told: bool,
}

/// The renames, as a fault where they are beyond doubt and material.
/// `exchangeable`: rows do not follow each other, so that shares tell names.
pub(crate) fn find(
    about: &Subjected<'_>,
    table: &Table<'_>,
    exchangeable: bool,
) -> Option<Finding> {
    let (n, m) = (about.reference, about.current);
    let far = |rows: u64, here: u64, there: u64| ln_all_here(rows, here, there) < IMPROBABLE.ln();
    let gone: Vec<&Value<'_>> = table
        .values
        .iter()
        .filter(|value| value.now == 0 && far(value.before, n, m))
        .collect();
    let new: Vec<&Value<'_>> = table
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
        let gone: Vec<&Value<'_>> = gone
            .into_iter()
            .filter(|value| !found.iter().any(|one| one.from == *value))
            .collect();
        let new: Vec<&Value<'_>> = new
            .into_iter()
            .filter(|value| !found.iter().any(|one| one.to == *value))
            .collect();
        let both = |value: &&Value<'_>| value.before > 0 && value.now > 0;
        let stayed: u64 = table.values.iter().filter(both).map(|v| v.before).sum();
        let stayed = stayed as f64 >= STAYED * n as f64;
        found.extend(shares.by_share(&gone, &new, stayed));
    }
    if found.is_empty() {
        return None;
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.from.before));
    Some(shares.finding(about, &found))
}

/// The same name but for case, blanks, punctuation, or how a number is
/// written; one for one.
fn by_name<'a>(gone: &[&'a Value<'a>], new: &[&'a Value<'a>]) -> Vec<Rename<'a>> {
    let mut found = vec![];
    for from in gone {
        let name = plain(from.text);
        let same = |value: &&&Value<'_>| plain(value.text) == name;
        let mut matches = new.iter().filter(same);
        let several = gone.iter().filter(same).count() > 1;
        if let (Some(to), None, false) =
            (matches.next(), matches.next(), several || name.is_empty())
        {
            found.push(Rename {
                from,
                to,
                told: true,
            });
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
    fn of(&self, from: &Value<'_>, to: &Value<'_>) -> (f64, f64) {
        (
            from.before as f64 / self.n as f64,
            to.now as f64 / self.m as f64,
        )
    }

    fn within(&self, from: &Value<'_>, to: &Value<'_>, part: f64) -> bool {
        let (p, q) = self.of(from, to);
        let compared = rates::compare(from.before, self.n, to.now, self.m);
        (p - q).abs() <= part * p.max(q) || compared.is_some_and(|c| c.p_value > SAME)
    }

    /// Values of the same share, one for one. Where several are alike, as many
    /// must be new as are gone, and some other value must have stayed: a column
    /// of which all is new has not been renamed by its shares.
    fn by_share<'a>(
        &self,
        gone: &[&'a Value<'a>],
        new: &[&'a Value<'a>],
        stayed: bool,
    ) -> Vec<Rename<'a>> {
        let mut gone: Vec<&'a Value<'a>> = gone
            .iter()
            .copied()
            .filter(|value| value.before as f64 >= LEAST * self.n as f64)
            .collect();
        let mut new: Vec<&'a Value<'a>> = new
            .iter()
            .copied()
            .filter(|value| value.now as f64 >= LEAST * self.m as f64)
            .collect();
        gone.sort_by_key(|value| std::cmp::Reverse(value.before));
        new.sort_by_key(|value| std::cmp::Reverse(value.now));
        let mut found = vec![];
        while let Some(first) = gone.first().copied() {
            let (from, to) = self.alike(first, &gone, &new);
            gone.retain(|value| !from.contains(value));
            let one_for_one = from.len() == to.len() && (from.len() == 1 || stayed);
            let mut pairs = from.iter().zip(&to);
            if one_for_one && pairs.all(|(from, to)| self.within(from, to, NEAR)) {
                let told = from.len() == 1;
                let pairs = from.iter().zip(&to);
                found.extend(pairs.map(|(from, to)| Rename { from, to, told }));
            }
        }
        found
    }

    /// All values that could be taken for each other, beginning with one.
    fn alike<'a>(
        &self,
        first: &'a Value<'a>,
        gone: &[&'a Value<'a>],
        new: &[&'a Value<'a>],
    ) -> (Vec<&'a Value<'a>>, Vec<&'a Value<'a>>) {
        let (mut from, mut to) = (vec![first], vec![]);
        loop {
            let before = (from.len(), to.len());
            let joins = |to: &[&Value<'_>], value: &&Value<'_>| {
                !to.contains(value) && from.iter().any(|from| self.within(from, value, ALIKE))
            };
            let more: Vec<&'a Value<'a>> = new.iter().copied().filter(|v| joins(&to, v)).collect();
            to.extend(more);
            let joins = |from: &[&Value<'_>], value: &&Value<'_>| {
                !from.contains(value) && to.iter().any(|to| self.within(value, to, ALIKE))
            };
            let more: Vec<&'a Value<'a>> =
                gone.iter().copied().filter(|v| joins(&from, v)).collect();
            from.extend(more);
            if (from.len(), to.len()) == before {
                break;
            }
        }
        from.sort_by_key(|value| std::cmp::Reverse(value.before));
        to.sort_by_key(|value| std::cmp::Reverse(value.now));
        (from, to)
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
                    short(one.from.text),
                    short(one.to.text)
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
        let doubt = match found.iter().all(|one| one.told) {
            true => "",
            false => "; of several alike, which is which their shares do not tell",
        };
        let message = format!(
            "{}: {values} renamed, {} of the rows: {}{more}{doubt}",
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
