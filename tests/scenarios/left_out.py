#!/usr/bin/env python3
"""How often does a baseline of real days alarm on one of its own days?

    cargo build --release
    python3 tests/scenarios/left_out.py FOLDER [--months 3] [--binary target/release/driftguard]

FOLDER holds flights/full_year.parquet and flights/roles.json. Of the first
months of `flights` each day is left out in turn of a daily baseline and checked
against it: days of winter are not exchangeable with each other, but this is what
a guard that is set up in March has to live with. Prints verdicts, what alarmed,
and how the p-values lie. Needs pyarrow.
"""
import argparse, collections, datetime, json, os, tempfile

import pyarrow as pa
import pyarrow.parquet as pq

from cases import role_flags
from slow import between, run

def left_out(options, table, day, flags, place):
    """The document of one day against all others."""
    next_day = day + datetime.timedelta(days=1)
    others = [between(table, datetime.date.min, day), between(table, next_day, datetime.date.max)]
    parts = {"others": pa.concat_tables(others), "day": between(table, day, next_day)}
    files = {name: os.path.join(place, name + ".parquet") for name in parts}
    for name, part in parts.items():
        pq.write_table(part, files[name])
    baseline = os.path.join(place, "days.baseline")
    run([options.binary, "baseline", "create", "--data", files["others"], "--by", "day", "--out", baseline, "--force", *flags])
    return json.loads(run([options.binary, "check", "--baseline", baseline, "--current", files["day"], "--json"]))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder")
    options.add_argument("--months", type=int, default=3)
    options.add_argument("--binary", default="target/release/driftguard")
    options = options.parse_args()
    folder = os.path.join(options.folder, "flights")
    flags = role_flags(os.path.join(folder, "roles.json"))
    first, last = datetime.date(2013, 1, 1), datetime.date(2013, 1 + options.months, 1)
    table = pq.read_table(os.path.join(folder, "full_year.parquet"))
    table = between(table, first, last)
    days = [first + datetime.timedelta(days=at) for at in range((last - first).days)]
    verdicts, p_values = collections.Counter(), []
    print("| day | verdict | p | first suspects |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        for day in days:
            found = left_out(options, table, day, flags, place)
            verdicts[found["verdict"]] += 1
            p_values.append(found["calibration"]["p-value"])
            if found["verdict"] != "pass":
                suspects = ", ".join(found["suspects"][:4])
                print(f"| {day:%a %d %b} | {found['verdict']} | {p_values[-1]:.3f} | {suspects} |", flush=True)
    shares = ", ".join(f"{sum(p <= at for p in p_values)} of p <= {at}" for at in (0.05, 0.1, 0.2, 0.5))
    print(f"\n{len(days)} days: {', '.join(f'{count} {level}' for level, count in verdicts.items())}; {shares}.")


if __name__ == "__main__":
    main()
