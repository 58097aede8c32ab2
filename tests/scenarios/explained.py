#!/usr/bin/env python3
"""Which columns explain the move of an unchanged model's score, by the check
`cause`, on every flights and car_loan pair where something moved.

    cargo build --release
    python3 tests/scenarios/explained.py FOLDER [--binary target/release/driftguard]

FOLDER holds cases.json and the data sets it names. Columns that are known only
after the fact are no inputs of these models and are taken out of the grant.
Needs nothing but Python's standard library.
"""
import argparse, json, os, subprocess, sys, tempfile

from cases import role_flags

AFTER_THE_FACT = {"flights": ["dep_delay", "arr_delay", "air_time"], "car_loan": []}
SCORE = "y_pred_proba"
COLUMNS = 5


def own(document, metric):
    """Findings of this metric on the score, the largest part first."""
    of = [finding for finding in document["findings"]
          if finding["metric"].startswith(metric) and (finding.get("unit-effect") or {}).get("unit") == SCORE]
    return sorted(of, key=lambda finding: -abs(finding["unit-effect"]["value"]))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder")
    options.add_argument("--binary", default="target/release/driftguard")
    options = options.parse_args()
    with open(os.path.join(options.folder, "cases.json")) as file:
        cases = [case for case in json.load(file) if case["set"] in AFTER_THE_FACT]
    print("| pair | to blame | mean of the score | explained | unexplained | by column: share of the move (part) |")
    print("|---|---|---|---|---|---|")
    first = faults = 0
    for case in cases:
        if case["expected"] == "pass" or "label" in case["name"]:
            continue
        folder = os.path.join(options.folder, case["set"])
        with tempfile.TemporaryDirectory() as here:
            policy = os.path.join(here, "driftguard.toml")
            with open(policy, "w") as file:
                file.write(f"[checks.cause]\nexclude = {json.dumps(AFTER_THE_FACT[case['set']])}\n")
            command = [options.binary, "check", "--json", "--policy", policy, "-r", os.path.join(folder, case["reference"]),
                       "-c", os.path.join(folder, case["current"]), *role_flags(os.path.join(folder, case["roles"]))]
            run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode not in (0, 1):
            sys.exit(run.stderr)
        document = json.loads(run.stdout)
        whole = own(document, "unexplained-output")
        columns = own(document, "explained-by-column")
        if not whole or not columns:
            print(f"| {case['set']} {case['name']} | {', '.join(case['affected'])} | no answer | | | |")
            continue
        left = whole[0]["unit-effect"]["value"]
        # The check gives shares only where the output moved beyond chance.
        shares = [(finding["unit-effect"]["value"], finding["statistic"]) for finding in columns if finding.get("statistic")]
        chance, move = not shares, shares[0][0] / shares[0][1] if shares else 0
        mean = whole[0]["message"].split(":")[0].split("`")[-1].strip()
        names = [finding["subject"]["column"] for finding in columns]
        if case["name"].startswith("fault") and not any(name in case["affected"] for name in (SCORE, "__rows__")):
            faults += 1
            first += names[0] in case["affected"]
        share = lambda part: "" if chance else f"{100 * part / move:.0f} % "
        cells = ", ".join(f"{'**' if name in case['affected'] else ''}{name}{'**' if name in case['affected'] else ''} "
                          f"{share(part)}({part:+.4f})"
                          for name, part in [(name, finding["unit-effect"]["value"]) for name, finding in zip(names, columns)][:COLUMNS])
        explained = "not beyond chance" if chance else f"{move - left:+.4f}"
        print(f"| {case['set']} {case['name']} | {', '.join(case['affected'])} | {mean} "
              f"| {explained} | {'' if chance else f'{left:+.4f}'} | {cells} |")
    print(f"\nA column to blame first: {first} of {faults} injected faults of inputs.")


if __name__ == "__main__":
    main()
