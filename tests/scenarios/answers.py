#!/usr/bin/env python3
"""Compares what the check `performance` measures with what cases.json says of the models.

    cargo build --release
    python3 tests/scenarios/answers.py FOLDER [--binary target/release/driftguard]

FOLDER holds cases.json and its data sets. Numbers agree if they are within 0.0002 (the file has four digits, areas
are binned), mean errors within a thousandth. Needs nothing but Python's standard library.
"""
import argparse, json, os, subprocess, sys

from cases import role_flags

NAMES = {"AUC": "auc", "accuracy": "accuracy", "F1": "f1", "mean absolute error": "mae"}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder")
    options.add_argument("--binary", default="target/release/driftguard")
    options = options.parse_args()
    with open(os.path.join(options.folder, "cases.json")) as file:
        cases = json.load(file)
    compared = wrong = 0
    print("| pair | check | what | effect | level | message |")
    print("|---|---|---|---|---|---|")
    for case in cases:
        folder = os.path.join(options.folder, case["set"])
        command = [options.binary, "check", "--json", "-r", os.path.join(folder, case["reference"]),
                   "-c", os.path.join(folder, case["current"]), *role_flags(os.path.join(folder, case["roles"]))]
        run = subprocess.run(command, capture_output=True, text=True)
        document = json.loads(run.stdout)
        for finding in document["findings"]:
            if finding["check"] not in ("performance", "label-drift", "concept-drift", "calibration") or finding["nature"] != "measurement":
                continue
            print(f"| `{case['set']}` {case['name']} | {finding['check']} | {finding['status']} | {finding['effect']:.3f} | {finding['level']} | {finding['message']} |")
            if finding["check"] != "performance":
                continue
            for table in finding["evidence"]:
                for name, *sides in zip(table["labels"], table["reference"], table["current"]):
                    for side, value in zip(("reference", "current"), sides):
                        known = (case.get("model_quality") or {}).get(side, {}).get(NAMES.get(name))
                        if known is None:
                            continue
                        compared += 1
                        near = abs(value - known) <= max(2e-4, 1e-3 * known if name == "mean absolute error" else 0)
                        if not near:
                            wrong += 1
                            print(f"{case['set']} {case['name']} {side} {name}: {value} here, {known} there", file=sys.stderr)
    print(f"\n{compared - wrong} of {compared} numbers agree.")
    sys.exit(1 if wrong or not compared else 0)


if __name__ == "__main__":
    main()
