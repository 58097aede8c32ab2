#!/usr/bin/env python3
"""How often does `driftguard check` alarm when nothing changed?

    cargo build --release
    python3 tests/scenarios/halves.py FOLDER [--draws 40] [--binary target/release/driftguard]

FOLDER holds cases.json and its data sets. Rows of one reference file are drawn
without replacement into two sides of the same size, so that nothing but chance
lies between them. Prints the share of draws that did not pass, by data set and
size. Seeded: the same draws on every run. Needs pandas and pyarrow.
"""
import argparse, json, os, subprocess, sys, tempfile

import numpy
import pandas

from cases import role_flags

SETS = {"flights": "month_04", "car_loan": "first_half", "nsl_kdd": "test_set", "reviews_text": "same_domain"}
SIZES = (50, 500, 2000, 5000, 20000)


def read(path):
    return pandas.read_parquet(path) if path.endswith(".parquet") else pandas.read_csv(path)


def verdict(options, sides, flags):
    command = [options.binary, "check", "--json", "-r", sides[0], "-c", sides[1], *flags]
    if options.policy:
        command += ["--policy", os.path.abspath(options.policy)]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        print(run.stderr, file=sys.stderr)
    document = json.loads(run.stdout) if run.stdout else {"verdict": "error", "suspects": []}
    return document["verdict"], document["suspects"]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder")
    options.add_argument("--draws", type=int, default=40, help="draws of each data set and size")
    options.add_argument("--binary", default="target/release/driftguard")
    options.add_argument("--policy")
    options = options.parse_args()
    with open(os.path.join(options.folder, "cases.json")) as file:
        cases = json.load(file)
    print("| data | rows a side | draws | pass | alert | block | error | suspected |")
    print("|---|---|---|---|---|---|---|---|")
    totals = {"pass": 0, "alert": 0, "block": 0, "error": 0}
    for name, wanted in SETS.items():
        case = next(one for one in cases if one["set"] == name and wanted in one["name"])
        folder = os.path.join(options.folder, name)
        table = read(os.path.join(folder, case["reference"]))
        flags = role_flags(os.path.join(folder, case["roles"]))
        for size in SIZES:
            if 2 * size > len(table):
                continue
            counts, suspected = dict.fromkeys(totals, 0), set()
            for draw in range(options.draws):
                rows = numpy.random.default_rng([size, draw]).permutation(len(table))[: 2 * size]
                with tempfile.TemporaryDirectory() as place:
                    sides = [os.path.join(place, f"{side}.parquet") for side in ("reference", "current")]
                    for side, part in zip(sides, (rows[:size], rows[size:])):
                        # In the file's order, as a feed would be.
                        table.iloc[numpy.sort(part)].to_parquet(side, index=False)
                    found, suspects = verdict(options, sides, flags)
                counts[found] += 1
                suspected.update(suspects[:3])
            if size >= 500:
                totals = {level: totals[level] + counts[level] for level in totals}
            row = " | ".join(str(counts[level]) for level in totals)
            print(f"| {name} | {size} | {options.draws} | {row} | {', '.join(sorted(suspected))} |", flush=True)
    draws = sum(totals.values())
    alarms = draws - totals["pass"]
    print(f"\n500 rows a side and more: {alarms} of {draws} draws did not pass ({100 * alarms / max(draws, 1):.1f} %).")


if __name__ == "__main__":
    main()
