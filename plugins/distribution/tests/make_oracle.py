#!/usr/bin/env python3
"""Writes oracle.json beside this file: what SciPy says about columns made by formula.

Run with SciPy 1.17 and NumPy; conventions: bins at the reference's deciles (q10ref), intervals [a, b),
PSI floored at 1e-4 (eps1e-4), Jensen-Shannon distance in base 2. tests/oracle.rs repeats the formulas.
"""
import json
import pathlib

import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon


def formula(n, start, modulus, scale, offset):
    """offset + scale * (((i + start) * 7919) mod modulus); integers until the last step."""
    return np.array([offset + scale * (((i + start) * 7919) % modulus) for i in range(n)], float)


def classes(n, start, modulus, power):
    """Value v{k} with k = ((i + start) * 7919 mod modulus) ** power // modulus ** (power - 1): skewed."""
    k = [((((i + start) * 7919) % modulus) ** power) // modulus ** (power - 1) for i in range(n)]
    return [f"v{x}" for x in k]


def binned(r, c):
    p, q = r / r.sum(), c / c.sum()
    a, b = np.maximum(p, 1e-4), np.maximum(q, 1e-4)
    return {
        "tv": 0.5 * np.abs(p - q).sum(),
        "psi": np.sum((b - a) * np.log(b / a)),
        "js-distance": jensenshannon(p, q, base=2),
        "hellinger": np.sqrt(np.sum((np.sqrt(p) - np.sqrt(q)) ** 2) / 2),
        "linf": np.abs(p - q).max(),
    }


def chi2(r, c):
    t = stats.chi2_contingency(np.stack([r, c]), correction=False)
    return t.statistic, t.pvalue, bool((t.expected_freq >= 5).all())


def numeric(reference, current):
    a, b = formula(*reference), formula(*current)
    e = np.unique(np.quantile(a, np.linspace(0, 1, 11))[1:-1])
    r, c = (np.bincount(np.searchsorted(e, x, side="right"), minlength=len(e) + 1).astype(float) for x in (a, b))
    exact = len(a) * len(b) <= 10_000
    ks = stats.ks_2samp(a, b, method="exact" if exact else "asymp")
    _, p, expected = chi2(r, c)
    assert expected
    return {
        "reference": reference,
        "current": current,
        "ks": ks.statistic,
        "ks_p": ks.pvalue,
        "w1": stats.wasserstein_distance(a, b),
        "mean-shift": (b.mean() - a.mean()) / np.std(a),
        "log-variance-ratio": np.log(np.var(b) / np.var(a)),
        "tv_p": p,
        **binned(r, c),
    }


def categorical(reference, current):
    a, b = classes(*reference), classes(*current)
    values = sorted(set(a) | set(b))
    r, c = (np.array([x.count(v) for v in values], float) for x in (a, b))
    statistic, p, expected = chi2(r, c)
    n, k = r.sum() + c.sum(), len(values)
    phi2 = statistic / n
    columns, rows = k - (k - 1) ** 2 / (n - 1), 2 - 1 / (n - 1)
    v = np.sqrt(max(0, phi2 - (k - 1) / (n - 1)) / min(columns - 1, rows - 1))
    return {
        "reference": reference,
        "current": current,
        "chi2": statistic,
        "chi2_p": p,
        "all_expected": expected,
        "cramers-v": v,
        **binned(r, c),
    }


cases = {
    "numeric": [
        numeric((90, 1, 1009, 0.25, 3.0), (100, 5, 907, 0.25, 20.0)),
        numeric((1000, 1, 1009, 0.25, 3.0), (700, 5, 907, 0.3, 5.0)),
        numeric((900, 3, 12, 1.0, 0.0), (800, 1, 10, 1.0, 1.0)),
        numeric((1000, 2, 5003, 1e-3, -2.0), (1000, 9, 5003, 1e-3, -2.0)),
    ],
    "categorical": [
        categorical((900, 1, 30, 2), (700, 4, 28, 2)),
        categorical((1000, 1, 12, 1), (400, 3, 15, 1)),
        categorical((500, 2, 97, 3), (600, 5, 101, 3)),
    ],
}
path = pathlib.Path(__file__).with_name("oracle.json")
path.write_text(json.dumps(cases, indent=1, default=float) + "\n")
