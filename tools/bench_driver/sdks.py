"""What callers pay who send their events by mParticle's own SDKs, and what they and
the service pay together where they hand them to the service: the same events by the
same language, to the same nginx."""

import json
import os
import statistics
import subprocess
import sys

import programs

# The newest of each on 2026-11-27. The SDK for Python asks urllib3 for what its
# version 2 no longer has.
NODE_PACKAGES = ["mparticle@1.0.8", "@grpc/grpc-js@1.12.6", "@grpc/proto-loader@0.7.13"]
PYTHON_PACKAGES = ["mparticle==0.16.1", "urllib3==1.26.20", "grpcio==1.68.1", "grpcio-tools==1.68.1"]
PROTO = os.path.abspath("proto")
CALLERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sdk_callers")
IN_FLIGHT = 16
EVENTS = [1, 100]
BY_SDK, TO_SERVICE = "sdk", "service"


def _run(command, hint, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise programs.Failure("%s: %s\n%s" % (
            " ".join(command[:3]), (done.stderr or done.stdout).strip()[-400:], hint))
    return done


def _install_node(folder):
    """How the caller is started, and its environment."""
    home = folder.path + "/node"
    _run(["npm", "install", "--silent", "--prefix", home, *NODE_PACKAGES],
         "--sdks needs npm and its registry: apt-get install npm")
    return (["node", CALLERS + "/caller.js", "--proto=" + PROTO],
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


def _call(caller, arguments, cores, by, port, events):
    command, environment = caller
    done = _run(
        cores + command + [
            "--by=" + by, "--target=%s:%d" % (programs.ADDRESS, port), "--events=%d" % events,
            "--in-flight=%d" % IN_FLIGHT, "--warm-up=%g" % arguments.warm_up,
            "--seconds=%g" % arguments.seconds],
        "the caller ends with the first call that fails", env=dict(os.environ, **environment))
    return json.loads(done.stdout)


def _measure(caller, arguments, binaries, folder, cores, nginx, by, events):
    """CPU of an event in microseconds: the caller's and the service's."""
    if by == BY_SDK:
        run = _call(caller, arguments, cores.command(cores.server), by, nginx.ports[0], events)
        service_us = 0
    else:
        server = programs.start_service(binaries, folder, cores, nginx.ports[0])
        try:
            before = server.cpu_seconds()
            run = _call(caller, arguments, cores.command(cores.others), by, server.port, events)
            service_us = (server.cpu_seconds() - before) * 1e6 / (run["calls_in_all"] * events)
        finally:
            server.stop()
    return {"caller_us": run["cpu_seconds"] * 1e6 / (run["calls"] * events),
            "service_us": service_us,
            "events_per_second": run["calls"] * events / run["seconds"]}


def run(arguments, binaries, folder, cores, nginx):
    callers = [(language, install(folder)) for language, install in LANGUAGES]
    taken = {}
    for _ in range(arguments.rounds):
        for language, caller in callers:
            for events in EVENTS:
                for by in (BY_SDK, TO_SERVICE):
                    taken.setdefault((language, events, by), []).append(_measure(
                        caller, arguments, binaries, folder, cores, nginx, by, events))
    print("| caller | events a call | sends | its CPU, us an event | the service's | both"
          " | events/s |\n|---|---:|---|---:|---:|---:|---:|")
    for (language, events, by), rounds in taken.items():
        middle = {key: statistics.median(run[key] for run in rounds) for key in rounds[0]}
        both = [run["caller_us"] + run["service_us"] for run in rounds]
        print("| %s | %d | %s | %.1f | %s | %.1f (%.1f to %.1f) | %.0f |" % (
            language, events, "by mParticle's SDK" if by == BY_SDK else "to the service",
            middle["caller_us"], "" if by == BY_SDK else "%.1f" % middle["service_us"],
            statistics.median(both), min(both), max(both), middle["events_per_second"]))
    return 0
