"""What the figures are held against, and which of them miss it."""

import dataclasses
import statistics

import cells

MEGABYTE = 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Target:
    what: str
    limit: str
    figure: str
    met: bool


def median(rounds, key):
    return statistics.median(round_[key] for round_ in rounds)


def _at_most(what, limit, value, unit, digits=2):
    return Target(what, "<= %g%s" % (limit, unit), "%.*f%s" % (digits, value, unit), value <= limit)


def of_cells(results):
    """Of the cells that were measured; `results` is cell -> rounds."""
    targets = []
    one = results.get(cells.ONE_EVENT)
    if one:
        targets.append(_at_most("one-event call, CPU to the floor's", 1.25, median(one, "ratio"), " times"))
    hundred = results.get(cells.HUNDRED_EVENTS)
    if hundred:
        per_event = median(hundred, "cpu_us") / cells.HUNDRED_EVENTS.events
        targets.append(_at_most("100-event call, CPU per event", 4, per_event, " us"))
    if one:
        targets.append(_at_most("RSS idle", 40, median(one, "rss_idle_mb"), " MB", 1))
    crowd = results.get(cells.MANY_IN_FLIGHT)
    if crowd:
        # Each call's request, its body and its answer, roughly three bodies.
        in_flight = cells.MANY_IN_FLIGHT.in_flight * 3 * median(crowd, "body_bytes") / MEGABYTE
        growth = median(crowd, "rss_load_mb") - median(crowd, "rss_idle_mb")
        targets.append(Target(
            "RSS growth with %d calls in flight" % cells.MANY_IN_FLIGHT.in_flight,
            "<= what is in flight, %.1f MB" % in_flight, "%.1f MB" % growth, growth <= in_flight))
    return targets


def of_latency(rows):
    """`rows`: (cell, rounds with added_p99_ms) at half load."""
    return [_at_most("added latency at half load, p99 (%d events, upstream %d ms)"
                     % (cell.events, cell.upstream_ms), 1, median(rounds, "added_p99_ms"), " ms")
            for cell, rounds in rows]


def of_mapping(mapping):
    """`mapping`: nanoseconds and allocations of an Order Completed."""
    return [
        _at_most("mapping and JSON of an Order Completed, CPU", 1.5, mapping["ns"] / 1000, " us"),
        _at_most("mapping and JSON of an Order Completed", 5, mapping["allocations"], " allocations", 0),
    ]
