#!/usr/bin/env python3
"""Writes quality_oracle.json beside this file: what scikit-learn says of a few seeded answers.

Run with scikit-learn 1.9, SciPy and NumPy. Variances of areas are DeLong's, by the definition (all pairs).
"""
import json
import pathlib

import numpy as np
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from scipy import stats


def delong(y, s):
    x, z = s[y == 1], s[y == 0]
    psi = (x[:, None] > z[None, :]) + 0.5 * (x[:, None] == z[None, :])
    return psi.mean(1).var(ddof=1) / len(x) + psi.mean(0).var(ddof=1) / len(z)


def binary():
    rng = np.random.default_rng(11)
    for n, shape in ((60, 0.8), (200, 1.5), (400, 3.0)):
        s = np.round(rng.random(n), 2)
        y = (rng.random(n) < s ** shape).astype(int)
        p = (s >= 0.5).astype(int)
        yield {
            "truth": y.tolist(), "score": s.tolist(),
            "auc": metrics.roc_auc_score(y, s), "auc_variance": delong(y, s),
            "log_loss": metrics.log_loss(y, np.clip(s, 1e-15, 1 - 1e-15)), "brier": metrics.brier_score_loss(y, s),
            "accuracy": metrics.accuracy_score(y, p), "f1": metrics.f1_score(y, p), "macro_f1": metrics.f1_score(y, p, average="macro"),
        }


def classes():
    rng = np.random.default_rng(12)
    for n, k in ((80, 3), (300, 5)):
        y = rng.integers(0, k, n)
        p = np.where(rng.random(n) < 0.6, y, rng.integers(0, k, n))
        yield {
            "truth": y.tolist(), "predicted": p.tolist(), "classes": k,
            "accuracy": metrics.accuracy_score(y, p), "macro_f1": metrics.f1_score(y, p, average="macro"),
            "f1": metrics.f1_score(y, p, average=None).tolist(), "confusion": metrics.confusion_matrix(y, p).ravel().tolist(),
        }


def class_scores():
    rng = np.random.default_rng(15)
    for n, k, digits in ((120, 3, 2), (900, 4, 2), (800, 3, 5)):
        share = rng.dirichlet(np.full(k, 3.0))
        y = rng.choice(k, n, p=share)
        logit = rng.normal(0, 1, (n, k)) + 1.2 * np.eye(k)[y] + np.log(share)
        s = np.exp(logit) / np.exp(logit).sum(1, keepdims=True)
        # Round, so that few values differ; the last class makes the row whole.
        s = np.floor(s * 10 ** digits) / 10 ** digits
        s[:, -1] = np.round(1 - s[:, :-1].sum(1), digits)
        rest = metrics.roc_auc_score(y, s, multi_class="ovr", average="macro")
        yield {
            "truth": y.tolist(), "scores": s.T.tolist(), "exact": digits == 2,
            "pairs": metrics.roc_auc_score(y, s, multi_class="ovo", average="macro"), "rest": rest,
            "log_loss": metrics.log_loss(y, np.clip(s, 1e-15, 1)),
        }


def calibration():
    rng = np.random.default_rng(14)
    for n, off in ((400, 0.0), (900, 0.7)):
        # Multiples of 2^-12, so that fixed point loses nothing.
        s = np.round(rng.beta(1.2, 1.6, n) * 4096) / 4096
        logit = np.log(np.clip(s, 1e-6, 1 - 1e-6) / np.clip(1 - s, 1e-6, 1 - 1e-6))
        y = (rng.random(n) < 1 / (1 + np.exp(-(logit - off)))).astype(int)
        edges = np.unique(np.quantile(s, np.linspace(0, 1, 16))[1:-1])
        b = np.searchsorted(edges, s, side="right")
        k = np.unique(b)
        w, m, r = (np.array([f(b == i) for i in k]) for f in (np.mean, lambda at: s[at].mean(), lambda at: y[at].mean()))
        x = np.log(m / (1 - m))
        model = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10000)
        count = np.array([(b == i).sum() for i in k])
        model.fit(np.r_[x, x][:, None], np.r_[np.ones(len(k)), np.zeros(len(k))], sample_weight=np.r_[count * r, count * (1 - r)])
        yield {
            "truth": y.tolist(), "score": s.tolist(), "edges": edges.tolist(),
            "plain_error": np.sum(w * np.abs(r - m)), "in_the_large": (y - s).mean(), "in_the_large_variance": (y - s).var(ddof=1) / n,
            "z": np.sum((y - s) * (1 - 2 * s)) / np.sqrt(np.sum((1 - 2 * s) ** 2 * s * (1 - s))),
            "reliability": np.sum(w * (r - m) ** 2), "resolution": np.sum(w * (r - y.mean()) ** 2), "uncertainty": y.mean() * (1 - y.mean()),
            "slope": model.coef_[0, 0], "intercept": model.intercept_[0],
        }


def numbers():
    rng = np.random.default_rng(13)
    sides = []
    for n, noise in ((150, 1.0), (220, 1.4)):
        y = rng.normal(50, 10, n)
        # Multiples of 2^-10, so that fixed point loses nothing.
        e = np.round(rng.normal(0.2, noise, n) * 1024) / 1024
        y = np.round(y * 1024) / 1024
        sides.append({
            "truth": y.tolist(), "answer": (y + e).tolist(),
            "mae": metrics.mean_absolute_error(y, y + e), "rmse": metrics.root_mean_squared_error(y, y + e), "bias": e.mean(),
            "mae_variance": np.abs(e).var(ddof=1) / n,
        })
    a, b = (np.abs(np.subtract(side["answer"], side["truth"])) for side in sides)
    z = (b.mean() - a.mean()) / np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    return {"sides": sides, "p": 2 * stats.norm.sf(abs(z))}


def main():
    out = {"binary": list(binary()), "classes": list(classes()), "class_scores": list(class_scores()), "numbers": numbers(), "calibration": list(calibration())}
    path = pathlib.Path(__file__).with_name("quality_oracle.json")
    path.write_text(json.dumps(out, default=float) + "\n")


if __name__ == "__main__":
    main()
