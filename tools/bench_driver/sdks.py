"""What callers pay who send their events by mParticle's own SDKs, and what they and
the service pay together where they hand them to the service: the same events by the
same language over TLS, to the same nginx."""

import json
import os
import statistics
import subprocess
import sys

import programs

# The newest of each on 2026-11-27, but for urllib3: the SDK asks it for what its
# version 2 no longer has.
NODE_PACKAGES = ["mparticle@1.0.8", "@grpc/grpc-js@1.14.7", "@grpc/proto-loader@0.8.1"]
PYTHON_PACKAGES = ["mparticle==0.16.1", "urllib3==1.26.20", "grpcio==1.85.3", "grpcio-tools==1.85.1"]
PROTO = os.path.abspath("proto")
CALLERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sdk_callers")
IN_FLIGHT = 16
# How much longer than its measurement a caller may take.
PATIENCE_SECONDS = 60
EVENTS = [1, 100]
BY_SDK, TO_SERVICE = "sdk", "service"


def _run(command, hint, **options):
    try:
        done = subprocess.run(command, capture_output=True, text=True, **options)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise programs.Failure("%s\n%s" % (error, hint))
    if done.returncode != 0:
        raise programs.Failure("%s: %s\n%s" % (
            " ".join(command[:3]), (done.stderr or done.stdout).strip()[-400:], hint))
    return done


def _install_node(folder):
    """How the caller is started, and its environment."""
    home = folder.path + "/node"
    _run(["npm", "install", "--silent", "--prefix", home, *NODE_PACKAGES],
         "--sdks needs npm and its registry: apt-get install npm")
    return (["node", CALLERS + "/caller.js", "--ca=" + folder.file("ca.pem"), "--proto=" + PROTO],
            {"NODE_PATH": home + "/node_modules", "NODE_EXTRA_CA_CERTS": folder.file("ca.pem")})


def _install_python(folder):
    home = folder.path + "/python"
    hint = "--sdks needs venv and PyPI: apt-get install python3-venv"
    _run([sys.executable, "-m", "venv", home], hint)
    python = home + "/bin/python"
    _run([python, "-m", "pip", "install", "--quiet", *PYTHON_PACKAGES], hint)
    stubs = home + "/stubs"
    os.mkdir(stubs)
    _run([python, "-m", "grpc_tools.protoc", "-I", PROTO, "--python_out=" + stubs,
          "--grpc_python_out=" + stubs, "datafly/delivery/v1/delivery_service.proto",
          "datafly/signal/v1/event.proto", "google/rpc/status.proto"], hint)
    return ([python, CALLERS + "/caller.py", "--ca=" + folder.file("ca.pem"), "--stubs=" + stubs], {})


LANGUAGES = [("Node", _install_node), ("Python", _install_python)]


def _call(caller, arguments, cores, by, port, events, *more):
    command, environment = caller
    done = _run(
        cores.command(cores.others) + command + [
            "--by=" + by, "--target=%s:%d" % (programs.ADDRESS, port), "--events=%d" % events,
            "--in-flight=%d" % IN_FLIGHT, "--warm-up=%g" % arguments.warm_up,
            "--seconds=%g" % arguments.seconds, *more],
        "the caller ends with the first call that fails", env=dict(os.environ, **environment),
        timeout=arguments.warm_up + arguments.seconds + PATIENCE_SECONDS)
    run = json.loads(done.stdout)
    if not run["calls"]:
        raise programs.Failure("no call ended in --seconds=%g" % arguments.seconds)
    return run


def _measure(caller, arguments, binaries, folder, cores, nginx, by, events):
    """CPU of an event in microseconds: the caller's and the service's."""
    if by == BY_SDK:
        run = _call(caller, arguments, cores, by, nginx.ports[0], events)
    else:
        server = programs.start_service(binaries, folder, cores, nginx.ports[0], tls=True)
        try:
            run = _call(caller, arguments, cores, by, server.port, events,
                        "--watch=%d" % server.pid)
        finally:
            server.stop()
    sent = run["calls"] * events
    return {"caller_us": run["cpu_seconds"] * 1e6 / sent,
            "service_us": run["watched_seconds"] * 1e6 / sent}


def run(arguments, binaries, folder, cores, nginx):
    callers = [(language, install(folder)) for language, install in LANGUAGES]
    taken = {}
    for _ in range(arguments.rounds):
        for language, caller in callers:
            for events in EVENTS:
                for by in (BY_SDK, TO_SERVICE):
                    taken.setdefault((language, events, by), []).append(_measure(
                        caller, arguments, binaries, folder, cores, nginx, by, events))
    print("| caller | events a call | sends | its CPU, us an event | the service's | both |\n"
          "|---|---:|---|---:|---:|---:|")
    for (language, events, by), rounds in taken.items():
        middle = {key: statistics.median(run[key] for run in rounds) for key in rounds[0]}
        both = [run["caller_us"] + run["service_us"] for run in rounds]
        print("| %s | %d | %s | %.1f | %s | %.1f (%.1f to %.1f) |" % (
            language, events, "by mParticle's SDK" if by == BY_SDK else "to the service",
            middle["caller_us"], "" if by == BY_SDK else "%.1f" % middle["service_us"],
            statistics.median(both), min(both), max(both)))
    return 0
