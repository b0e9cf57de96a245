"""Judges a load test: what ghz reports of its calls, and what the service counted
of their events.

    python3 gate.py REPORT [--metrics-before=FILE] [--metrics-after=FILE]

REPORT is ghz's JSON. Its tags, which come from the test's configuration, are the
limits: gate_p50_ms, gate_p90_ms, gate_p95_ms and gate_p99_ms. Every call must
have ended with OK, whatever the limits, and every event that the service counted
between the two files must be ACCEPTED: a call is OK, too, when its events are not.
"""

import argparse
import collections
import json
import re
import sys

_LIMIT = re.compile(r"^gate_p(50|90|95|99)_ms$")
_EVENTS = re.compile(r'^signal_delivery_events_total\{(.*)\} (\S+)$')


def check_calls(report):
    """What is wrong with the calls, one text each."""
    problems = []
    statuses = report.get("statusCodeDistribution") or {}
    ok = statuses.get("OK", 0)
    if not report.get("count") or not ok:
        problems.append("no call succeeded")
    for status, count in sorted(statuses.items()):
        if status != "OK":
            problems.append("%d calls ended with %s" % (count, status))
    for error, count in sorted((report.get("errorDistribution") or {}).items()):
        problems.append("%d calls: %s" % (count, error))
    return problems


def check_latency(report):
    """Which limits of the report's tags are exceeded."""
    problems = []
    measured = {entry["percentage"]: entry["latency"] / 1e6
                for entry in report.get("latencyDistribution") or []}
    for tag, text in sorted((report.get("tags") or {}).items()):
        if not tag.startswith("gate_"):
            continue
        found = _LIMIT.match(tag)
        if not found:
            problems.append("the tag %s is no limit that this gate knows" % tag)
            continue
        percentage = int(found.group(1))
        if percentage not in measured:
            problems.append("ghz reports no p%d" % percentage)
        elif measured[percentage] > float(text):
            problems.append("p%d is %.1f ms, and at most %s ms are allowed"
                            % (percentage, measured[percentage], text))
    return problems


def read_events(metrics):
    """From Prometheus' text format: (outcome, reason) -> number of events."""
    events = collections.Counter()
    for line in metrics.splitlines():
        found = _EVENTS.match(line)
        if found:
            labels = dict(re.findall(r'(\w+)="([^"]*)"', found.group(1)))
            events[labels["outcome"], labels["reason"]] += int(float(found.group(2)))
    return events


def sent_events(report):
    """How many events the calls held, by the template in ghz's options."""
    return report.get("count", 0) * len(report["options"]["data"]["events"])


def check_events(before, after, sent):
    """What became of the events in between that is not as it must be."""
    events = read_events(after)
    events.subtract(read_events(before))
    problems = ["%d events were %s (%s)" % (count, outcome, reason)
                for (outcome, reason), count in sorted(events.items())
                if count and outcome != "ACCEPTED"]
    accepted = sum(count for (outcome, _), count in events.items() if outcome == "ACCEPTED")
    # Others may call the same service.
    if accepted < sent:
        problems.append("only %d of %d events were ACCEPTED" % (accepted, sent))
    return problems


def summary(report):
    latencies = ["p%d %.1f ms" % (entry["percentage"], entry["latency"] / 1e6)
                 for entry in report.get("latencyDistribution") or []
                 if entry["percentage"] in (50, 95, 99)]
    return "%d calls, %.0f a second, %s" % (
        report.get("count", 0), report.get("rps", 0), ", ".join(latencies))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("report")
    parser.add_argument("--metrics-before", metavar="FILE")
    parser.add_argument("--metrics-after", metavar="FILE")
    arguments = parser.parse_args()
    with open(arguments.report) as file:
        report = json.load(file)
    problems = check_calls(report) + check_latency(report)
    if arguments.metrics_after:
        texts = []
        for name in [arguments.metrics_before, arguments.metrics_after]:
            with open(name) as file:
                texts.append(file.read())
        problems += check_events(*texts, sent_events(report))
    print(summary(report))
    for problem in problems:
        print("  " + problem)
    print("FAIL" if problems else "PASS")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
