"""The programs of a benchmark: nginx in mParticle's place, the service, the
floor's server, and which core each runs on."""

import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

# Where all of them listen. Not "localhost": that is ::1 too, and there the same
# port may be another program's, such as Bazel's.
ADDRESS = "127.0.0.1"
# How long a program may take to start or to end.
PATIENCE_SECONDS = 30
# Where unpack_nginx of tools/bench puts it, and where Debian's packages do.
UNPACKED = os.path.join(os.path.dirname(__file__), "nginx")
DELAYS_MS = [0, 20, 200]

NGINX_CONF = """
load_module %(echo_module)s;
daemon off;
worker_processes 1;
%(user)s
pid %(folder)s/nginx.pid;
error_log %(folder)s/nginx.log warn;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path %(folder)s/body;
  proxy_temp_path %(folder)s/proxy;
  fastcgi_temp_path %(folder)s/fastcgi;
  uwsgi_temp_path %(folder)s/uwsgi;
  scgi_temp_path %(folder)s/scgi;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  client_body_buffer_size 1m;
  client_max_body_size 16m;
%(servers)s
}
"""
# In mParticle's place, at once or after a delay. It reads the body, as mParticle
# does: nginx's own `return 202` answers a large one before it is sent, and who
# is answered so cannot use the connection again.
SERVER_AT_ONCE = """
  server {
    listen 127.0.0.1:%(port)d ssl backlog=4096;
    ssl_certificate %(folder)s/server.pem;
    ssl_certificate_key %(folder)s/server.key;
    ssl_protocols TLSv1.3;
    location = /v2/events { echo_status 202; echo_read_request_body; echo -n ""; }
  }
"""
# The same over HTTP/2, for http2.py.
SERVER_HTTP2 = SERVER_AT_ONCE.replace(" ssl ", " ssl http2 ")
SERVER_LATER = SERVER_AT_ONCE.replace(
    "echo_read_request_body;", "echo_read_request_body; echo_sleep %(seconds)s;")

SERVICE = """
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
leave_seconds: 0
integrations_dir: integrations
"""
SERVICE_TLS = "tls: {certificate: server.pem, private_key: server.key}\n"
# The pace is raised to its maximum: an account's usual 270 a second would be
# all that is measured.
INTEGRATION = """
version: 2
parameters:
  api_key: benchmark-key
  api_secret: benchmark-secret
  s2s_host: 127.0.0.1:%(port)d
  allow_unlisted_host: true
  ca_file: ../ca.pem
  environment: development
  max_batches_per_second: 100000
"""


class Failure(Exception):
    """Something that could not be measured, for a person to read."""


class Cores:
    """The server under test has its cores for itself; everything else shares
    the others. On one core nothing is pinned."""

    def __init__(self, for_server):
        usable = sorted(os.sched_getaffinity(0))
        self.pinned = len(usable) > for_server
        self.server = usable[-for_server:] if self.pinned else usable
        self.others = usable[:-for_server] if self.pinned else usable

    def command(self, cores):
        if not self.pinned:
            return []
        return ["taskset", "--cpu-list", ",".join(map(str, cores))]

    def __str__(self):
        if not self.pinned:
            return "nothing is pinned: one core for all"
        return "the server under test alone on core %s; nginx and the load generator on %s" % (
            ", ".join(map(str, self.server)), ", ".join(map(str, self.others)))


class Folder:
    """Of a run: certificates and configuration. Gone at its end."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="signal-delivery-bench.")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-keyout", self.file("server.key"), "-out", self.file("server.pem"),
             "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True)
        shutil.copy(self.file("server.pem"), self.file("ca.pem"))

    def file(self, name):
        return os.path.join(self.path, name)

    def write(self, name, text):
        path = self.file(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Program:
    """A program under way."""

    def __init__(self, command, **options):
        self._process = subprocess.Popen(command, **options)
        self.pid = self._process.pid

    @property
    def output(self):
        return self._process.stdout

    def running(self):
        return self._process.poll() is None

    def stop(self, number=signal.SIGTERM):
        if self.running():
            self._process.send_signal(number)
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def wait_for(holds, what):
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise Failure(what)
        time.sleep(0.01)


def free_port():
    """Nobody listens on it now; nginx takes no port 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    """Answers 202 over TLS; a port for each delay."""

    def __init__(self, folder, cores):
        self.ports = {delay: free_port() for delay in DELAYS_MS}
        self.http2_port = free_port()
        self._path, module = self._find()
        servers = ""
        for delay, port in self.ports.items():
            server = SERVER_LATER if delay else SERVER_AT_ONCE
            servers += server % {"port": port, "folder": folder.path, "seconds": delay / 1000}
        servers += SERVER_HTTP2 % {"port": self.http2_port, "folder": folder.path}
        conf = folder.write("nginx.conf", NGINX_CONF % {
            "echo_module": module, "folder": folder.path, "servers": servers,
            "user": "user root;" if os.geteuid() == 0 else ""})
        self._program = Program(
            cores.command(cores.others) + [self._path, "-p", folder.path, "-c", conf, "-e", "stderr"],
            stderr=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(folder.file("nginx.pid")) or not self._program.running(),
                 "nginx does not start")
        if not self._program.running():
            with open(folder.file("nginx.log")) as log:
                raise Failure("nginx does not start: " + log.read())

    @staticmethod
    def _find():
        for nginx, modules in [
                (os.path.join(UNPACKED, "usr/sbin/nginx"),
                 os.path.join(UNPACKED, "usr/lib/nginx/modules")),
                ("/usr/sbin/nginx", "/usr/lib/nginx/modules")]:
            module = os.path.join(modules, "ngx_http_echo_module.so")
            if os.path.exists(nginx) and os.path.exists(module):
                return os.path.abspath(nginx), os.path.abspath(module)
        raise Failure("there is no nginx with its echo module")

    def version(self):
        return subprocess.run([self._path, "-v"], capture_output=True, text=True).stderr.strip()

    def stop(self):
        self._program.stop()


class Server:
    """What the load generator calls: the service, or the floor's server."""

    def __init__(self, program, port, allocations=None, admin=None):
        self.port = port
        self.pid = program.pid
        self.allocations = allocations
        self.admin = admin
        self._program = program

    def rss_mb(self):
        with open("/proc/%d/status" % self.pid) as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1)) / 1024

    def descriptors(self):
        return len(glob.glob("/proc/%d/fd/*" % self.pid))

    def stop(self):
        self._program.stop()


def start_service(binaries, folder, cores, upstream_port, tls=False, counts_allocations=False,
                  more=""):
    folder.write("integrations/bench.yaml", INTEGRATION % {"port": upstream_port})
    config = folder.write("service.yaml", SERVICE + (SERVICE_TLS if tls else "") + more)
    ready = folder.file("service.ready")
    if os.path.exists(ready):
        os.remove(ready)
    environment = dict(os.environ)
    allocations = None
    if counts_allocations:
        allocations = folder.write("allocations", "")
        environment["ALLOCATIONS_FILE"] = allocations
        environment["LD_PRELOAD"] = binaries.path("allocation_counter.so")
    with open(folder.file("service.log"), "w") as log:
        program = Program(
            cores.command(cores.server) +
            [binaries.service, "--config=" + config, "--ready-file=" + ready],
            stdout=log, stderr=log, env=environment)
    wait_for(lambda: os.path.exists(ready) or not program.running(), "the service does not start")
    if not program.running():
        with open(folder.file("service.log")) as log:
            raise Failure("the service does not start: " + log.read())
    with open(ready) as file:
        told = json.load(file)
    return Server(program, told["port"], allocations, told.get("admin_port"))


def start_floor_server(binaries, folder, cores, tls=False):
    command = cores.command(cores.server) + [binaries.path("floor_server")]
    if tls:
        command += ["--certificate=" + folder.file("server.pem"),
                    "--private-key=" + folder.file("server.key")]
    program = Program(command, stdout=subprocess.PIPE, text=True)
    line = program.output.readline()
    if not line:
        raise Failure("the floor's server does not start")
    return Server(program, int(line))


class Binaries:
    """Where Bazel put what it built."""

    def __init__(self, folder):
        self._folder = folder
        self.service = os.path.join(folder, "server/signal_delivery")
        self.mapping_benchmark = os.path.join(folder, "tests/benchmarks/mapping_benchmark")

    def path(self, name):
        return os.path.join(self._folder, "tools/bench_driver", name)
