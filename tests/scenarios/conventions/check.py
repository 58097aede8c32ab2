"""Compares the numbers of make_oracle.py with those of the tools that are installed here."""
import pandas as pd

EVIDENTLY = {"js": "jensenshannon", "psi": "psi", "kl": "kl_div", "wasserstein-normed": "wasserstein", "ks-p": "ks",
             "chisquare-p": "chisquare", "z-p": "z"}
NANNYML = {"js": "jensen_shannon", "hellinger": "hellinger", "wasserstein": "wasserstein", "ks": "kolmogorov_smirnov",
           "l-infinity": "l_infinity"}


def evidently(a, b, numeric):
    try:
        import evidently  # noqa: F401
    except ImportError:
        # With pandas 3 the package loads its tests and then fails; they are there the second time.
        pass
    from evidently.legacy.calculations.stattests import registry
    from evidently.legacy.core import ColumnType

    kind = ColumnType.Numerical if numeric else ColumnType.Categorical
    out = {}
    for ours, theirs in EVIDENTLY.items():
        if (ours in ("wasserstein-normed", "ks-p")) > numeric:
            continue
        if ours == "z-p" and len(set(a) | set(b)) > 2:
            continue
        tests = registry._registered_stat_tests.get(theirs, {})
        test = tests.get(kind) or next(iter(tests.values()))
        run = registry._impls[test][registry.PythonEngine].func
        value = run(pd.Series(a), pd.Series(b), kind, 0.1)
        out[ours] = float(value[0])
    return out


def nannyml(a, b, numeric):
    from nannyml.chunk import DefaultChunker
    from nannyml.drift.univariate.methods import FeatureType, MethodFactory
    from nannyml.thresholds import ConstantThreshold

    kind = FeatureType.CONTINUOUS if numeric else FeatureType.CATEGORICAL
    out = {}
    for ours, theirs in NANNYML.items():
        if (ours in ("wasserstein", "ks")) > numeric or (ours == "l-infinity" and numeric):
            continue
        method = MethodFactory.create(theirs, kind, chunker=DefaultChunker(), threshold=ConstantThreshold(upper=0.1))
        a_, b_ = (pd.Series(x) if numeric else pd.Series(x).astype("category") for x in (a, b))
        out[ours] = float(method._fit(a_)._calculate(b_))
    return out


def compare(numbers, columns):
    for name, numeric, a, b in columns:
        for tool in (evidently, nannyml):
            try:
                theirs = tool(a, b, numeric)
            except ImportError:
                continue
            for metric, value in numbers[tool.__name__][name].items():
                if metric in theirs:
                    difference = abs(theirs[metric] - value) / max(abs(value), 1e-12)
                    print(f"{tool.__name__:10} {name:15} {metric:20} {value:.10g} {theirs[metric]:.10g} {difference:.1e}")
