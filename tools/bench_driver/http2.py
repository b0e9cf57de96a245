"""What HTTP/2 would save of a delivery: the same POST over TLS by the same program,
h2load of nghttp2, over HTTP/1.1 and over HTTP/2, beside what the service needs for
a whole one-event call."""

import resource
import shutil
import statistics
import subprocess

import cells
import measuring
import programs

# The body of a one-event batch, roughly.
BODY_BYTES = 700
POSTS = 40000
# In flight at a time, as in the matrix: connections and streams on each.
HTTP1 = ("HTTP/1.1, 16 connections", ["--h1", "--clients=16", "--max-concurrent-streams=1"])
HTTP2 = [
    ("HTTP/2, 4 connections of 4 streams", ["--clients=4", "--max-concurrent-streams=4"]),
    ("HTTP/2, 1 connection of 16 streams", ["--clients=1", "--max-concurrent-streams=16"]),
]
# Of a delivery's CPU: for less, a second protocol is not worth its code.
WORTH = 0.20


def _cpu_us(cores, folder, port, options):
    """CPU of the sender for each POST, in microseconds."""
    command = cores.command(cores.server) + [
        "h2load", "--requests=%d" % POSTS, "--threads=1", "--data=" + folder.file("body.json"),
        "--header=content-type: application/json",
        "--header=authorization: Basic YmVuY2htYXJrLWtleTpiZW5jaG1hcmstc2VjcmV0",
        *options, "https://%s:%d/v2/events" % (programs.ADDRESS, port)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if "%d succeeded, 0 failed" % POSTS not in done.stdout:
        raise programs.Failure("h2load: " + (done.stderr or done.stdout).strip()[-400:])
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return seconds * 1e6 / POSTS


def run(arguments, binaries, folder, cores, nginx):
    if not shutil.which("h2load"):
        raise programs.Failure("--http2 needs h2load: apt-get install nghttp2-client")
    folder.write("body.json", '{"events": [], "padding": "%s"}' % ("x" * BODY_BYTES))
    kinds = [HTTP1] + HTTP2
    ports = {HTTP1[0]: nginx.ports[0]}
    taken = {name: [] for name, _ in kinds}
    deliveries = []
    measure = measuring.Measuring(
        binaries, folder, cores, nginx, arguments.warm_up, arguments.seconds)
    for _ in range(arguments.rounds):
        deliveries.append(measure.service(cells.ONE_EVENT)["cpu_us"])
        for name, options in kinds:
            port = ports.get(name, nginx.http2_port)
            taken[name].append(_cpu_us(cores, folder, port, options))
    base = statistics.median(taken[HTTP1[0]])
    delivery = statistics.median(deliveries)
    print("A one-event call costs the service %.1f us (%.1f to %.1f).\n" % (
        delivery, min(deliveries), max(deliveries)))
    print("| The same POST by h2load | CPU of the sender, us | saved of a delivery |\n|---|---:|---:|")
    best = 0
    for name, _ in kinds:
        cpu = statistics.median(taken[name])
        saved = (base - cpu) / delivery
        best = max(best, saved)
        print("| %s | %.1f (%.1f to %.1f) | %.0f %% |" % (
            name, cpu, min(taken[name]), max(taken[name]), 100 * saved))
    print("\nHTTP/2 is %s: worth it from %.0f %% on." % (
        "worth it here" if best >= WORTH else "not worth it here", 100 * WORTH))
    return 0
