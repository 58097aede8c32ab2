//! The numbers of other tools on a numeric column.

use driftguard_sdk::prelude::Finding;
use driftguard_statistics::divergence::{
    hellinger, jensen_shannon_distance, jensen_shannon_distance_nats,
};
use driftguard_statistics::numpy_bins::{doane, histogram, rows, spread, sturges};
use driftguard_statistics::peers::{self, TfdvSide};
use driftguard_statistics::tally::Weighted;
use driftguard_statistics::{Tally, ks};

use super::categorical::{P_VALUE, by_value};
use super::{Convention, Number, Rule, Wanted, findings as findings_of};
use crate::numeric::Sides;

/// Evidently: up to so many distinct values of the reference are bins of their
/// own.
const EVIDENTLY_VALUES: usize = 20;
/// Evidently: up to so many distinct values of both sides are categories.
const EVIDENTLY_FEW: usize = 5;
/// Evidently: more reference rows than this and tests become distances.
const EVIDENTLY_ROWS: u64 = 1000;
/// Evidently: the smallest standard deviation to divide by.
const EVIDENTLY_SPREAD: f64 = 0.001;
/// SciPy: up to so many rows of the larger side `ks_2samp` is exact.
const SCIPY_EXACT: u64 = 10_000;
/// NannyML: from so many reference rows on it estimates over bins.
const NANNYML_EXACT: u64 = 10_000;
/// Both sides, every value with its rows.
struct Values {
    reference: Vec<Weighted>,
    current: Vec<Weighted>,
}

/// The findings of another tool; none if none is wanted.
pub fn findings(sides: &Sides<'_>, wanted: Wanted) -> Vec<Finding> {
    let about = sides.about();
    let tallies = [&sides.reference, &sides.current].map(|side| side.profile().tally());
    let (names, default) = (names(wanted.convention), default_name(wanted.convention));
    let refuse = |why: &str| {
        let refused = |(name, title): &(&'static str, &'static str)| Number {
            name,
            title,
            value: Err(why.to_owned()),
            rule: Rule::Never,
        };
        let numbers: Vec<Number> = names.iter().map(refused).collect();
        findings_of(&about, wanted, &numbers, default)
    };
    let [Some(p), Some(q)] = tallies else {
        return match wanted.convention {
            Convention::Driftguard => vec![],
            _ => refuse("the baseline was made without this `convention`; rebuild it"),
        };
    };
    if p.rows() == 0 || q.rows() == 0 {
        return refuse("a side has no finite value");
    }
    let (Some(reference), Some(current)) = (p.values(), q.values()) else {
        return refuse(&format!(
            "a side has more than {} distinct values, and all are needed: raise `convention-values`",
            p.limit()
        ));
    };
    let values = Values { reference, current };
    let (numbers, default) = match wanted.convention {
        Convention::Driftguard => return vec![],
        Convention::Evidently => values.evidently(),
        Convention::Nannyml => values.nannyml(),
        Convention::Tfdv => values.tfdv([p, q]),
    };
    findings_of(&about, wanted, &numbers, default)
}

/// Name and words of what a tool offers, to say that it is missing.
fn names(convention: Convention) -> &'static [(&'static str, &'static str)] {
    match convention {
        Convention::Driftguard => &[],
        Convention::Evidently => &[
            ("wasserstein-normed", WASSERSTEIN),
            ("js", JS),
            ("psi", PSI),
            ("kl", KL),
            ("ks-p", KS_P),
        ],
        Convention::Nannyml => &[
            ("js", JS),
            ("hellinger", HELLINGER),
            ("wasserstein", WASSERSTEIN),
            ("ks", KS),
        ],
        Convention::Tfdv => &[("jensen-shannon", JSD)],
    }
}

fn default_name(convention: Convention) -> &'static str {
    match convention {
        Convention::Driftguard => "",
        Convention::Evidently => "wasserstein-normed",
        Convention::Nannyml => "js",
        Convention::Tfdv => "jensen-shannon",
    }
}

const WASSERSTEIN: &str = "Wasserstein distance";
const JS: &str = "Jensen-Shannon distance";
const JSD: &str = "Jensen-Shannon divergence";
const PSI: &str = "population stability index";
const KL: &str = "Kullback-Leibler divergence";
const KS: &str = "Kolmogorov-Smirnov distance";
const KS_P: &str = "p-value of Kolmogorov-Smirnov";
const HELLINGER: &str = "Hellinger distance";

impl Values {
    /// Counts over bins, or over values where `edges` is None.
    fn counts(&self, edges: Option<Vec<f64>>) -> (Vec<u64>, Vec<u64>) {
        match edges {
            Some(edges) => (
                histogram(&edges, &self.reference),
                histogram(&edges, &self.current),
            ),
            None => {
                let mut all: Vec<f64> = self.reference.iter().map(|one| one.0).collect();
                all.extend(self.current.iter().map(|one| one.0));
                all.sort_by(f64::total_cmp);
                all.dedup();
                let of = |side: &[Weighted]| -> Vec<u64> {
                    let rows = |value: &f64| {
                        let place = side.partition_point(|one| one.0 < *value);
                        let held = side.get(place).filter(|one| one.0 == *value);
                        held.map_or(0, |one| one.1)
                    };
                    all.iter().map(rows).collect()
                };
                (of(&self.reference), of(&self.current))
            }
        }
    }

    fn normed(&self) -> Option<f64> {
        let moved = peers::wasserstein(&self.reference, &self.current)?;
        Some(moved / spread(&self.reference)?.max(EVIDENTLY_SPREAD))
    }

    /// As `ks_2samp`: exact up to 10,000 rows a side, and refused where that is
    /// dearer than a check may be.
    fn ks_p(&self) -> Result<f64, String> {
        let (n, m) = (rows(&self.reference), rows(&self.current));
        let Some(d) = peers::kolmogorov_smirnov(&self.reference, &self.current) else {
            return Err("a side is empty".into());
        };
        let p = match n.max(m) <= SCIPY_EXACT {
            true => ks::p_value_exact(d, n, m),
            false => ks::p_value_asymptotic(d, n, m),
        };
        p.ok_or_else(|| format!("the exact law of {n} and {m} rows takes too long here"))
    }

    fn evidently(&self) -> (Vec<Number>, &'static str) {
        let bins = match self.reference.len() > EVIDENTLY_VALUES {
            true => sturges(&self.reference, &self.current),
            false => None,
        };
        let by_values = self.counts(None);
        let (p, q) = match bins {
            None if self.reference.len() > EVIDENTLY_VALUES => (vec![], vec![]),
            None => by_values.clone(),
            edges => self.counts(edges),
        };
        let distinct = by_values.0.len();
        let few = distinct <= EVIDENTLY_FEW;
        let mut numbers = vec![
            Number::new(
                "wasserstein-normed",
                WASSERSTEIN,
                self.normed(),
                Rule::From(0.1),
            ),
            Number::new(
                "js",
                JS,
                jensen_shannon_distance_nats(&p, &q),
                Rule::From(0.1),
            ),
            Number::new("psi", PSI, peers::evidently_psi(&p, &q), Rule::From(0.1)),
            Number::new("kl", KL, peers::evidently_kl(&p, &q), Rule::From(0.1)),
            Number {
                name: "ks-p",
                title: KS_P,
                value: self.ks_p(),
                // They drift at 0.05 itself, too.
                rule: Rule::Below(P_VALUE.next_up()),
            },
        ];
        if few {
            numbers.extend(by_value(&by_values.0, &by_values.1));
        }
        let many_rows = rows(&self.reference) > EVIDENTLY_ROWS;
        let default = match (many_rows, few) {
            (true, false) => "wasserstein-normed",
            (true, true) => "js",
            (false, false) => "ks-p",
            (false, true) if distinct > 2 => "chisquare-p",
            (false, true) => "z-p",
        };
        (numbers, default)
    }

    fn nannyml(&self) -> (Vec<Number>, &'static str) {
        let n = rows(&self.reference);
        let (mut p, mut q) = match doane(&self.reference) {
            None => (vec![], vec![]),
            edges => self.counts(edges),
        };
        let beyond = rows(&self.current) - q.iter().sum::<u64>();
        if beyond > 0 && !q.is_empty() {
            p.push(n - p.iter().sum::<u64>());
            q.push(beyond);
        }
        let exact = |value: Option<f64>| match n < NANNYML_EXACT {
            true => value.ok_or_else(|| "it is not defined here".to_owned()),
            false => Err(format!(
                "from {NANNYML_EXACT} reference rows on it is estimated over bins there; the exact one stands beside"
            )),
        };
        let wasserstein = peers::wasserstein(&self.reference, &self.current);
        let gap = peers::kolmogorov_smirnov(&self.reference, &self.current);
        let numbers = vec![
            Number::new("js", JS, jensen_shannon_distance(&p, &q), Rule::Never),
            Number::new("hellinger", HELLINGER, hellinger(&p, &q), Rule::Never),
            Number {
                name: "wasserstein",
                title: WASSERSTEIN,
                value: exact(wasserstein),
                rule: Rule::Never,
            },
            Number {
                name: "ks",
                title: KS,
                value: exact(gap),
                rule: Rule::Never,
            },
        ];
        (numbers, "js")
    }

    fn tfdv(&self, tallies: [&Tally; 2]) -> (Vec<Number>, &'static str) {
        let infinite = tallies.iter().any(|tally| tally.infinite() > 0);
        let [reference, current] = tallies.map(|tally| tally.nans());
        let divergence = peers::tfdv_jensen_shannon(
            TfdvSide {
                values: &self.reference,
                nans: reference,
            },
            TfdvSide {
                values: &self.current,
                nans: current,
            },
        );
        let mut number = Number::new("jensen-shannon", JSD, divergence, Rule::Never);
        if infinite {
            number.value = Err("infinite values change its buckets".into());
        }
        (vec![number], "jensen-shannon")
    }
}
