"""What a program needs of this Debian: its shared libraries, and the packages
that files belong to."""

import dataclasses
import functools
import os
import re
import subprocess


def _output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
                               "LC_ALL": "C.UTF-8"}).stdout


def linked_libraries(program):
    """The files that the loader maps, the loader included, by the name under
    which they are asked for."""
    libraries = {}
    for line in _output_of("ldd", program).splitlines():
        words = line.split()
        if "not found" in line:
            raise RuntimeError(f"{program} wants {words[0]}, which is not here")
        if "=>" in words:
            libraries[words[0]] = words[2]
        elif words[0].startswith("/"):
            libraries[os.path.basename(words[0])] = words[0]
    if not libraries:
        raise RuntimeError(f"{program} has no shared libraries")
    return libraries


@functools.lru_cache(maxsize=None)
def package_of(path):
    """The name of the package that brought a file."""
    # Debian moved /lib to /usr/lib; its packages say one or the other.
    real = os.path.realpath(path)
    for candidate in (path, real, real.removeprefix("/usr"), "/usr" + path):
        try:
            return _output_of("dpkg-query", "--search", candidate).split(":")[0]
        except subprocess.CalledProcessError:
            continue
    raise RuntimeError(f"{path} is of no Debian package")


@dataclasses.dataclass(frozen=True)
class Package:
    name: str
    version: str
    architecture: str
    source: str
    licence: str  # as the package names it; "" where it does not say simply

    @staticmethod
    def of(name):
        version, architecture, source = _output_of(
            "dpkg-query", "--show",
            "--showformat=${Version}\t${Architecture}\t${source:Package}\n",
            name).splitlines()[0].split("\t")
        return Package(name, version, architecture, source, licence_of(name))


def licence_of(package):
    """The licence of most of its files, where its copyright file is in Debian's
    machine-readable form."""
    with open(f"/usr/share/doc/{package}/copyright", encoding="utf-8",
              errors="replace") as file:
        text = file.read()
    found = re.search(r"^Files:\s*\*.*?^License:[ \t]*(\S[^\n]*)$", text,
                      re.MULTILINE | re.DOTALL)
    return found.group(1).strip() if found else ""
