#!/usr/bin/env python3
"""Writes oracle.json beside this file: the numbers of other tools on tests/fixtures/flights_quickstart.

    python3 tests/scenarios/conventions/make_oracle.py [--check]

Needs NumPy 2, SciPy and pandas; none of the tools. The formulas are those of Evidently 0.7.23, NannyML 0.13.1 and
TFDV 1.21 as read in their sources (docs/conventions.md). With --check the numbers of those of the tools that are
installed are compared with these, and nothing is written.
"""
import json
import pathlib
import sys

import numpy as np
import pandas as pd
from scipy import stats
from scipy.spatial.distance import jensenshannon

HERE = pathlib.Path(__file__).parent
DATA = HERE.parents[1] / "fixtures" / "flights_quickstart"
NUMERIC = ["distance", "sched_dep_hour", "temp", "wind_speed", "visib", "dep_delay", "y_pred_proba"]
CATEGORICAL = ["carrier", "origin", "dest", "y_pred"]


def by_value(a, b):
    keys = sorted(set(a) | set(b))
    return [np.array([(x == key).sum() for key in keys], float) for x in (a, b)]


def filled(share):
    share = share.copy()
    least = share[share > 0].min()
    share[share == 0] = least / 1e6 if least <= 1e-4 else 1e-4
    return share


def hellinger(r, c):
    return np.sqrt(np.sum((np.sqrt(r / r.sum()) - np.sqrt(c / c.sum())) ** 2)) / np.sqrt(2)


def chisquare(r, c):
    expected = r * c.sum() / r.sum()
    return 0.0 if (expected == 0).any() else stats.chisquare(c, expected).pvalue


def z(r, c):
    (a, n), (b, m) = (r[0], r.sum()), (c[0], c.sum())
    pooled = (a + b) / (n + m)
    return 2 * stats.norm.sf(abs(a / n - b / m) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m)))


def evidently(a, b, numeric):
    if numeric and len(np.unique(a)) > 20:
        edges = np.histogram_bin_edges(np.concatenate([a, b]), "sturges")
        r, c = (np.histogram(x, edges)[0].astype(float) for x in (a, b))
    else:
        r, c = by_value(a, b)
    p, q = r / r.sum(), c / c.sum()
    out = {"js": jensenshannon(p, q)}
    p, q = filled(p), filled(q)
    out["psi"], out["kl"] = np.sum((p - q) * np.log(p / q)), stats.entropy(p, q)
    if numeric:
        out["wasserstein-normed"] = stats.wasserstein_distance(a, b) / max(np.std(a), 0.001)
        out["ks-p"] = stats.ks_2samp(a, b).pvalue
    r, c = by_value(a, b)
    if not numeric or len(r) <= 5:
        out["chisquare-p"] = chisquare(r, c)
        if len(r) <= 2:
            out["z-p"] = z(r, c)
    return out


def nannyml(a, b, numeric):
    if numeric:
        edges = np.histogram_bin_edges(a, "doane")
        r, c = (np.histogram(x, edges)[0].astype(float) for x in (a, b))
        beyond = len(b) - c.sum()
        if beyond:
            r, c = np.append(r, 0.0), np.append(c, beyond)
    else:
        r, c = by_value(a, b)
    out = {"js": jensenshannon(r, c, base=2), "hellinger": hellinger(r, c)}
    if numeric and len(a) < 10_000:
        out["wasserstein"] = stats.wasserstein_distance(a, b)
        out["ks"] = stats.ks_2samp(a, b).statistic
    if not numeric:
        out["l-infinity"] = np.abs(r / r.sum() - c / c.sum()).max()
    return out


def tfdv(a, b, numeric):
    if not numeric:
        r, c = by_value(a, b)
        p, q = r / r.sum(), c / c.sum()
        return {"l-infinity": np.abs(p - q).max(), "jensen-shannon": jensenshannon(p, q, base=2) ** 2}
    sides = []
    for x in (a, b):
        edges = x.min() + np.arange(11) * ((x.max() - x.min()) / 10)
        edges[-1] = x.max()
        sides.append((edges, np.histogram(x, edges)[0]))
    # Rows lie evenly in their bucket, so the shares up to any point are straight between edges.
    cuts = np.unique(np.concatenate([edges for edges, _ in sides]))
    masses = []
    for edges, counts in sides:
        below = np.interp(cuts, edges, np.concatenate([[0], np.cumsum(counts)]))
        masses.append(np.diff(below) / counts.sum())
    p, q = masses
    m = (p + q) / 2
    part = lambda x: np.sum(x[x > 1e-15] * np.log2(x[x > 1e-15] / m[x > 1e-15]))
    return {"jensen-shannon": (part(p) + part(q)) / 2}


def columns():
    reference, current = (pd.read_csv(DATA / name) for name in ("reference_february.csv", "current_july.csv"))
    for name in NUMERIC:
        yield name, True, *(side[name].dropna().to_numpy(float) for side in (reference, current))
    for name in CATEGORICAL:
        yield name, False, *(side[name].dropna().astype(str).to_numpy() for side in (reference, current))


def main():
    numbers = {
        tool.__name__: {name: tool(a, b, numeric) for name, numeric, a, b in columns()}
        for tool in (evidently, nannyml, tfdv)
    }
    if "--check" in sys.argv:
        import check

        return check.compare(numbers, columns())
    (HERE / "oracle.json").write_text(json.dumps(numbers, indent=1, default=float) + "\n")


if __name__ == "__main__":
    main()
