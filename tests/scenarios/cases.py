#!/usr/bin/env python3
"""Runs `driftguard check` on every pair of a cases.json and prints the table.

    cargo build --release
    python3 tests/scenarios/cases.py FOLDER [--binary target/release/driftguard]

FOLDER holds cases.json and the data sets it names, with a roles.json in each.
A pair counts as `named` when a column to blame is among the first three
suspects. Needs nothing but Python's standard library.
"""
import argparse, json, os, subprocess, sys, time


def role_flags(path):
    with open(path) as file:
        roles = json.load(file)
    flags = []
    for key, flag in (("timestamp", "--timestamp"), ("label", "--label"), ("prediction", "--prediction"), ("proba", "--score")):
        if roles.get(key):
            flags += [flag, roles[key]]
    for key in ("numeric", "categorical", "text", "embedding", "ignore"):
        if roles.get(key):
            flags += [f"--{key}", ",".join(roles[key])]
    return flags


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder")
    options.add_argument("--binary", default="target/release/driftguard")
    options.add_argument("--policy", help="policy for every pair, to switch on checks that have to be asked for")
    options.add_argument("--inferred", action="store_true", help="leave the roles to inference")
    options = options.parse_args()
    with open(os.path.join(options.folder, "cases.json")) as file:
        cases = json.load(file)
    print("| pair | expected | verdict | reason | first suspects | named | seconds |")
    print("|---|---|---|---|---|---|---|")
    levels = found = named = blamed = passes = clean = 0
    for case in cases:
        folder = os.path.join(options.folder, case["set"])
        command = [options.binary, "check", "--json", "-r", os.path.join(folder, case["reference"]),
                   "-c", os.path.join(folder, case["current"])]
        if options.policy:
            command += ["--policy", os.path.abspath(options.policy)]
        if not options.inferred:
            command += role_flags(os.path.join(folder, case["roles"]))
        start = time.monotonic()
        run = subprocess.run(command, capture_output=True, text=True)
        seconds = time.monotonic() - start
        if run.returncode not in (0, 1):
            print(run.stderr, file=sys.stderr)
        document = json.loads(run.stdout) if run.stdout else {"verdict": "error", "reason": "-", "suspects": []}
        suspects = document["suspects"]
        right = document["verdict"] == case["expected"]
        levels += right
        if case["expected"] == "pass":
            passes += 1
            clean += right
        else:
            found += document["verdict"] in ("alert", "block")
        hit = any(name in suspects[:3] for name in case["affected"])
        if case["affected"]:
            blamed += 1
            named += hit
        mark = "" if not case["affected"] else "yes" if hit else "no"
        print(f"| `{case['set']}` {case['name']} | {case['expected']} | {document['verdict']}{'' if right else ' ✗'} "
              f"| {document['reason']} | {', '.join(suspects[:4])} | {mark} | {seconds:.2f} |")
    print()
    print(f"{levels} of {len(cases)} levels right; {found} of {len(cases) - passes} changes found; "
          f"{clean} of {passes} passes passed; a column to blame among the first three suspects in {named} of {blamed}.")


if __name__ == "__main__":
    main()
