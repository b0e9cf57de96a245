"""Runs one load test with ghz, and the gate on what came of it.

Without --server it starts the sandbox and the service itself. tools/loadtest
builds what it needs and starts it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
PROTO = os.path.join(HERE, "../../proto")
PATIENCE_SECONDS = 30

SERVICE = """
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
leave_seconds: 0
integrations_dir: integrations
"""
# An account's usual pace of 270 a second would be all that a ramp finds.
INTEGRATION = """
version: 2
parameters:
  api_key: sandbox-key
  api_secret: sandbox-secret
  s2s_host: %(sandbox)s
  allow_unlisted_host: true
  ca_file: ../ca.pem
  environment: development
  max_batches_per_second: 5000
"""


class Failure(Exception):
    """Something that could not be run, for a person to read."""


def tests():
    return sorted(name[:-5] for name in os.listdir(HERE) if name.endswith(".json"))


class Site:
    """The sandbox and the service, on free ports of this machine."""

    def __init__(self, binaries, folder):
        self._folder = folder
        self._running = []
        sandbox = self._start("sandbox", [
            os.path.join(binaries, "tools/sandbox/mparticle_sandbox"), "--listen=127.0.0.1:0",
            "--ca-out=" + self._path("ca.pem")])
        os.mkdir(self._path("integrations"))
        self._write("integrations/loadtest.yaml", INTEGRATION % {"sandbox": sandbox["address"]})
        self._write("service.yaml", SERVICE)
        service = self._start("service", [
            os.path.join(binaries, "server/signal_delivery"),
            "--config=" + self._path("service.yaml")])
        self.server = "127.0.0.1:%d" % service["port"]
        self.admin = "127.0.0.1:%d" % service["admin_port"]

    def _path(self, name):
        return os.path.join(self._folder, name)

    def _write(self, name, text):
        with open(self._path(name), "w") as file:
            file.write(text)

    def _start(self, name, command):
        ready = self._path(name + ".ready")
        with open(self._path(name + ".log"), "w") as log:
            process = subprocess.Popen(command + ["--ready-file=" + ready], stdout=log, stderr=log)
        self._running.append(process)
        end = time.monotonic() + PATIENCE_SECONDS
        while not os.path.exists(ready):
            if process.poll() is not None or time.monotonic() > end:
                with open(self._path(name + ".log")) as log:
                    raise Failure("the %s does not start: %s" % (name, log.read()))
            time.sleep(0.02)
        with open(ready) as file:
            return json.load(file)

    def stop(self):
        for process in reversed(self._running):
            process.terminate()
            process.wait()


def read_metrics(admin):
    with urllib.request.urlopen("http://%s/metrics" % admin, timeout=PATIENCE_SECONDS) as answer:
        return answer.read().decode()


def run_ghz(arguments, server, report):
    command = [arguments.ghz, "--config=" + os.path.join(HERE, arguments.test + ".json"),
               "--import-paths=" + PROTO,
               "--proto=" + os.path.join(PROTO, "datafly/delivery/v1/delivery_service.proto"),
               "--format=json", "--output=" + report]
    command += ["--cacert=" + arguments.tls_ca] if arguments.tls_ca else ["--insecure"]
    for option in ["duration", "rps"]:
        if getattr(arguments, option):
            command.append("--%s=%s" % (option, getattr(arguments, option)))
    # ghz itself ends with 0 whatever became of its calls.
    if subprocess.run(command + [server]).returncode != 0 or not os.path.exists(report):
        raise Failure("ghz could not run")


def run(arguments, folder):
    """The gate's exit code."""
    site = None
    try:
        server, admin = arguments.server, arguments.metrics
        if not server:
            site = Site(arguments.bin, folder)
            server, admin = site.server, site.admin
        report = arguments.report or os.path.join(folder, "report.json")
        gate = [sys.executable, os.path.join(HERE, "gate.py"), report]
        if admin:
            before = os.path.join(folder, "before")
            after = os.path.join(folder, "after")
            with open(before, "w") as file:
                file.write(read_metrics(admin))
        run_ghz(arguments, server, report)
        if admin:
            with open(after, "w") as file:
                file.write(read_metrics(admin))
            gate += ["--metrics-before=" + before, "--metrics-after=" + after]
        print("%s against %s" % (arguments.test, server), flush=True)
        return subprocess.run(gate).returncode
    finally:
        if site:
            site.stop()


def main():
    parser = argparse.ArgumentParser(prog="tools/loadtest", description=__doc__)
    parser.add_argument("--bin", help=argparse.SUPPRESS)
    parser.add_argument("--ghz", required=True, help=argparse.SUPPRESS)
    parser.add_argument("test", choices=tests())
    parser.add_argument("--server", metavar="HOST:PORT", help="a service with an integration `loadtest`")
    parser.add_argument("--metrics", metavar="HOST:PORT", help="its admin_listen, for the events' outcomes")
    parser.add_argument("--tls-ca", metavar="FILE", help="PEM; without it plaintext")
    parser.add_argument("--duration", help="instead of the test's own, such as 10m")
    parser.add_argument("--rps", help="calls a second, instead of the test's own")
    parser.add_argument("--report", metavar="FILE", help="takes ghz's JSON")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="signal-delivery-loadtest.")
    try:
        return run(arguments, folder)
    except (Failure, OSError) as failure:
        print("tools/loadtest: %s" % failure, file=sys.stderr)
        return 2
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
