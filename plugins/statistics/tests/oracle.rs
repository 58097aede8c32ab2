//! Agreement with SciPy to 1e-9, on the pairs of `oracle.json` (written by
//! `make_oracle.py`).

use driftguard_statistics::wasserstein::{self, Binned};
use driftguard_statistics::{
    Counts, Moments, chi_square, divergence, edges, exchangeable, hypergeometric, ks, ks_law,
    multiple, quantile, rates, special, unlisted,
};
use serde_json::Value;

const TOLERANCE: f64 = 1e-9;

fn oracle() -> Value {
    serde_json::from_str(include_str!("oracle.json")).unwrap()
}

fn part(name: &str) -> Vec<Value> {
    oracle()[name].as_array().unwrap().clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn integers(value: &Value) -> Vec<u64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_u64().unwrap())
        .collect()
}

/// Relative, and absolute below the smallest share a row can be.
fn same(what: &str, ours: f64, theirs: &Value) {
    let theirs = number(theirs);
    let close = (ours - theirs).abs() <= TOLERANCE * theirs.abs().max(1e-7);
    assert!(close, "{what}: ours {ours:e}, SciPy {theirs:e}");
}

/// Relative alone, for tails.
fn same_tail(what: &str, ours: f64, theirs: f64) {
    let close = (ours - theirs).abs() <= TOLERANCE * theirs.abs();
    assert!(close, "{what}: ours {ours:e}, SciPy {theirs:e}");
}

fn side(source: &Value, which: usize) -> Vec<f64> {
    if let Some(values) = source.get("values") {
        return numbers(&values[which]);
    }
    let f = &source["formula"][which];
    let whole = |i: usize| f[i].as_u64().unwrap();
    let (scale, offset) = (number(&f[3]), number(&f[4]));
    let mut values: Vec<f64> = (0..whole(0))
        .map(|i| offset + scale * (((i + whole(1)) * 7919) % whole(2)) as f64)
        .collect();
    values.sort_by(f64::total_cmp);
    values
}

fn same_bins(name: &str, bins: &Value) {
    let (r, c) = (integers(&bins["reference"]), integers(&bins["current"]));
    type Distance = fn(&[u64], &[u64]) -> Option<f64>;
    let all: [(&str, Distance); 8] = [
        ("psi", divergence::psi),
        ("psi_laplace", divergence::psi_laplace),
        ("kl", divergence::kullback_leibler),
        ("js_distance_nats", divergence::jensen_shannon_distance_nats),
        ("js_distance", divergence::jensen_shannon_distance),
        ("hellinger", divergence::hellinger),
        ("total_variation", divergence::total_variation),
        ("largest_change", divergence::largest_change),
    ];
    for (statistic, distance) in all {
        match distance(&r, &c) {
            Some(ours) => same(&format!("{name}, {statistic}"), ours, &bins[statistic]),
            None => assert!(
                bins[statistic].is_null(),
                "{name}, {statistic}: ours is none"
            ),
        }
    }
}

#[test]
fn numeric_columns() {
    for case in part("numeric") {
        let name = case["name"].as_str().unwrap();
        let (a, b) = (side(&case["source"], 0), side(&case["source"], 1));
        let (n, m) = (a.len() as u64, b.len() as u64);
        let gap = ks::from_sorted(&a, &b).unwrap();
        same(&format!("{name}, ks"), gap.statistic, &case["ks"]);
        let p = ks::p_value_asymptotic(gap.statistic, n, m).unwrap();
        // SciPy has none for one row against one.
        if let Some(theirs) = case["ks_p_asymptotic"].as_f64() {
            same_tail(&format!("{name}, asymptotic p"), p, theirs);
        }
        if let Some(theirs) = case["ks_p_exact"].as_f64() {
            let exact = ks::p_value_exact(gap.statistic, n, m).unwrap();
            // SciPy counts the paths that stay inside, so its small tails are
            // differences from 1.
            assert!(
                (exact - theirs).abs() <= 1e-9 * theirs.max(1e-5),
                "{name}: {exact:e} and {theirs:e}"
            );
        }
        same(
            &format!("{name}, wasserstein"),
            wasserstein::from_sorted(&a, &b).unwrap(),
            &case["wasserstein"],
        );
        same(
            &format!("{name}, energy"),
            wasserstein::energy_from_sorted(&a, &b).unwrap(),
            &case["energy"],
        );
    }
}

#[test]
fn bins_and_moments_of_numeric_columns() {
    for case in part("numeric") {
        let name = case["name"].as_str().unwrap();
        let (a, b) = (side(&case["source"], 0), side(&case["source"], 1));
        let deciles = edges::decile_edges(&a);
        assert_eq!(deciles, numbers(&case["edges"]), "{name}: edges");
        let counts = [&a, &b].map(|side| Counts::of_values(&deciles, side));
        assert_eq!(
            counts[0].as_slice(),
            integers(&case["bins"]["reference"]),
            "{name}"
        );
        assert_eq!(
            counts[1].as_slice(),
            integers(&case["bins"]["current"]),
            "{name}"
        );
        same_bins(name, &case["bins"]);
        let quantiles = quantile::quantiles_sorted(&a, [0.1, 0.25, 0.5, 0.75, 0.9]).unwrap();
        assert_eq!(
            quantiles.to_vec(),
            numbers(&case["quantiles"]),
            "{name}: quantiles"
        );
        let moments = Moments::of(&a);
        same(name, moments.mean().unwrap(), &case["mean"]);
        same(
            name,
            moments.standard_deviation().unwrap(),
            &case["deviation"],
        );
    }
}

/// Binned distances on the frozen edges of a check stay near the exact ones.
#[test]
fn binning_loses_little() {
    for case in part("numeric") {
        let name = case["name"].as_str().unwrap();
        let (a, b) = (side(&case["source"], 0), side(&case["source"], 1));
        let frozen = edges::drift_edges(&a);
        let (p, q) = (
            Counts::of_values(&frozen, &a),
            Counts::of_values(&frozen, &b),
        );
        let binned = ks::from_counts(p.as_slice(), q.as_slice())
            .unwrap()
            .statistic;
        let exact = number(&case["ks"]);
        let largest_bin = p.as_slice().iter().max().copied().unwrap() as f64 / a.len() as f64;
        assert!(binned <= exact + 1e-12, "{name}: {binned} above {exact}");
        assert!(
            binned >= exact - largest_bin.max(0.1),
            "{name}: {binned} far below {exact}"
        );
        let ends = |counts, side: &[f64]| Binned {
            counts,
            min: side[0],
            max: side[side.len() - 1],
        };
        let (left, right) = (ends(p.as_slice(), &a), ends(q.as_slice(), &b));
        let moved = wasserstein::from_counts(&frozen, left, right).unwrap();
        let scale = number(&case["deviation"]).max(number(&case["wasserstein"]));
        assert!(
            (moved - number(&case["wasserstein"])).abs() < 0.2 * scale,
            "{name}: {moved}"
        );
    }
}

#[test]
fn tables() {
    for case in part("tables") {
        let (r, c) = (integers(&case["reference"]), integers(&case["current"]));
        let name = format!("{} categories", r.len());
        let (test, g) = (
            chi_square::homogeneity(&r, &c).unwrap(),
            chi_square::g_test(&r, &c).unwrap(),
        );
        same(&name, test.statistic, &case["chi2"]);
        same_tail(&name, test.p_value, number(&case["p"]));
        same(&name, test.dof, &case["dof"]);
        same(&name, test.cramers_v, &case["v"]);
        same(&name, test.cramers_v_corrected, &case["v_corrected"]);
        same(
            &name,
            test.small_expected_share,
            &case["small_expected_share"],
        );
        same(&name, g.statistic, &case["g"]);
        same_tail(&name, g.p_value, number(&case["g_p"]));
        same_bins(&name, &case["bins"]);
    }
}

#[test]
fn two_rates() {
    for case in part("rates") {
        let table = integers(&case["table"]);
        let [a, n, b, m] = table[..] else {
            panic!("four numbers")
        };
        let name = format!("{a}/{n} {b}/{m}");
        same_tail(
            &name,
            rates::score_test(a, n, b, m).unwrap(),
            number(&case["score_p"]),
        );
        same_tail(
            &name,
            hypergeometric::fisher_exact(a, n, b, m).unwrap(),
            number(&case["fisher_p"]),
        );
        let (wilson, newcombe) = (numbers(&case["wilson"]), numbers(&case["newcombe"]));
        let own = rates::wilson(a, n, 0.95).unwrap();
        let difference = rates::difference_interval(a, n, b, m, 0.95).unwrap();
        for (ours, theirs) in [own.low, own.high, difference.low, difference.high]
            .iter()
            .zip(wilson.iter().chain(&newcombe))
        {
            assert!((ours - theirs).abs() < 1e-9, "{name}: {ours} and {theirs}");
        }
    }
}

#[test]
fn laws() {
    let laws = &oracle()["laws"];
    let rows = |name: &str| {
        laws[name]
            .as_array()
            .unwrap()
            .iter()
            .map(numbers)
            .collect::<Vec<_>>()
    };
    for row in rows("kstwo") {
        same_tail(
            &format!("kstwo {row:?}"),
            ks_law::kolmogorov_sf_at(row[0], row[1]),
            row[2],
        );
    }
    for row in rows("kolmogorov") {
        same_tail("kolmogorov", special::kolmogorov_sf(row[0]), row[1]);
    }
    for row in rows("normal") {
        same_tail("normal", special::normal_sf(row[0]), row[1]);
    }
    for row in rows("normal_quantile") {
        same_tail(
            "normal quantile",
            special::normal_quantile(row[0]).unwrap(),
            row[1],
        );
    }
    for row in rows("chi2") {
        same_tail(
            &format!("chi2 {row:?}"),
            special::chi_square_sf(row[0], row[1]),
            row[2],
        );
    }
    for row in rows("ln_gamma") {
        same_tail("ln gamma", special::ln_gamma(row[0]), row[1]);
    }
}

#[test]
fn families_of_tests() {
    let family = &oracle()["family"];
    let p = numbers(&family["p"]);
    for (ours, theirs) in [
        (multiple::benjamini_hochberg(&p), &family["bh"]),
        (multiple::holm(&p), &family["holm"]),
    ] {
        for (ours, theirs) in ours.unwrap().into_iter().zip(numbers(theirs)) {
            assert!((ours - theirs).abs() < 1e-12);
        }
    }
}

#[test]
fn rows_dealt_to_one_side() {
    let found = &oracle()["exchangeable"];
    let whole = |value: &Value| value.as_u64().unwrap();
    for row in found["dealt"].as_array().unwrap() {
        let (k, m, n) = (whole(&row[0]), whole(&row[1]), whole(&row[2]));
        let ours = exchangeable::ln_all_here(k, m, n);
        same_tail(&format!("dealt {row}"), ours, number(&row[3]));
    }
    for row in found["above"].as_array().unwrap() {
        let noise = exchangeable::exceedance_noise(whole(&row[0]), whole(&row[1])).unwrap();
        same_tail("mean above", noise.mean, number(&row[2]));
        same_tail("deviation above", noise.sd, number(&row[3]));
    }
}

#[test]
fn rows_of_values_that_are_not_all_known() {
    for case in part("unlisted") {
        let pair = |row: &Value| (row[0].as_u64().unwrap(), row[1].as_u64().unwrap());
        let sampled: Vec<(u64, u64)> = case["sampled"]
            .as_array()
            .unwrap()
            .iter()
            .map(pair)
            .collect();
        let sides = (
            case["here"].as_u64().unwrap(),
            case["there"].as_u64().unwrap(),
        );
        let fraction = number(&case["fraction"]);
        let found = unlisted::estimate(
            &sampled,
            fraction,
            &exchangeable::AllHere::new(sides.0, sides.1),
            0.95,
        )
        .unwrap();
        for (name, ours) in [("alone", found.alone), ("excess", found.excess)] {
            for (ours, theirs) in [ours.value, ours.low, ours.high]
                .into_iter()
                .zip(numbers(&case[name]))
            {
                assert!((ours - theirs).abs() < 1e-9, "{name}: {ours} {theirs}");
            }
        }
    }
}
