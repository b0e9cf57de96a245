"""Measures the service beside the floor of the same run; see README.md in this
folder. tools/bench builds what it needs and starts it."""

import argparse
import collections
import os
import shlex
import sys

import cells
import http2
import machine
import measuring
import programs
import report
import sdks
import soak
import targets

# The load at which latency is measured.
HALF = 0.5
# For throughput by cores.
LEAST_CORES_TO_COMPARE = 4
SHORT = {"rounds": 1, "seconds": 0.2, "warm_up": 0.1}


def say(text):
    print(text, file=sys.stderr, flush=True)


def measure_latency(measure, results, rounds):
    """At half the throughput of the closed loop: what the service adds to the
    upstream's own latency at the same rate, beside what an empty call takes there."""
    rows = []
    for cell in [cells.ONE_EVENT, cells.HUNDRED_EVENTS]:
        if cell not in results:
            continue
        rate = HALF * targets.median(results[cell], "calls_per_second")
        taken = []
        for _ in range(rounds):
            server = measure.start_service(cell)
            try:
                run = measure.call_service(cell, server, "--rate=%g" % rate)
            finally:
                server.stop()
            upstream = measure.poster(cell, rate)
            empty = measure.empty_call(cell, rate)
            taken.append(dict(
                run, rate=rate, upstream_p50_ms=upstream["p50_ms"],
                upstream_p99_ms=upstream["p99_ms"],
                empty_p50_ms=empty["p50_ms"], empty_p99_ms=empty["p99_ms"],
                added_p99_ms=run["p99_ms"] - upstream["p99_ms"]))
        rows.append((cell, taken))
    return rows


def measure_throughput(arguments, binaries, folder, nginx):
    """By the cores of the server under test, while as many are left for the
    rest: (cores, rounds). None where the machine is too small."""
    rows = []
    cores = 1
    while len(os.sched_getaffinity(0)) >= max(2 * cores, LEAST_CORES_TO_COMPARE):
        measure = measuring.Measuring(
            binaries, folder, programs.Cores(cores), nginx, arguments.warm_up, arguments.seconds)
        taken = []
        for _ in range(arguments.rounds):
            server = measure.start_service(cells.MANY_IN_FLIGHT)
            try:
                run = measure.call_service(cells.MANY_IN_FLIGHT, server)
            finally:
                server.stop()
            taken.append(dict(
                run, calls_per_second=run["calls"] / run["seconds"],
                generator_share=run["own_cpu_seconds"] / run["seconds"]))
        rows.append((cores, taken))
        cores *= 2
    return rows


def measure_mapping(binaries, cores, seconds):
    """BM_MapOrder of //tests/benchmarks:mapping_benchmark."""
    told = measuring.run_json(cores.command(cores.server) + [
        binaries.mapping_benchmark, "--benchmark_filter=^BM_MapOrder$",
        "--benchmark_format=json", "--benchmark_min_time=%g" % seconds])
    order = told["benchmarks"][0]
    return {"ns": order["cpu_time"], "allocations": order["allocations"]}


def chosen_cells(arguments):
    matrix = cells.full() if arguments.full else cells.one_factor_at_a_time()
    if arguments.short:
        matrix = cells.short()
    chosen = [cell for cell in matrix if arguments.only in cell.name()]
    if not chosen:
        raise programs.Failure("--only: no cell's name holds '%s'" % arguments.only)
    return chosen


def run_matrix(arguments, binaries, folder, cores, nginx):
    measure = measuring.Measuring(
        binaries, folder, cores, nginx, arguments.warm_up, arguments.seconds)
    results = collections.OrderedDict((cell, []) for cell in chosen_cells(arguments))
    for number in range(arguments.rounds):
        for cell, rounds in results.items():
            rounds.append(measure.cell(cell))
            say("round %d of %d: %s: %.1f us of CPU a call, %.2f times the floor's" % (
                number + 1, arguments.rounds, cell.name(), rounds[-1]["cpu_us"],
                rounds[-1]["ratio"]))
    allocations = {cell: measure.allocations(cell) for cell in results}
    latency = measure_latency(measure, results, arguments.rounds)
    mapping = measure_mapping(binaries, cores, arguments.seconds)
    throughput = measure_throughput(arguments, binaries, folder, nginx)
    not_measured = ["RSS and descriptors over an hour, which is a run of its own: "
                    "`tools/bench --soak=3600 --load=0.8`"]
    if not throughput:
        not_measured.append("throughput by cores: this needs %d cores" % LEAST_CORES_TO_COMPARE)
    judged = (targets.of_cells(results) + targets.of_latency(latency) +
              targets.of_mapping(mapping))
    conditions = machine.description() + [
        ("Upstream", nginx.version()),
        ("Pinning", str(cores)),
        ("Rounds", "%d, of %g s a measurement; medians, in brackets the least and the most"
         % (arguments.rounds, arguments.seconds)),
        ("Load average at the end", "%.1f" % machine.load_average()),
    ]
    return report.write(
        "tools/bench " + " ".join(map(shlex.quote, sys.argv[2:])), conditions, results,
        allocations, latency, throughput, judged, not_measured)


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="tools/bench", description="Measures the service beside the floor.")
    parser.add_argument("--bin", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--full", action="store_true", help="every combination, not one factor at a time")
    parser.add_argument("--short", action="store_true", help="only that it works; the figures mean nothing")
    parser.add_argument("--only", default="", metavar="TEXT", help="the cells whose name holds it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--warm-up", type=float, default=1, help="seconds before each")
    parser.add_argument("--server-cores", type=int, default=1, help="for the server under test")
    parser.add_argument("--report", metavar="FILE", help="takes the table; without it, standard output")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="watch memory and descriptors for so long instead")
    parser.add_argument("--load", type=float, default=0.8, help="of --soak: share of the most calls a second")
    parser.add_argument("--http2", action="store_true", help="what HTTP/2 to mParticle would save instead")
    parser.add_argument("--sdks", action="store_true", help="what callers of mParticle's own SDKs pay instead")
    parsed = parser.parse_args(arguments)
    if parsed.short:
        vars(parsed).update(SHORT)
    return parsed


def main():
    arguments = parse(sys.argv[1:])
    cores = programs.Cores(arguments.server_cores)
    binaries = programs.Binaries(arguments.bin)
    folder = programs.Folder()
    nginx = None
    try:
        nginx = programs.Nginx(folder, cores)
        if arguments.soak:
            return soak.run(arguments, binaries, folder, cores, nginx)
        if arguments.http2:
            return http2.run(arguments, binaries, folder, cores, nginx)
        if arguments.sdks:
            return sdks.run(arguments, binaries, folder, cores, nginx)
        text = run_matrix(arguments, binaries, folder, cores, nginx)
    except programs.Failure as failure:
        say("tools/bench: %s" % failure)
        return 1
    finally:
        if nginx:
            nginx.stop()
        folder.remove()
    if arguments.report:
        with open(arguments.report, "w") as file:
            file.write(text)
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
