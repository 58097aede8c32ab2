#!/usr/bin/env python3
"""How near do estimates without labels come, and how often do they alarm when nothing changed?

    cargo build --release
    python3 tests/scenarios/unlabelled.py FOLDER [--draws 20] [--binary target/release/driftguard]

FOLDER holds cases.json and its data sets. The label is taken out of the current side of every pair that has one and
`estimated-performance` is switched on; what it says stands beside what the labels say. Then the same for random halves of
each reference, where nothing changed. Needs pandas, pyarrow and scikit-learn.
"""
import argparse, json, os, re, subprocess, sys, tempfile

import numpy
import pandas
from sklearn.metrics import roc_auc_score

from cases import role_flags
from halves import read

POLICY = "[checks.estimated-performance]\n"
SIZES = (500, 2000, 5000, 20000)


def findings(options, sides, flags, place):
    policy = os.path.join(place, "driftguard.toml")
    with open(policy, "w") as file:
        file.write(POLICY)
    run = subprocess.run([options.binary, "check", "--json", "-r", sides[0], "-c", sides[1], "--policy", policy, *flags],
                         capture_output=True, text=True)
    if not run.stdout:
        print(run.stderr, file=sys.stderr)
        return []
    return [one for one in json.loads(run.stdout)["findings"] if one["check"] == "estimated-performance"]


def said(found):
    """Metric -> (estimate, level) or (reason, status)."""
    out = {}
    for one in found:
        numbers = re.search(r"without labels at ([\d.]+), ([\d.]+) in the reference", one["message"])
        out[one["metric"]] = (numbers.group(1) if numbers else one["status"], one["level"])
    return out


def quality(table, roles):
    label, score = roles.get("label"), roles.get("proba")
    rows = table[table[label].notna()]
    if score is None:
        return "mean error %.4f" % (rows[label] - rows[roles["prediction"]]).abs().mean()
    right = (rows[label].astype(float) == rows[roles["prediction"]].astype(float)).mean()
    return "accuracy %.4f, AUC %.4f" % (right, roc_auc_score(rows[label].astype(int), rows[score]))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder")
    options.add_argument("--draws", type=int, default=20, help="draws of each data set and size")
    options.add_argument("--binary", default="target/release/driftguard")
    options = options.parse_args()
    with open(os.path.join(options.folder, "cases.json")) as file:
        cases = json.load(file)
    print("| pair | reference | current, by its labels | estimated | level |\n|---|---|---|---|---|")
    references = {}
    for case in cases:
        folder = os.path.join(options.folder, case["set"])
        with open(os.path.join(folder, case["roles"])) as file:
            roles = json.load(file)
        reference, current = (read(os.path.join(folder, case[side])) for side in ("reference", "current"))
        label = roles.get("label")
        if not label or label not in current or label not in reference or not current[label].notna().any():
            continue
        flags = role_flags(os.path.join(folder, case["roles"]))
        references.setdefault(case["set"], (reference, label, flags))
        with tempfile.TemporaryDirectory() as place:
            path = os.path.join(place, "current.parquet")
            current.drop(columns=label).to_parquet(path, index=False)
            found = said(findings(options, (os.path.join(folder, case["reference"]), path), flags, place))
        try:
            before, now = quality(reference, roles), quality(current, roles)
        except (KeyError, TypeError, ValueError):
            before = now = "?"
        shown = ", ".join(f"{metric.rsplit('/', 1)[0]} {value}" for metric, (value, _) in found.items() if "f1" not in metric)
        levels = {level for _, level in found.values()}
        worst = next((level for level in ("block", "alert") if level in levels), "pass")
        print(f"| `{case['set']}` {case['name']} | {before} | {now} | {shown} | {worst} |", flush=True)
    print("\n| halves of | rows a side | draws | alerts | blocks |\n|---|---|---|---|---|")
    for name, (table, label, flags) in references.items():
        for size in SIZES:
            if 2 * size > len(table):
                continue
            counts = {"alert": 0, "block": 0}
            for draw in range(options.draws):
                rows = numpy.random.default_rng([size, draw]).permutation(len(table))[: 2 * size]
                with tempfile.TemporaryDirectory() as place:
                    sides = [os.path.join(place, f"{side}.parquet") for side in ("reference", "current")]
                    for side, part in zip(sides, (rows[:size], rows[size:])):
                        cut = table.iloc[numpy.sort(part)]
                        cut = cut.drop(columns=label) if side is sides[1] else cut
                        cut.to_parquet(side, index=False)
                    levels = [level for _, level in said(findings(options, sides, flags, place)).values()]
                for level in ("block", "alert"):
                    if level in levels:
                        counts[level] += 1
                        break
            print(f"| `{name}` | {size} | {options.draws} | {counts['alert']} | {counts['block']} |", flush=True)


if __name__ == "__main__":
    main()
