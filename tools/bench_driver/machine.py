"""On what a benchmark ran."""

import os
import platform
import subprocess

# Packages whose versions a figure depends on.
PACKAGES = ["libgrpc++-dev", "libprotobuf-dev", "libabsl-dev", "libssl3",
            "libboost-dev", "libc6", "g++"]


def _lines(path):
    with open(path) as file:
        return file.read().splitlines()


def _cpu_model():
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _version(package):
    done = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Version}", package],
        capture_output=True, text=True)
    return done.stdout


def _commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def load_average():
    return os.getloadavg()[0]


def description():
    """Pairs of what and its value."""
    memory_kb = int(_lines("/proc/meminfo")[0].split()[1])
    libraries = ["%s %s" % (package, _version(package)) for package in PACKAGES if _version(package)]
    return [
        ("Commit", _commit()),
        ("CPU", "%s, %d cores" % (_cpu_model(), os.cpu_count())),
        ("Memory", "%.0f GiB" % (memory_kb / 1024 / 1024)),
        ("Kernel", platform.release()),
        ("System", dict(line.split("=", 1) for line in _lines("/etc/os-release")
                        if "=" in line)["PRETTY_NAME"].strip('"')),
        ("Libraries", ", ".join(libraries)),
    ]
