"""Watches memory and descriptors of the service under a steady load."""

import json
import statistics
import subprocess
import sys
import time

import cells
import measuring
import programs

# A line so often.
INTERVAL_SECONDS = 60
# By then the service's memory of what one integration took has its size:
# kMaxTaken / kShares of server/recent_batches.h.
FILLED_AFTER_CALLS = 200000
# What the last third may hold more than the middle one.
MOST_RSS_DRIFT = 0.02
MOST_DESCRIPTORS_DRIFT = 8


def drift(samples):
    """How much more the median of the last third is than that of the middle one."""
    third = len(samples) // 3
    middle = statistics.median(samples[third:2 * third])
    return statistics.median(samples[-third:]) - middle, middle


def verdict(rss, descriptors):
    """What drifted, as text; empty: nothing did."""
    rss_drift, rss_before = drift(rss)
    descriptors_drift, _ = drift(descriptors)
    found = []
    if rss_drift > MOST_RSS_DRIFT * rss_before:
        found.append("RSS grew by %.1f MB from %.1f MB" % (rss_drift, rss_before))
    if descriptors_drift > MOST_DESCRIPTORS_DRIFT:
        found.append("descriptors grew by %d" % descriptors_drift)
    return "; ".join(found)


def run(arguments, binaries, folder, cores, nginx):
    """The exit code: 1 where something drifted or went wrong."""
    cell = cells.ONE_EVENT
    measure = measuring.Measuring(
        binaries, folder, cores, nginx, arguments.warm_up, arguments.seconds)
    server = measure.start_service(cell)
    try:
        most = 0
        filled = 0
        while filled < FILLED_AFTER_CALLS:
            reached = measure.call_service(cell, server)
            most = max(most, reached["calls"] / reached["seconds"])
            filled += reached["calls"]
        rate = arguments.load * most
        print("%.0f calls/s, %.0f %% of the most; %s" % (rate, 100 * arguments.load, cell.name()),
              flush=True)
        load = subprocess.Popen(
            measure.load_command(cell, server, "--rate=%g" % rate, "--warm-up=%g" % arguments.warm_up,
                                 "--seconds=%g" % arguments.soak),
            stdout=subprocess.PIPE, text=True)
        try:
            rss, descriptors = _watch(server, load, min(INTERVAL_SECONDS, arguments.soak / 12))
            told = json.loads(load.stdout.read())
        finally:
            load.kill()
            load.wait()
    finally:
        server.stop()
    print("%d calls, %d failed, %d events not accepted; p50 %.2f ms, p99 %.2f ms; %.1f us of CPU a call" % (
        told["calls"], told["failed_calls"], told["other_outcomes"], told["p50_ms"], told["p99_ms"],
        told["cpu_seconds"] * 1e6 / max(1, told["calls"])))
    drifted = verdict(rss, descriptors)
    failed = told["failed_calls"] or told["other_outcomes"] or not told["calls"]
    if failed:
        drifted = "; ".join(filter(None, [drifted, told["first_failure"] or "no calls"]))
    print("FAIL: " + drifted if drifted else
          "PASS: RSS and descriptors of the last third are those of the middle one")
    return 1 if drifted else 0


def _watch(server, load, interval):
    rss, descriptors = [], []
    start = time.monotonic()
    while True:
        try:
            load.wait(interval)
            return rss, descriptors
        except subprocess.TimeoutExpired:
            rss.append(server.rss_mb())
            descriptors.append(server.descriptors())
            print("%6.0f s: RSS %.1f MB, %d descriptors" % (
                time.monotonic() - start, rss[-1], descriptors[-1]), flush=True)
