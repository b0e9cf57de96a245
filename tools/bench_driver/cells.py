"""The matrix: what is varied, and what a round measures by default."""

import dataclasses
import itertools


@dataclasses.dataclass(frozen=True)
class Cell:
    """One kind of load."""

    events: int = 1  # a call
    users: int = 1  # a call
    properties: int = 20  # an event
    in_flight: int = 16  # calls
    tls: bool = False  # on the gRPC side
    upstream_ms: int = 0  # until nginx answers
    streams: bool = False  # requests of DeliverStream instead of calls

    def name(self):
        """What a row of the table is called."""
        return "%d %s, %d %s, %d properties, %d in flight, %s, upstream %d ms%s" % (
            self.events, "event" if self.events == 1 else "events",
            self.users, "user" if self.users == 1 else "users",
            self.properties, self.in_flight, "TLS" if self.tls else "plaintext",
            self.upstream_ms, ", streams" if self.streams else "")


ONE_EVENT = Cell()
HUNDRED_EVENTS = Cell(events=100)
MANY_IN_FLIGHT = Cell(in_flight=256)


def one_factor_at_a_time():
    """The two cells that have targets, and their neighbours."""
    cells = [ONE_EVENT]
    for change in [{"properties": 2}, {"properties": 200}, {"in_flight": 1}, {"in_flight": 256},
                   {"tls": True}, {"upstream_ms": 20}, {"upstream_ms": 200}, {"streams": True}]:
        cells.append(dataclasses.replace(ONE_EVENT, **change))
    cells += [Cell(events=10), Cell(events=10, users=10), HUNDRED_EVENTS]
    for change in [{"users": 100}, {"properties": 2}, {"properties": 200}, {"in_flight": 1},
                   {"tls": True}, {"streams": True}]:
        cells.append(dataclasses.replace(HUNDRED_EVENTS, **change))
    return cells


def short():
    """Those with targets, one that has the rest of what can go wrong, and streams."""
    return [ONE_EVENT, HUNDRED_EVENTS, MANY_IN_FLIGHT,
            Cell(events=10, users=10, tls=True, upstream_ms=20), Cell(events=10, streams=True)]


def full():
    """Every combination, but for one event of many users, which there is not."""
    return [
        Cell(events, users, properties, in_flight, tls, upstream_ms, streams)
        for events, many, properties, in_flight, tls, upstream_ms, streams in itertools.product(
            [1, 10, 100], [False, True], [2, 20, 200], [1, 16, 256], [False, True], [0, 20, 200],
            [False, True])
        for users in [events if many else 1]
        if not (many and events == 1)
    ]
