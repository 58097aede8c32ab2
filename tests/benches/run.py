#!/usr/bin/env python3
"""Measures `driftguard check` against only decoding the same files.

    cargo build --release -p driftguard --bins --examples
    python3 tests/benches/run.py [--rows 1000000] [--runs 5] [--folder FOLDER]

Runs both in turn and prints processor seconds (user + system), wall seconds
and peak memory of whole processes, and the ratio pair by pair. Needs nothing
but Python's standard library. The machine should be quiet; trust the ratios.
"""
import argparse, json, os, statistics, subprocess, sys, tempfile, time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def measured(command, **more):
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    output = process.stdout.read()
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{command} failed: {errors.decode()}")
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": time.monotonic() - start,
            "memory": usage.ru_maxrss / 1024, "output": output.decode()}


def row(name, runs):
    middle = lambda key: statistics.median(run[key] for run in runs)
    print(f"{name:34} {middle('cpu'):8.2f} {middle('wall'):8.2f} {middle('memory'):8.0f}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--folder")
    options.add_argument("--target", default=os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")))
    options = options.parse_args()
    binary = os.path.join(options.target, "release", "driftguard")
    bench = os.path.join(options.target, "release", "examples", "bench")
    folder = options.folder or os.path.join(tempfile.gettempdir(), f"driftguard-bench-{options.rows}")
    files = [os.path.join(folder, side + ".parquet") for side in ("reference", "current")]
    if not all(os.path.exists(file) for file in files):
        subprocess.run([bench, "generate", folder, str(options.rows)], check=True)
    check = [binary, "check", "-r", files[0], "-c", files[1], "--json", "--threads", "2"]
    decode = [bench, "decode", *files]
    measured(check), measured(decode)  # warm the caches of files and plugins
    pairs = [(measured(check), measured(decode)) for _ in range(options.runs)]
    print(f"{options.rows} + {options.rows} rows, 20 numeric and 10 categorical columns, {options.runs} runs, medians")
    print(f"{'':34} {'cpu s':>8} {'wall s':>8} {'MB':>8}")
    row("decode only (parquet crate)", [pair[1] for pair in pairs])
    row("driftguard check, all defaults", [pair[0] for pair in pairs])
    ratios = sorted(check["cpu"] / decode["cpu"] for check, decode in pairs)
    print(f"ratio of cpu: {statistics.median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f})")
    document = json.loads(pairs[-1][0]["output"])
    print("where the time goes (summed over threads):", json.dumps(document["timings"]))
    for plugin in document["plugins"]:
        print(f"    {plugin['check']:20} {plugin['seconds']:.3f} s")
    print("verdict:", document["verdict"], document["reason"], document["suspects"])


if __name__ == "__main__":
    main()
