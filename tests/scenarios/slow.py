#!/usr/bin/env python3
"""A drift that is too slow for any single day, on real days: a baseline of
January and February of `flights` by day, then each day from 1 March on checked
with a history, as it is and with one column moved a little further every day.

    cargo build --release
    python3 tests/scenarios/slow.py FOLDER [--days 60] [--binary target/release/driftguard]

FOLDER holds flights/full_year.parquet and flights/roles.json. Prints for each
drift the first day that no longer passed, the first alarm of slow drift, and the
sums after the last day. Needs pyarrow.
"""
import argparse, datetime, json, os, subprocess, sys, tempfile

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cases import role_flags

TIME = "time_hour"
DRIFTS = [
    ("nothing", None, 0.0),
    ("humid + 0.25 a day", "humid", 0.25),
    ("humid + 0.5 a day", "humid", 0.5),
    ("y_pred_proba + 0.0025 a day", "y_pred_proba", 0.0025),
    ("pressure - 0.1 a day", "pressure", -0.1),
    ("distance + 5 a day", "distance", 5.0),
]


def between(table, first, last):
    times = pc.cast(table[TIME], pa.timestamp("us"))
    low, high = (pa.scalar(datetime.datetime.combine(day, datetime.time()), pa.timestamp("us")) for day in (first, last))
    return table.filter(pc.and_(pc.greater_equal(times, low), pc.less(times, high)))


def run(command, fine=(0, 1)):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in fine:
        sys.exit(f"{command}: {done.stderr}")
    return done.stdout


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder")
    options.add_argument("--days", type=int, default=60)
    options.add_argument("--binary", default="target/release/driftguard")
    options = options.parse_args()
    year = pq.read_table(os.path.join(options.folder, "flights", "full_year.parquet"))
    roles = role_flags(os.path.join(options.folder, "flights", "roles.json"))
    day, start = datetime.timedelta(days=1), datetime.date(2013, 3, 1)
    print("| every day | no pass on | slow drift on | of | sums on the last day (all, anchor) |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as here:
        path = lambda name: os.path.join(here, name)
        pq.write_table(between(year, datetime.date(2013, 1, 1), start), path("reference.parquet"))
        run([options.binary, "baseline", "create", "--data", path("reference.parquet"), "--by", "day",
             "--out", path("m.baseline"), *roles])
        for words, column, by in DRIFTS:
            other, slow, sums, suspects = 0, [], None, []
            history = path(words.replace(" ", "-") + ".sqlite")
            for number in range(options.days):
                first = start + number * day
                rows = between(year, first, first + day)
                if column:
                    moved = pc.add(pc.cast(rows[column], pa.float64()), by * (number + 1))
                    rows = rows.set_column(rows.column_names.index(column), column, moved)
                pq.write_table(rows, path("day.parquet"))
                document = json.loads(run([options.binary, "check", "--baseline", path("m.baseline"), "--current",
                                           path("day.parquet"), "--history", history, "--json"], fine=(0, 1, 2)))
                detector = document["history"]["detector"]
                sums = (detector["growing"], detector["anchored"])
                if document["reason"] == "SLOW_DRIFT":
                    slow.append(first.isoformat()[5:])
                    suspects.append(document["suspects"][0])
                elif document["verdict"] != "pass":
                    other += 1
            found = ", ".join(slow) or "never"
            print(f"| {words} | {other} days | {found} | {', '.join(dict.fromkeys(suspects))} | {sums[0]:.3g}, {sums[1]:.3g} |", flush=True)


if __name__ == "__main__":
    main()
