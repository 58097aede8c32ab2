#!/usr/bin/env python3
"""Writes detectors.json beside this file: where river 0.26.1 signals a change.

    pip install river==0.26.1 && python3 make_detectors.py

Streams come from a formula in integers, which tests/detectors.rs repeats.
KSWIN draws older values at random; with twice as many values in the window as
new ones it draws all of them, so that the answer does not hang on the draw.
"""
import json
import pathlib

from river import drift


def noise(i):
    """Even, 0 to 0.999, no neighbours alike."""
    return (i * 7919 % 1000) / 1000


STREAMS = {
    "steady": [noise(i) for i in range(3000)],
    "step": [noise(i) * 0.5 + (0.0 if i < 1500 else 0.25) for i in range(3000)],
    "rare": [1.0 if noise(i) < (0.004 if i < 2000 else 0.31) else 0.0 for i in range(3000)],
    "spell": [noise(i) + (3.0 if 1000 <= i < 1400 else 0.0) for i in range(3000)],
    "slow": [noise(i) + i / 1000 for i in range(3000)],
}
DETECTORS = {
    "adwin": lambda: drift.ADWIN(),
    "adwin-0.05-1": lambda: drift.ADWIN(delta=0.05, clock=1),
    "page-hinkley": lambda: drift.PageHinkley(),
    "page-hinkley-10": lambda: drift.PageHinkley(threshold=10.0, delta=0.05, min_instances=60),
    "kswin-60-30": lambda: drift.KSWIN(alpha=0.005, window_size=60, stat_size=30, seed=1),
    "kswin-100-50": lambda: drift.KSWIN(alpha=0.0001, window_size=100, stat_size=50, seed=1),
}


def signals(make, stream):
    detector, found = make(), []
    for i, value in enumerate(stream):
        detector.update(value)
        if detector.drift_detected:
            found.append([i, int(detector.width) if isinstance(detector, drift.ADWIN) else 0])
    return found


def main():
    table = {name: {stream: signals(make, values) for stream, values in STREAMS.items()} for name, make in DETECTORS.items()}
    path = pathlib.Path(__file__).with_name("detectors.json")
    path.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
