#!/usr/bin/env python3
"""Measures `driftguard check --baseline` against only decoding the current file.

    cargo build --release -p driftguard --bins --examples
    python3 tests/benches/baseline.py [--rows 1000000] [--runs 5] [--folder FOLDER]
    python3 tests/benches/baseline.py --reference A.parquet --by day --current B.parquet ...

Without files: 20 float64 and 10 string columns, a baseline of 60 blocks, and
as current data as much again that did not change, that did in 7 columns, and
a single block. Prints processor seconds (user + system) of whole processes,
medians, and the ratio pair by pair. Needs nothing but Python's standard
library. The machine should be quiet; trust the ratios.
"""
import argparse, json, os, statistics, subprocess, tempfile

from run import ROOT, measured


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--folder")
    options.add_argument("--reference")
    options.add_argument("--by", default="auto")
    options.add_argument("--current", nargs="*", default=[])
    options.add_argument("--target", default=os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")))
    options = options.parse_args()
    binary = os.path.join(options.target, "release", "driftguard")
    bench = os.path.join(options.target, "release", "examples", "bench")
    folder = options.folder or os.path.join(tempfile.gettempdir(), f"driftguard-bench-baseline-{options.rows}")
    os.makedirs(folder, exist_ok=True)
    reference, current, by = options.reference, options.current, options.by
    if not reference:
        files = {name: os.path.join(folder, name + ".parquet") for name in ("reference", "unchanged", "current", "period")}
        if not all(os.path.exists(file) for file in files.values()):
            subprocess.run([bench, "generate-baseline", folder, str(options.rows)], check=True)
        reference, by = files["reference"], f"rows:{options.rows // 60}"
        current = [files["period"], files["unchanged"], files["current"]]
    baseline = os.path.join(folder, "bench.baseline")
    made = measured([binary, "baseline", "create", "--data", reference, "--by", by, "--out", baseline, "--force", "--threads", "2"])
    print(made["output"].splitlines()[0])
    plain = measured([bench, "decode", reference])
    print(f"create: {made['cpu']:.2f} s cpu, {made['cpu'] / plain['cpu']:.1f} times decoding; "
          f"{os.path.getsize(baseline) / 1e6:.1f} MB")
    print(f"{'current data':24} {'decode s':>9} {'check s':>9} {'ratio':>7} {'from':>6} {'to':>6}  verdict")
    for file in current:
        decode = [bench, "decode", file]
        check = [binary, "check", "--baseline", baseline, "-c", file, "--json", "--threads", "2"]
        measured(decode), measured(check)  # warm the caches of files and plugins
        pairs = [(measured(decode), measured(check)) for _ in range(options.runs)]
        ratios = sorted(check["cpu"] / decode["cpu"] for decode, check in pairs)
        document = json.loads(pairs[-1][1]["output"])
        middle = lambda at: statistics.median(pair[at]["cpu"] for pair in pairs)
        print(f"{os.path.basename(file):24} {middle(0):9.3f} {middle(1):9.3f} {statistics.median(ratios):7.2f} "
              f"{ratios[0]:6.2f} {ratios[-1]:6.2f}  {document['verdict']}, p {document['calibration']['p-value']:.3f}")
        print("    where the time goes (summed over threads):", json.dumps(document["timings"]))
        slowest = sorted(document["plugins"], key=lambda plugin: -plugin["seconds"])[:4]
        print("    " + ", ".join(f"{plugin['check']} {plugin['seconds']:.3f}" for plugin in slowest))


if __name__ == "__main__":
    main()
