#!/usr/bin/env python3
"""Writes oracle.json beside this file: what SciPy says about a few seeded pairs.

Run with SciPy 1.17 and NumPy; the conventions are those of docs (q10ref, eps1e-4, ...).
The data are embedded, or come from `formula`, which tests/oracle.rs repeats.
"""
import json
import pathlib
import warnings

import numpy as np
from scipy import optimize, special, stats
from scipy.spatial.distance import jensenshannon

warnings.filterwarnings("ignore")


def formula(n, start, modulus, scale, offset):
    """x_i = offset + scale * (((i + start) * 7919) mod modulus); integers until the last step."""
    return np.array([offset + scale * (((i + start) * 7919) % modulus) for i in range(n)])


def binned(r, c):
    p, q = r / r.sum(), c / c.sum()
    a, b = np.maximum(p, 1e-4), np.maximum(q, 1e-4)
    k = len(r)
    la, lb = (r + 0.5) / (r.sum() + k / 2), (c + 0.5) / (c.sum() + k / 2)
    kl = float(stats.entropy(q, p))
    return {
        "reference": [int(v) for v in r],
        "current": [int(v) for v in c],
        "psi": np.sum((b - a) * np.log(b / a)),
        "psi_laplace": np.sum((lb - la) * np.log(lb / la)),
        "kl": kl if np.isfinite(kl) else None,
        "js_distance_nats": jensenshannon(p, q),
        "js_distance": jensenshannon(p, q, base=2),
        "hellinger": np.sqrt(np.sum((np.sqrt(p) - np.sqrt(q)) ** 2) / 2),
        "total_variation": 0.5 * np.abs(p - q).sum(),
        "largest_change": np.abs(p - q).max(),
    }


def numeric(name, a, b, source):
    ks = stats.ks_2samp(a, b, method="asymp")
    edges = np.unique(np.quantile(a, np.linspace(0, 1, 11))[1:-1])
    counts = [np.bincount(np.searchsorted(edges, x, side="right"), minlength=len(edges) + 1).astype(float) for x in (a, b)]
    out = {
        "name": name,
        "source": source,
        "ks": ks.statistic,
        "ks_p_asymptotic": ks.pvalue,
        "ks_p_exact": stats.ks_2samp(a, b, method="exact").pvalue if len(a) * len(b) <= 4_000_000 else None,
        "wasserstein": stats.wasserstein_distance(a, b),
        "energy": stats.energy_distance(a, b),
        "edges": list(edges),
        "bins": binned(*counts),
        "quantiles": list(np.quantile(a, [0.1, 0.25, 0.5, 0.75, 0.9])),
        "mean": a.mean(),
        "deviation": np.std(a),
        "min": a.min(),
        "max": a.max(),
    }
    return out


def pairs():
    rng = np.random.default_rng(20260714)
    r3 = lambda x: np.round(x, 3)
    embedded = {
        "golden": ([1, 2, 2, 3, 5], [2, 3, 4, 4, 6, 7]),
        "shifted normal": (r3(rng.normal(0, 1, 200)), r3(rng.normal(0.5, 1, 150))),
        "same normal": (r3(rng.normal(10, 2, 120)), r3(rng.normal(10, 2, 120))),
        "wider, far from zero": (r3(rng.normal(1e6, 1, 80)), r3(rng.normal(1e6, 3, 90))),
        "small integers": (rng.poisson(2, 150), rng.poisson(3, 130)),
        "mostly zero": (np.where(rng.random(200) < 0.7, 0, r3(rng.exponential(5, 200))), np.where(rng.random(180) < 0.5, 0, r3(rng.exponential(5, 180)))),
        "one outlier": (r3(np.append(rng.normal(0, 1, 99), 1e6)), r3(rng.normal(0.5, 1, 100))),
        "two against three": ([1.5, 2.5], [2.0, 3.0, 4.0]),
        "one against one": ([1.0], [2.0]),
        "apart": (r3(rng.normal(0, 1, 40)), r3(rng.normal(20, 1, 50))),
        "binary": (rng.integers(0, 2, 100), (rng.random(100) < 0.8).astype(int)),
    }
    for name, (a, b) in embedded.items():
        a, b = np.sort(np.asarray(a, float)), np.sort(np.asarray(b, float))
        yield numeric(name, a, b, {"values": [list(a), list(b)]})
    formulas = {
        "even, a little shifted": ((2000, 3, 10007, 0.01, 0.0), (3000, 77, 10007, 0.01, 1.5)),
        "even, unequal rows": ((20000, 0, 65537, 0.001, -30.0), (700, 5, 65537, 0.001, -29.0)),
        "many ties": ((5000, 1, 13, 1.0, 0.0), (4000, 2, 11, 1.0, 1.0)),
        "hardly any change in many rows": ((300000, 0, 1000003, 1.0, 0.0), (300000, 9, 1000003, 1.0, 1000.0)),
    }
    for name, (f, g) in formulas.items():
        yield numeric(name, np.sort(formula(*f)), np.sort(formula(*g)), {"formula": [list(f), list(g)]})


def tables():
    rng = np.random.default_rng(7)
    rows = [([30, 20, 50], [45, 15, 40]), ([5, 0, 9, 100], [0, 3, 12, 80]), ([1000000, 2000000], [1001000, 1999000])]
    rows += [tuple(rng.multinomial(n, rng.dirichlet(np.ones(k))) for n in (400, 700)) for k in (2, 5, 40)]
    p = rng.dirichlet(np.ones(300))
    rows.append((rng.multinomial(5000, p), rng.multinomial(6000, p)))
    for r, c in rows:
        r, c = np.asarray(r, float), np.asarray(c, float)
        keep = r + c > 0
        table = np.stack([r, c])[:, keep]
        t = stats.chi2_contingency(table, correction=False)
        g = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
        n, k = table.sum(), table.shape[1]
        kc, rc = k - (k - 1) ** 2 / (n - 1), 2 - 1 / (n - 1)
        yield {
            "reference": [int(v) for v in r], "current": [int(v) for v in c],
            "chi2": t.statistic, "p": t.pvalue, "dof": t.dof, "g": g.statistic, "g_p": g.pvalue,
            "small_expected_share": float((t.expected_freq < 5).mean()),
            "v": np.sqrt(t.statistic / n),
            "v_corrected": np.sqrt(max(0, t.statistic / n - (k - 1) / (n - 1)) / min(kc - 1, rc - 1)),
            "bins": binned(r, c),
        }


def rates():
    for a, n, b, m in [(0, 10, 5, 12), (3, 1000, 9, 1000), (20, 1000, 100, 1000), (8, 10, 1, 6), (0, 50, 0, 60), (2, 5000, 40, 200000), (500, 1000, 480, 1000), (1, 2, 2, 2), (9, 90, 0, 4000)]:
        pooled = (a + b) / (n + m)
        se = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        z = (b / m - a / n) / se if se else 0.0
        w = [stats.binomtest(h, r).proportion_ci(0.95, method="wilson") for h, r in ((a, n), (b, m))]
        p, q = a / n, b / m
        yield {
            "table": [a, n, b, m],
            "score_p": 2 * stats.norm.sf(abs(z)),
            "fisher_p": stats.fisher_exact([[a, b], [n - a, m - b]]).pvalue,
            "wilson": [w[0].low, w[0].high],
            "newcombe": [q - p - np.hypot(q - w[1].low, w[0].high - p), q - p + np.hypot(w[1].high - q, p - w[0].low)],
        }


def laws():
    kstwo = []
    for n in [1, 2, 3, 5, 10, 20, 50, 100, 140, 141, 200, 500, 1000, 3000, 20000, 99999, 100001, 400000, 1000000, 5000000]:
        for z in [0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.2, 1.4, 1.5, 1.8, 2.1, 2.5, 3.5, 5.0, 8.0]:
            d = z / np.sqrt(n)
            if d <= 1:
                kstwo.append([n, d, stats.kstwo.sf(d, n)])
    return {
        "kstwo": kstwo,
        "kolmogorov": [[t, special.kolmogorov(t)] for t in (0.2, 0.5, 0.9, 1.17, 1.19, 1.5, 2.5, 5.0)],
        "normal": [[z, stats.norm.sf(z)] for z in (-8, -2.5, -0.3, 0, 0.3, 1, 1.5, 3, 8, 20, 35)],
        "normal_quantile": [[p, stats.norm.ppf(p)] for p in (1e-200, 1e-12, 0.001, 0.1, 0.4999, 0.5, 0.7, 0.99, 0.9999999)],
        "chi2": [[x, k, stats.chi2.sf(x, k)] for k in (1, 2, 3, 9, 50, 999, 20000) for x in (0.01 * k, 0.5 * k, k, 1.5 * k + 3, 4 * k + 50) if stats.chi2.sf(x, k) > 1e-290],
        "ln_gamma": [[x, special.gammaln(x)] for x in (1e-8, 0.1, 0.5, 1.5, 3, 10, 15.9, 16.1, 100, 1e4, 1e8)],
    }


def families():
    rng = np.random.default_rng(3)
    p = np.sort(rng.random(12) ** 3)[rng.permutation(12)]
    p[4] = p[7]
    n = len(p)
    order = np.argsort(p, kind="stable")
    holm = np.empty(n)
    holm[order] = np.minimum(np.maximum.accumulate(p[order] * (n - np.arange(n))), 1)
    return {"p": list(p), "bh": list(stats.false_discovery_control(p)), "holm": list(holm)}


def exchangeable():
    """All of k rows dealt to the m of n + m; rows of m above the largest of n."""
    dealt = [(k, m, n, stats.hypergeom.logpmf(k, n + m, k, m)) for k, m, n in
             [(1, 10, 10), (5, 20, 3), (12, 100, 400), (64, 500, 500), (65, 500, 500), (300, 2000, 900), (900, 1000, 10)]]
    above = [(n, m, stats.betabinom.mean(m, 1, n) / m, stats.betabinom.std(m, 1, n) / m) for n, m in [(1, 1), (50, 600), (8000, 8000), (20, 100000)]]
    return {"dealt": dealt, "above": above}


def unlisted():
    """Ratio over sampled values by resampling-free formulas written out anew: hypergeometric chance, linearised
    variance, Wilson's ends as the roots of the score equation."""
    rng = np.random.default_rng(17)
    z = stats.norm.ppf(0.975)
    for k, f, new, heavy in [(40, 0.5, 0.3, 1), (500, 0.2, 0.3, 9), (500, 0.02, 0.0, 4), (300, 0.1, 1.0, 2), (60, 0.9, 0.1, 400)]:
        here = rng.integers(1, 6, k)
        here[0] *= heavy
        there = np.where(rng.random(k) < new, 0, rng.integers(1, 6, k))
        here[k // 2:k // 2 + k // 10] = 0
        m, n = int(here.sum() / f) + 10, int(there.sum() / f) + 50
        both = here + there
        chance = np.array([stats.hypergeom.pmf(c, n + m, c, m) for c in both])
        alone = np.where(there == 0, here, 0).astype(float)
        x, scale = here.sum(), (1 - f) * k / (k - 1)
        sd = {}
        for name, d in (("alone", alone), ("excess", alone - both * chance)):
            r = d.sum() / x
            sd[name] = r, np.sqrt(scale * np.sum((d - r * here) ** 2)) / x
        r, error = sd["alone"]
        rows = min(r * (1 - r) / error ** 2 if error > 0 else np.inf, x ** 2 / np.sum(here.astype(float) ** 2) / scale)
        score = lambda p: (r - p) ** 2 - z * z * p * (1 - p) / rows
        low = 0.0 if r == 0 else optimize.brentq(score, 1e-15, r - 1e-12, xtol=1e-15)
        high = 1.0 if r == 1 else optimize.brentq(score, r + 1e-12, 1 - 1e-15, xtol=1e-15)
        more, spread = sd["excess"][0], z * sd["excess"][1]
        yield {"sampled": [[int(a), int(b)] for a, b in zip(here, there)], "fraction": f, "here": m, "there": n,
               "alone": [r, low, high], "excess": [more, more - max(spread, r - low), more + max(spread, high - r)]}


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    x = x.item() if isinstance(x, np.generic) else x
    return None if isinstance(x, float) and not np.isfinite(x) else x


def main():
    out = {"numeric": list(pairs()), "tables": list(tables()), "rates": list(rates()), "laws": laws(), "family": families(), "exchangeable": exchangeable(), "unlisted": list(unlisted())}
    path = pathlib.Path(__file__).with_name("oracle.json")
    lines = ",\n".join(f'"{k}": ' + (("[\n" + ",\n".join(json.dumps(plain(v)) for v in part) + "\n]") if isinstance(part, list) else json.dumps(plain(part))) for k, part in out.items())
    path.write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
