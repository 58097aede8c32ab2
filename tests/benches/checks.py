#!/usr/bin/env python3
"""Measures every check by itself against only decoding the same files.

    cargo build --release -p driftguard --bins --examples
    python3 tests/benches/checks.py [--rows 1000000] [--runs 5] [--checks text,schema] [--folder FOLDER]

The table is that of run.py (20 numeric and 10 categorical columns). Checks that need more run on the same table with six
columns exchanged for a time, a label, a score, a prediction, a text of nine words and a vector of 16 coordinates; its
decoding is a floor of its own. Decoding and the check run in turn; prints processor seconds (user + system) of whole
processes and the median of the ratios pair by pair: 1.0 is reading all columns and nothing else, and a check that reads
few of them may be below. Needs numpy and pyarrow for the second table. The machine should be quiet; trust the ratios.
"""
import argparse, json, os, statistics, subprocess, sys, tempfile

from run import ROOT, measured

# Checks with nothing to do on plain columns, and what they are given.
ANSWERS = ["--timestamp", "at", "--label", "label", "--score", "score", "--prediction", "prediction", "--text", "words", "--embedding", "vector"]
NEEDS_MORE = {"calibration", "cause", "change-point", "concept-drift", "embedding", "estimated-performance", "fairness-drift", "label-drift",
              "output-drift", "performance", "performance-sequence", "segments", "text", "timeliness"}
SETTINGS = {"fairness-drift": 'groups = ["cat_03"]', "estimated-performance": "when-labelled = true"}


def with_answers(source, path, seed):
    """The same file with six columns exchanged."""
    import numpy
    import pyarrow
    import pyarrow.parquet
    table = pyarrow.parquet.read_table(source)
    rows, random = table.num_rows, numpy.random.default_rng(seed)
    score = random.random(rows)
    label = random.random(rows) < score
    words = numpy.array([f"w{word:04}" for word in range(3000)])
    ranks = (random.random((rows, 9)) ** 2 * len(words)).astype(int)
    text = [" ".join(row) for row in words[ranks]]
    vector = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(random.normal(size=rows * 16).astype("float32")), 16)
    first = 1_700_000_000_000_000 + seed * rows * 1_000_000
    exchanged = {
        "at": pyarrow.array(first + numpy.arange(rows) * 1_000_000, pyarrow.timestamp("us", tz="UTC")),
        "label": pyarrow.array(label.astype("int64")), "score": pyarrow.array(score),
        "prediction": pyarrow.array((score >= 0.5).astype("int64")), "words": pyarrow.array(text), "vector": vector,
    }
    for name, old in zip(exchanged, ("num_19", "num_18", "num_17", "num_16", "cat_08", "num_15")):
        at = table.schema.get_field_index(old)
        table = table.set_column(at, name, exchanged[name])
    pyarrow.parquet.write_table(table, path, compression="zstd")


def tables(options, bench):
    folder = options.folder or os.path.join(tempfile.gettempdir(), f"driftguard-bench-{options.rows}")
    plain = [os.path.join(folder, f"{side}.parquet") for side in ("reference", "current")]
    if not all(map(os.path.exists, plain)):
        subprocess.run([bench, "generate", folder, str(options.rows)], check=True)
    answers = [os.path.join(folder, f"{side}-answers.parquet") for side in ("reference", "current")]
    for seed, (source, path) in enumerate(zip(plain, answers)):
        if not os.path.exists(path):
            with_answers(source, path, seed)
    return plain, answers


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--checks")
    options.add_argument("--folder")
    options.add_argument("--target", default=os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")))
    options = options.parse_args()
    binary = os.path.join(options.target, "release", "driftguard")
    bench = os.path.join(options.target, "release", "examples", "bench")
    plain, answers = tables(options, bench)
    listed = json.loads(subprocess.run([binary, "checks", "--json"], capture_output=True, text=True, check=True).stdout)["checks"]
    names = [check["id"] for check in listed]
    asked_for = {check["id"] for check in listed if check["opt-in"]}
    sets = [(name, {name}) for name in names if not options.checks or name in options.checks.split(",")]
    if not options.checks:
        sets += [("all defaults", set(names) - asked_for), ("all", set(names))]
    print(f"{options.rows} + {options.rows} rows, 30 columns, median of {options.runs}; load average at the start {os.getloadavg()[0]:.1f}\n")
    print("| check | runs | table | decoding, cpu s | check, cpu s | times decoding | from | to |")
    print("|---|---|---|---|---|---|---|---|")
    for name, on in sets:
        more = name in NEEDS_MORE or len(on) > 1
        files = answers if more else plain
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as policy:
            policy.write("version = 1\n")
            for check in names:
                policy.write(f"[checks.{check}]\nenabled = {'true' if check in on else 'false'}\n")
                if check in SETTINGS:
                    policy.write(f"[checks.{check}.settings]\n{SETTINGS[check]}\n")
            policy.flush()
            check = [binary, "check", "--policy", policy.name, "-r", files[0], "-c", files[1], "--json", "--threads", "2", *(ANSWERS if more else [])]
            decode = [bench, "decode", *files]
            document = json.loads(measured(check)["output"])
            if document["verdict"] == "error":
                sys.exit(f"{name}: {document.get('reason')}")
            pairs = [(measured(check), measured(decode)) for _ in range(options.runs)]
        ratios = sorted(one["cpu"] / floor["cpu"] for one, floor in pairs)
        middle = lambda at: statistics.median(pair[at]["cpu"] for pair in pairs)
        runs = "" if len(on) > 1 else "when asked for" if name in asked_for else "by default"
        label = name if len(on) > 1 else f"`{name}`"
        print(f"| {label} | {runs} | {'with answers' if more else 'plain'} | {middle(1):.2f} | {middle(0):.2f} | **{statistics.median(ratios):.2f}** "
              f"| {ratios[0]:.2f} | {ratios[-1]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
