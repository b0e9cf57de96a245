"""Asks every query of the alert rules and the dashboard of a real Prometheus.

Two replicas of the service, a sandbox in mParticle's place, and traffic that
gives every alert its reason: integrations that go wrong, each in its way, beside
one that is well. Every query must give a series, and no alert may name the
integration that is well.
"""

import argparse
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(__file__)
sys.path.insert(0, os.path.join(HERE, ".."))
from running_programs import PATIENCE_SECONDS, Failure, Programs  # noqa: E402

# What each integration's users make the sandbox do.
FAULTS = {
    "refused-key": {"answer": {"status": 401}},
    "malformed": {"answer": {"status": 400}},
    "lost": {"fault": "taken_then_reset"},
    "slow": {"delay_ms": 3000},
    "busy-account": {"answer": {"headers": {"X-mp-rate-limit-percentage-used": "85"}}},
}
INTEGRATIONS = ["well", "overloaded", "many-names", *FAULTS]

PROMETHEUS = """
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%(rules)s]
scrape_configs:
  - job_name: signal-delivery
    static_configs: [{targets: [%(targets)s]}]
"""
INTEGRATION = """
version: 2
parameters:
  api_key: sandbox-key
  api_secret: sandbox-secret
  s2s_host: %(sandbox)s
  allow_unlisted_host: true
  ca_file: %(ca_file)s
  environment: production
  max_batches_per_second: %(rate)d
"""


def start_sandbox(programs):
    script = "".join(
        json.dumps({**fault, "match": {"body_contains": f"user-of-{integration}-"},
                    "count": 1_000_000}) + "\n"
        for integration, fault in FAULTS.items())
    programs.start(
        "sandbox", "bazel-bin/tools/sandbox/mparticle_sandbox", "--listen=127.0.0.1:0",
        "--ca-out=" + programs.path("ca.pem"),
        "--faults=" + programs.write("faults.jsonl", script),
        "--ready-file=" + programs.path("sandbox.ready"))
    return programs.ready_file("sandbox")["address"]


def make_certificate(programs):
    """The lines of a service's file for a pair that is good for a day."""
    pair = {"certificate": programs.path("server.pem"), "private_key": programs.path("server.key")}
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "1", "-subj", "/CN=localhost",
         "-out", pair["certificate"], "-keyout", pair["private_key"]],
        stderr=subprocess.DEVNULL, check=True)
    return f"tls: {json.dumps(pair)}\n"


def start_replica(programs, name, integrations, sandbox, more=""):
    for integration in integrations:
        programs.write(
            f"{name}/integrations/{integration}.yaml",
            INTEGRATION % {"sandbox": sandbox, "ca_file": programs.path("ca.pem"),
                           "rate": 1 if integration == "overloaded" else 270})
    config = programs.write(
        f"{name}/service.yaml",
        "listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\nleave_seconds: 0\nintegrations_dir: integrations\n" + more)
    process = programs.start(
        name, "bazel-bin/server/signal_delivery", "--config=" + config,
        "--ready-file=" + programs.path(name + ".ready"))
    return process, programs.ready_file(name)


class Traffic:
    """Calls of every kind, again and again."""

    def __init__(self, port):
        self._server = f"--server=127.0.0.1:{port}"
        self._calls = 0

    def deliver(self, integration, events=1, timeout="2s", name=""):
        """One call with an event each of so many users."""
        self._calls += 1
        lines = "".join(
            json.dumps({"type": "page", "name": f"{name} {i}" if name else "Home",
                        "userId": f"user-of-{integration}-{i}",
                        "messageId": f"{integration}-{self._calls}-{i}"}) + "\n"
            for i in range(events))
        # Whatever becomes of it: the metrics are what counts.
        subprocess.run(
            ["bazel-bin/tools/signalctl", "deliver", self._server,
             "--integration=" + integration, "--timeout=" + timeout],
            input=lines.encode(), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, check=False)

    def until(self, stop):
        while not stop.is_set():
            self._round()

    def _round(self):
        with concurrent.futures.ThreadPoolExecutor(4) as callers:
            for integration in ("refused-key", "malformed", "lost", "busy-account"):
                callers.submit(self.deliver, integration)
            callers.submit(self.deliver, "slow", timeout="10s")
            # The second of these finds more before it than its deadline allows.
            callers.submit(self.deliver, "overloaded", events=20)
            callers.submit(self.deliver, "overloaded", timeout="1s")
            callers.submit(self.deliver, "not-configured")
            callers.submit(self.deliver, "well", events=3)


class Prometheus:
    """A Prometheus that scrapes the replicas, and a port where there is none."""

    def __init__(self, programs, program, admin_ports):
        targets = ", ".join(f'"127.0.0.1:{port}"' for port in [*admin_ports, 1])
        programs.start(
            "prometheus", program,
            "--config.file=" + programs.write("prometheus.yml", PROMETHEUS % {
                "rules": os.path.abspath(os.path.join(HERE, "alerts.yaml")),
                "targets": targets}),
            "--storage.tsdb.path=" + programs.path("data"),
            "--web.listen-address=127.0.0.1:0")
        pattern = re.compile(r'msg="Listening on" address=(\S+)')
        self._address = programs.until(
            "prometheus", lambda: pattern.search(programs.log("prometheus")))[1]

    def _get(self, path, **parameters):
        url = f"http://{self._address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise Failure(f"{json.load(error)['error']}: {parameters}") from error

    def series(self, query):
        return [series["metric"] for series in self._get("query", query=query)["result"]]

    def alerts(self):
        """Name -> expression, as Prometheus reads the rules."""
        return {rule["name"]: rule["query"]
                for group in self._get("rules")["groups"] for rule in group["rules"]}


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


def dashboard_queries():
    """Where -> query, with values for Grafana's variables."""
    dashboard = json.loads(read("dashboard.json"))
    queries = {}
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            queries[f"panel \"{panel['title']}\" {target['refId']}"] = target["expr"]
    for variable in dashboard["templating"]["list"]:
        match = re.fullmatch(r"label_values\((.*), \w+\)", variable["definition"]) \
            if variable["type"] == "query" else None
        if match:
            queries[f"variable {variable['name']}"] = match[1]
    for where, query in queries.items():
        for name, value in (("$__rate_interval", "1m"), ("$integration", ".*"),
                            ("$job", "signal-delivery")):
            query = query.replace(name, value)
        if "$" in query:
            raise Failure(f"{where}: a variable that this check does not know: {query}")
        queries[where] = query
    return queries


def check_runbook(alerts):
    runbook = read("RUNBOOK.md")
    sections = set(re.findall(r"^## (\w+)$", runbook, re.MULTILINE))
    if sections != set(alerts):
        raise Failure("RUNBOOK.md and alerts.yaml differ: "
                      + ", ".join(sorted(sections ^ set(alerts))))
    links = re.findall(r"runbook_url: tools/monitoring/RUNBOOK.md#(\w+)",
                       read("alerts.yaml"))
    if links != [name.lower() for name in alerts]:
        raise Failure("an alert's runbook_url is not that of its section")
    panels = {panel["title"] for panel in json.loads(read("dashboard.json"))["panels"]}
    named = {" ".join(name.split()) for name in re.findall(r"\*\*([^*]+)\*\*", runbook)}
    unknown = named - panels - {"Symptom", "Look at", "Cause", "Fix", "Cause and fix"}
    if unknown:
        raise Failure("RUNBOOK.md names panels that the dashboard has not: "
                      + ", ".join(sorted(unknown)))


def check(programs, program):
    sandbox = start_sandbox(programs)
    first, ready = start_replica(programs, "first", INTEGRATIONS, sandbox)
    # With fewer files: another version.
    _, second_ready = start_replica(programs, "second", ["well"], sandbox,
                                    make_certificate(programs))
    prometheus = Prometheus(programs, program, [ready["admin_port"], second_ready["admin_port"]])
    traffic = Traffic(ready["port"])
    traffic.deliver("many-names", events=950, timeout="20s", name="Search")
    programs.write("first/integrations/wrong.yaml", "version: 1\n")
    first.send_signal(signal.SIGHUP)

    alerts = programs.until("prometheus", prometheus.alerts)
    check_runbook(alerts)
    queries = {**{f"alert {name}": query for name, query in alerts.items()},
               **dashboard_queries()}
    missing = dict(queries)
    end = time.monotonic() + PATIENCE_SECONDS
    stop = threading.Event()
    calls = threading.Thread(target=traffic.until, args=[stop])
    calls.start()
    try:
        while missing and time.monotonic() < end:
            missing = {where: query for where, query in missing.items()
                       if not prometheus.series(query)}
            time.sleep(0.2)
    finally:
        stop.set()
        calls.join()
    if missing:
        raise Failure("these queries give no series:\n" + "\n".join(
            f"  {where}: {query}" for where, query in missing.items()))
    for name, query in alerts.items():
        if any(series.get("integration") == "well" for series in prometheus.series(query)):
            raise Failure(f"{name} rings for an integration that is well: {query}")
    print(f"check_monitoring: {len(alerts)} alerts and {len(queries) - len(alerts)} "
          "queries of the dashboard give series")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--prometheus", required=True)
    arguments = parser.parse_args()
    programs = Programs("monitoring")
    try:
        check(programs, arguments.prometheus)
    except Failure as failure:
        sys.exit(f"check_monitoring: {failure}")
    finally:
        programs.stop()


if __name__ == "__main__":
    main()
