"""What was measured, as Markdown."""

import time

from targets import median

COLUMNS = [
    ("calls/s", lambda rounds: "%.0f" % median(rounds, "calls_per_second")),
    ("CPU us/call", lambda rounds: spread(rounds, "cpu_us", "%.1f")),
    ("floor us", lambda rounds: "%.1f + %d x %.1f = %.1f" % (
        median(rounds, "floor_call_us"), rounds[0]["batches"], median(rounds, "floor_post_us"),
        median(rounds, "floor_us"))),
    ("to the floor", lambda rounds: spread(rounds, "ratio", "%.2f")),
    ("p50 / p90 / p99 ms", lambda rounds: " / ".join(
        "%.2f" % median(rounds, key) for key in ["p50_ms", "p90_ms", "p99_ms"])),
    ("RSS MB idle / load / after", lambda rounds: " / ".join(
        "%.0f" % median(rounds, key) for key in ["rss_idle_mb", "rss_load_mb", "rss_after_mb"])),
    ("empty call's RSS MB idle / load", lambda rounds: " / ".join(
        "%.0f" % median(rounds, key) for key in ["empty_rss_idle_mb", "empty_rss_load_mb"])),
]


def spread(rounds, key, form):
    """The median, and the least and the most of the rounds."""
    values = [round_[key] for round_ in rounds]
    text = form % median(rounds, key)
    if len(values) > 1:
        text += " (%s to %s)" % (form % min(values), form % max(values))
    return text


def _table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def cells_table(results, allocations):
    head = ["cell"] + [name for name, _ in COLUMNS] + ["CPU us/event", "allocations/call"]
    rows = []
    for cell, rounds in results.items():
        rows.append(
            [cell.name()] + [write(rounds) for _, write in COLUMNS] +
            ["%.2f" % (median(rounds, "cpu_us") / cell.events),
             "%.0f" % allocations[cell] if cell in allocations else "-"])
    return _table(head, rows)


def latency_table(rows):
    head = ["cell", "calls/s", "p50 / p90 / p99 ms", "upstream alone p50 / p99 ms",
            "empty call p50 / p99 ms", "added p99 ms"]
    return _table(head, [
        [cell.name(), "%.0f" % rounds[0]["rate"],
         " / ".join("%.2f" % median(rounds, key) for key in ["p50_ms", "p90_ms", "p99_ms"]),
         " / ".join("%.2f" % median(rounds, key) for key in ["upstream_p50_ms", "upstream_p99_ms"]),
         " / ".join("%.2f" % median(rounds, key) for key in ["empty_p50_ms", "empty_p99_ms"]),
         spread(rounds, "added_p99_ms", "%.2f")]
        for cell, rounds in rows])


def throughput_table(rows):
    return _table(["cores of the server", "calls/s", "load generator's share of its core"], [
        [str(cores), spread(rounds, "calls_per_second", "%.0f"),
         "%.0f %%" % (100 * median(rounds, "generator_share"))]
        for cores, rounds in rows])


def targets_table(targets):
    return _table(["target", "limit", "figure", ""], [
        [target.what, target.limit, target.figure, "met" if target.met else "**MISSED**"]
        for target in targets])


def misses(targets):
    missed = [target for target in targets if not target.met]
    if not missed:
        return "Every target is met.\n"
    return "Missed:\n" + "".join(
        "- %s: %s, target %s\n" % (target.what, target.figure, target.limit) for target in missed)


def write(command, conditions, results, allocations, latency, throughput, targets, not_measured):
    """The whole report. `conditions`: pairs of what and its value."""
    parts = [
        "# Figures\n", "Written by `%s`, %s.\n" % (command, time.strftime("%Y-%m-%d")),
        _table(["", ""], conditions),
        "## Targets\n", targets_table(targets), misses(targets),
        "Not measured here:\n" + "".join("- %s\n" % what for what in not_measured),
        "## CPU, throughput, latency, memory\n", cells_table(results, allocations),
        "## Latency at half load\n", latency_table(latency),
    ]
    if throughput:
        parts += ["## Throughput by cores\n", throughput_table(throughput)]
    return "\n".join(parts)
