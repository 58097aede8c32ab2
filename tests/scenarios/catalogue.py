#!/usr/bin/env python3
"""What each check finds that no other does, and where it stays quiet.

    cargo build --release
    python3 tests/scenarios/catalogue.py FOLDER [--checks text,schema] [--binary target/release/driftguard]

FOLDER holds cases.json and the data sets it names. Runs every check by itself, and all others without it where it says
anything, those that have to be asked for among them, on every pair of cases.json and on the faults of injected.py. Prints for each check

- the pairs that pass without it, or are called less grave, or whose column to blame is named by it alone (among the
  first three suspects);
- its largest finding there;
- pairs on which others alert or block and it is rightly quiet.

Seeded. Needs pandas and pyarrow (for injected.py).
"""
import argparse, concurrent.futures, json, os, subprocess, sys, tempfile

from cases import role_flags
import injected

LEVELS = {"pass": 0, "alert": 1, "block": 2}
# Groups that the fairness of decisions is asked for.
SETTINGS = {"fairness-drift": {"flights": 'groups = ["origin"]', "car_loan": 'groups = ["salary_range"]'}}


def policy(place, checks, on, data):
    """A policy under which the checks `on` run and no others; too few rows are no alarm."""
    path = os.path.join(place, f"{'-'.join(sorted(on)) if len(on) == 1 else 'without-' + '-'.join(sorted(checks - on))}-{data}.toml")
    if not os.path.exists(path):
        lines = ["version = 1", "[rules]", 'on-cannot-tell = "pass"']
        for check in sorted(checks):
            lines += [f"[checks.{check}]", f"enabled = {'true' if check in on else 'false'}"]
            extra = SETTINGS.get(check, {}).get(data)
            if extra:
                lines += [f"[checks.{check}.settings]", extra]
        with open(path, "w") as file:
            file.write("\n".join(lines) + "\n")
    return path


def run(options, case, path):
    command = [options.binary, "check", "--json", "--policy", path, "-r", case["reference"], "-c", case["current"], *case["flags"]]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode not in (0, 1) or not ran.stdout:
        return {"verdict": "none", "suspects": [], "findings": [], "error": ran.stderr.strip().splitlines()[:2]}
    return json.loads(ran.stdout)


def named(case, document):
    return any(name in document["suspects"][:3] for name in case["affected"])


def largest(document):
    found = [one for one in document["findings"] if one["nature"] != "supporting" and one["status"] == "ok"]
    found.sort(key=lambda one: (-LEVELS.get(one["level"], 0), one["nature"] != "fault", -one["effect"]))
    return found[0] if found else None


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder")
    options.add_argument("--checks", help="only these, separated by commas")
    options.add_argument("--binary", default="target/release/driftguard")
    options.add_argument("--keep", help="folder for the injected faults")
    options.add_argument("--jobs", type=int, default=1)
    options = options.parse_args()
    listed = subprocess.run([options.binary, "checks", "--json"], capture_output=True, text=True, check=True)
    checks = {check["id"] for check in json.loads(listed.stdout)["checks"]}
    wanted = sorted(options.checks.split(",") if options.checks else checks)
    with open(os.path.join(options.folder, "cases.json")) as file:
        cases = json.load(file)
    with tempfile.TemporaryDirectory() as place:
        for case in cases:
            for part in ("reference", "current", "roles"):
                case[part] = os.path.join(options.folder, case["set"], case[part])
        kept = options.keep or place
        os.makedirs(kept, exist_ok=True)
        cases += injected.pairs(options.folder, kept)
        for case in cases:
            case["flags"] = role_flags(case["roles"])
            if "unlabelled" in case["name"]:
                at = case["flags"].index("--label")
                del case["flags"][at:at + 2]
        ran = {}
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            def go(wanted):
                started = {key: pool.submit(run, options, cases[key[1]], policy(place, checks, on, cases[key[1]]["set"])) for key, on in wanted}
                ran.update({key: job.result() for key, job in started.items()})
            places = range(len(cases))
            go([((None, at), checks) for at in places])
            # What runs without being asked for.
            defaults = {check["id"] for check in json.loads(listed.stdout)["checks"] if not check["opt-in"]}
            go([(("defaults", at), defaults) for at in places])
            go([((check, at, True), {check}) for check in wanted for at in places])
            # Without a check that says nothing by itself the answer is that of all.
            says = [(check, at) for check in wanted for at in places
                    if level(ran[check, at, True]) > 0 or any(one["check"] == check and LEVELS.get(one["level"], 0) for one in ran[None, at]["findings"])]
            for check in wanted:
                for at in places:
                    ran[check, at, False] = ran[None, at]
            go([((check, at, False), checks - {check}) for check, at in says])
        report(cases, wanted, ran)


def level(document):
    return LEVELS.get(document["verdict"], -1)


def report(cases, wanted, ran):
    print("## All checks together\n\n| pair | expected | defaults | all | first suspects | what happened |\n|---|---|---|---|---|---|")
    for at, case in enumerate(cases):
        document = ran[None, at]
        print(f"| `{case['set']}` {case['name']} | {case['expected']} | {ran['defaults', at]['verdict']} | {document['verdict']} | {', '.join(document['suspects'][:4])} | {case['description']} |")
    for check in wanted:
        print(f"\n## `{check}`\n\n| pair | all | without it | it alone | what it adds | effect | its finding |\n|---|---|---|---|---|---|---|")
        quiet = []
        for at, case in enumerate(cases):
            every, alone, without = ran[None, at], ran[check, at, True], ran[check, at, False]
            gains = []
            if case["expected"] != "pass":
                if level(without) == 0 and level(every) > 0:
                    gains.append("found by it alone")
                elif level(without) < level(every):
                    gains.append(f"{every['verdict']} by it")
                if named(case, every) and not named(case, without):
                    gains.append("named by it")
            finding = largest(alone)
            if level(alone) == 0 and finding and (case["expected"] == "pass" or level(without) > 0):
                quiet.append((case, without["verdict"], finding))
            if level(alone) > 0 or gains:
                words = finding["message"] if finding else "-"
                gain = "; ".join(gains) or ("false alarm" if case["expected"] == "pass" else "others find it too")
                print(f"| `{case['set']}` {case['name']} | {every['verdict']} | {without['verdict']} ({', '.join(without['suspects'][:3])}) "
                      f"| {alone['verdict']} ({', '.join(alone['suspects'][:3])}) | {gain} "
                      f"| {finding['effect'] if finding else 0:.3f} | {words} |")
        print("\nQuiet:\n")
        for case, verdict, finding in quiet:
            print(f"- `{case['set']}` {case['name']} (others: {verdict}): effect {finding['effect']:.3f}, {finding['message']}")


if __name__ == "__main__":
    main()
