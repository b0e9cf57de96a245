"""Measures a cell: the service, and the floor under the same load."""

import json
import subprocess
import threading
import time

import programs
from programs import Failure

# As the service's default for a host.
MOST_CONNECTIONS = 256
# Of the load generator, and so of the gRPC side.
CONNECTIONS = 4


def run_json(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure("%s: %s" % (" ".join(command[-12:]), done.stderr.strip()))
    return json.loads(done.stdout)


class RssSampler:
    """The most memory that a server holds while it is watched."""

    def __init__(self, server):
        self.most_mb = 0
        self._server = server
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _run(self):
        while not self._end.wait(0.1):
            self.most_mb = max(self.most_mb, self._server.rss_mb())


class Measuring:
    def __init__(self, binaries, folder, cores, nginx, warm_up, seconds):
        self._binaries = binaries
        self._folder = folder
        self._cores = cores
        self._nginx = nginx
        self._times = ["--warm-up=%g" % warm_up, "--seconds=%g" % seconds]
        self._body_sizes = {}

    # -- programs ---------------------------------------------------------------
    def load_command(self, cell, server, *more):
        command = self._cores.command(self._cores.others) + [
            self._binaries.path("load_generator"),
            "--server=%s:%d" % (programs.ADDRESS, server.port),
            "--watch=%d" % server.pid,
            "--integration=bench",
            "--events=%d" % cell.events,
            "--users=%d" % cell.users,
            "--properties=%d" % cell.properties,
            "--in-flight=%d" % cell.in_flight,
            "--connections=%d" % min(CONNECTIONS, cell.in_flight),
            *more,
        ]
        if cell.tls:
            command.append("--ca=" + self._folder.file("ca.pem"))
        return command

    def start_service(self, cell, counts_allocations=False):
        return programs.start_service(
            self._binaries, self._folder, self._cores, self._nginx.ports[cell.upstream_ms],
            cell.tls, counts_allocations)

    def call_service(self, cell, server, *more):
        """One run of the load generator; every event must be taken."""
        if cell.streams:
            more += ("--streams",)
        if server.allocations:
            more += ("--allocations=" + server.allocations,)
        run = run_json(self.load_command(cell, server, *self._times, *more))
        if run["failed_calls"] or run["other_outcomes"] or not run["calls"]:
            raise Failure("%s: %d calls, of which %d failed; %d events not accepted: %s" % (
                cell.name(), run["calls"], run["failed_calls"], run["other_outcomes"],
                run["first_failure"]))
        return run

    # -- a round ------------------------------------------------------------------
    def service(self, cell):
        server = self.start_service(cell)
        try:
            idle_mb = server.rss_mb()
            if cell not in self._body_sizes:
                self._body_sizes[cell] = run_json(self.load_command(cell, server, "--body-sizes"))
            with RssSampler(server) as sampler:
                run = self.call_service(cell, server)
            time.sleep(0.2)
            return dict(
                run,
                calls_per_second=run["calls"] / run["seconds"],
                cpu_us=run["cpu_seconds"] * 1e6 / run["calls"],
                rss_idle_mb=idle_mb,
                rss_load_mb=sampler.most_mb,
                rss_after_mb=server.rss_mb())
        finally:
            server.stop()

    def empty_call(self, cell, rate=0):
        """The floor's server under the load of the cell, or at a rate."""
        server = programs.start_floor_server(
            self._binaries, self._folder, self._cores, cell.tls)
        try:
            idle_mb = server.rss_mb()
            pace = ["--rate=%g" % rate] if rate else []
            with RssSampler(server) as sampler:
                run = run_json(self.load_command(cell, server, "--floor", *self._times, *pace))
        finally:
            server.stop()
        if run["failed_calls"] or not run["calls"]:
            raise Failure("the floor's server: " + run["first_failure"])
        return dict(
            run,
            cpu_us=run["cpu_seconds"] * 1e6 / run["calls"],
            rss_idle_mb=idle_mb,
            rss_load_mb=sampler.most_mb)

    def poster(self, cell, rate=0):
        """The bare poster with bodies of the size that the service posts."""
        sizes = self._body_sizes[cell]
        run = run_json(self._cores.command(self._cores.server) + [
            self._binaries.path("floor_poster"),
            "--port=%d" % self._nginx.ports[cell.upstream_ms],
            "--ca=" + self._folder.file("ca.pem"),
            "--body-bytes=%d" % (sum(sizes) / len(sizes)),
            "--connections=%d" % min(cell.in_flight * len(sizes), MOST_CONNECTIONS),
            "--rate=%g" % rate, *self._times])
        if not run["posts"]:
            raise Failure("the floor's poster posted nothing")
        return dict(run, cpu_us=run["cpu_seconds"] * 1e6 / run["posts"])

    def cell(self, cell):
        """One round of a cell."""
        service = self.service(cell)
        batches = len(self._body_sizes[cell])
        # With a slow upstream at the rate that the service had: under more load
        # a call costs less.
        rate = service["calls_per_second"] if cell.upstream_ms else 0
        empty = self.empty_call(cell, rate)
        post_us = self.poster(cell)["cpu_us"]
        floor_us = empty["cpu_us"] + batches * post_us
        return dict(
            service,
            batches=batches,
            body_bytes=sum(self._body_sizes[cell]),
            floor_call_us=empty["cpu_us"],
            empty_rss_idle_mb=empty["rss_idle_mb"],
            empty_rss_load_mb=empty["rss_load_mb"],
            floor_post_us=post_us,
            floor_us=floor_us,
            ratio=service["cpu_us"] / floor_us)

    def allocations(self, cell):
        """Allocations of a call, in a run of its own."""
        server = self.start_service(cell, counts_allocations=True)
        try:
            run = self.call_service(cell, server)
            if not run["allocations"]:
                raise Failure("allocation_counter.so does not count")
            return run["allocations"] / run["calls"]
        finally:
            server.stop()
