"""Records where the service's CPU goes in one-event and in 100-event calls, and
draws it; tools/flamegraph starts it."""

import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys

import cells
import flame_graph
import measuring
import programs

# Odd, so that nothing that happens every millisecond is always hit or missed.
SAMPLES_PER_SECOND = 997
# Debian's libraries are built without frame pointers; so much of each stack is
# copied and read with the debugging information of their exception tables.
STACK_BYTES = 16384
GRAPHS = [("one_event", cells.ONE_EVENT), ("100_events", cells.HUNDRED_EVENTS)]


def record(measure, cell, folder, seconds):
    """The stacks of the service under that load."""
    if not shutil.which("perf"):
        raise programs.Failure("perf is missing: apt-get install linux-perf")
    data = folder.file("perf.data")
    server = measure.start_service(cell)
    try:
        with concurrent.futures.ThreadPoolExecutor() as side:
            load = side.submit(measure.call_service, cell, server)
            done = subprocess.run(
                ["perf", "record", "--quiet", "--freq=%d" % SAMPLES_PER_SECOND,
                 "--call-graph=dwarf,%d" % STACK_BYTES, "--pid=%d" % server.pid,
                 "--output=" + data, "--", "sleep", str(seconds)],
                capture_output=True, text=True)
        load.result()  # raises where the load was not served
    finally:
        server.stop()
    if done.returncode != 0 or not os.path.exists(data):
        raise programs.Failure("perf cannot record here: " + done.stderr.strip())
    # Without the inlined functions, which take perf hours to name.
    with subprocess.Popen(
            ["perf", "script", "--no-inline", "--fields=ip,sym,symoff,dso", "--input=" + data],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace") as script:
        return flame_graph.read_stacks(script.stdout)


def print_shares(what, shares, key, count):
    print("%s:\n    own  with callees" % what)
    for function, own, total in sorted(shares, key=key, reverse=True)[:count]:
        print("%5.1f %%  %5.1f %%  %s" % (100 * own, 100 * total, function))


def main():
    parser = argparse.ArgumentParser(prog="tools/flamegraph", description=__doc__)
    parser.add_argument("--bin", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--out", default="tools/bench_driver", help="folder that takes the SVG files")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--top", type=int, default=25, help="functions to list")
    arguments = parser.parse_args()
    cores = programs.Cores(1)
    folder = programs.Folder()
    nginx = None
    try:
        nginx = programs.Nginx(folder, cores)
        # The load goes on a little longer than the recording.
        measure = measuring.Measuring(
            programs.Binaries(arguments.bin), folder, cores, nginx, 0.5, arguments.seconds + 1)
        for name, cell in GRAPHS:
            stacks = record(measure, cell, folder, arguments.seconds)
            if not stacks:
                raise programs.Failure("perf took no samples")
            path = os.path.join(arguments.out, "flame_%s.svg" % name)
            with open(path, "w") as file:
                file.write(flame_graph.svg(stacks, cell.name()))
            print("\n%s: %s, %d samples" % (path, cell.name(), sum(stacks.values())))
            shares = flame_graph.shares(stacks)
            print_shares("the most of their own", shares, lambda share: share[1], arguments.top)
            print_shares("the most with what they call", shares, lambda share: share[2],
                         arguments.top)
    except programs.Failure as failure:
        print("tools/flamegraph: %s" % failure, file=sys.stderr)
        return 1
    finally:
        if nginx:
            nginx.stop()
        folder.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
