#!/usr/bin/env python3
"""Writes estimation.json beside this file: rising steps, expected quality and NumPy's bins, from scikit-learn and NumPy.

Run with scikit-learn 1.9 and NumPy 2.4. tests/estimation.rs repeats the formulas.
"""
import json
import pathlib

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import f1_score, roc_auc_score


def formula(n, start, modulus):
    """((i + start) * 7919) mod modulus, over modulus: 0 to below 1."""
    return np.array([((i + start) * 7919) % modulus / modulus for i in range(n)])


def steps(n, start, modulus):
    values, weights = formula(n, start, modulus) + np.arange(n) / n, np.arange(n) % 4 + 0.5
    fitted = IsotonicRegression().fit_transform(np.arange(n), values, sample_weight=weights)
    return {"values": list(values), "weights": list(weights), "fitted": list(fitted)}


def quality(n, start, modulus, threshold):
    """Every row counts as a positive one with its chance and as a negative one with the rest."""
    scores = np.round(formula(n, start, modulus), 2)
    chances, weights = scores**1.5 * 0.9 + 0.05, np.arange(n) % 3 + 1.0
    answers = scores >= threshold
    label = np.r_[np.ones(n), np.zeros(n)]
    weight = np.r_[weights * chances, weights * (1 - chances)]
    twice = np.r_[scores, scores]
    return {
        "scores": list(scores),
        "chances": list(chances),
        "weights": list(weights),
        "threshold": threshold,
        "accuracy": np.average(np.where(answers, chances, 1 - chances), weights=weights),
        "auc": roc_auc_score(label, twice, sample_weight=weight),
        "f1": f1_score(label, twice >= threshold, sample_weight=weight),
    }


def bins(values, others):
    both = np.concatenate([values, others])
    out = {"values": list(values), "others": list(others)}
    for name, edges in (("doane", np.histogram_bin_edges(values, "doane")), ("sturges", np.histogram_bin_edges(both, "sturges"))):
        out[name] = list(edges)
        out[f"{name}_counts"] = [int(count) for count in np.histogram(others, edges)[0]]
    return out


out = {
    "steps": [steps(30, 1, 101), steps(200, 3, 97), steps(7, 2, 5)],
    "quality": [quality(300, 1, 1009, 0.5), quality(90, 4, 53, 0.3), quality(40, 2, 41, 0.9)],
    "bins": [
        bins(formula(100, 1, 1009) * 8, formula(60, 5, 907) * 12 - 2),
        bins(formula(128, 1, 1009) ** 6, formula(256, 5, 31)),
        bins(np.round(formula(500, 1, 1009) * 30), np.round(formula(400, 7, 503) * 33)),
        bins(np.ones(9) * 2.5, np.ones(4) * 2.5),
    ],
}
path = pathlib.Path(__file__).with_name("estimation.json")
path.write_text(json.dumps(out, default=float) + "\n")
