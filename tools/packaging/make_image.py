"""Makes the OCI image of the service, and its bill of materials beside it.

The image starts from nothing: the program, the shared libraries it is linked
with, the certificate authorities, and a user. Two layers, so that a new version
of the program leaves the libraries' layer as it was. The same inputs give the
same bytes: no time, no order of a folder, no owner gets into it.

    make_image.py --program=FILE --libraries=NAMES --archives=FILE --revision=HASH
                  --output=FOLDER
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import tarfile

import bill_of_materials
import debian_packages

# As distroless images have it.
USER_ID = 65532
PASSWD = (f"root:x:0:0:root:/:/sbin/nologin\n"
          f"nonroot:x:{USER_ID}:{USER_ID}:nonroot:/:/sbin/nologin\n")
GROUP = f"root:x:0:\nnonroot:x:{USER_ID}:\n"
AUTHORITIES = "etc/ssl/certs/ca-certificates.crt"
PROGRAM = "usr/bin/signal_delivery"
# Of tools/packaging/kubernetes/base/service.yaml.
PORTS = ["50051/tcp", "9464/tcp"]


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Tree:
    """The files of a layer, by their path without the leading slash."""

    def __init__(self):
        self.entries = {}

    def add(self, path, kind, mode, content=b"", target=""):
        parent = os.path.dirname(path)
        if parent and parent not in self.entries:
            self.add(parent, tarfile.DIRTYPE, 0o755)
        entry = tarfile.TarInfo(path)
        entry.type, entry.mode, entry.size = kind, mode, len(content)
        entry.linkname = target
        self.entries[path] = (entry, content)

    def file(self, path, content, mode=0o644):
        self.add(path, tarfile.REGTYPE, mode, content)

    def link(self, path, target):
        self.add(path, tarfile.SYMTYPE, 0o777, target=target)

    def tar(self):
        """TarInfo's defaults are no owner and the time 0."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for path in sorted(self.entries):
                entry, content = self.entries[path]
                tar.addfile(entry, io.BytesIO(content))
        return out.getvalue()


def zipped(content):
    out = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0) as file:
        file.write(content)
    return out.getvalue()


def library_tree(program):
    tree = Tree()
    # Where the loader looks; and where the program says that the loader is.
    tree.add("usr/lib64", tarfile.DIRTYPE, 0o755)
    tree.link("lib64", "usr/lib64")
    tree.link("lib", "usr/lib")
    for name, path in debian_packages.linked_libraries(program).items():
        folder = "usr/lib64" if name.startswith("ld-linux") else (
            "usr/" + os.path.dirname(path).removeprefix("/usr").lstrip("/"))
        tree.file(f"{folder}/{name}", read(path), 0o755)
    tree.file(AUTHORITIES, read("/" + AUTHORITIES))
    # OpenSSL's default place, as Debian builds it.
    tree.link("usr/lib/ssl/cert.pem", "/" + AUTHORITIES)
    tree.file("etc/passwd", PASSWD.encode())
    tree.file("etc/group", GROUP.encode())
    # /etc/hosts before the name server; glibc's default has no files.
    tree.file("etc/nsswitch.conf", b"hosts: files dns\n")
    return tree


def program_tree(program):
    tree = Tree()
    tree.file(PROGRAM, read(program), 0o755)
    return tree


class Layout:
    """An OCI image layout: blobs by their digest."""

    def __init__(self):
        self.tree = Tree()
        self.tree.file("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')

    def blob(self, media_type, content):
        digest = hashlib.sha256(content).hexdigest()
        self.tree.file(f"blobs/sha256/{digest}", content)
        return {"mediaType": media_type, "digest": f"sha256:{digest}",
                "size": len(content)}

    def json_blob(self, media_type, value):
        return self.blob(media_type, to_json(value))


def to_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def image_tar(program, version, revision):
    layout = Layout()
    layers, diff_ids = [], []
    for tree in (library_tree(program), program_tree(program)):
        tar = tree.tar()
        diff_ids.append(f"sha256:{hashlib.sha256(tar).hexdigest()}")
        layers.append(layout.blob(
            "application/vnd.oci.image.layer.v1.tar+gzip", zipped(tar)))
    labels = {
        "org.opencontainers.image.title": "signal-delivery",
        "org.opencontainers.image.description":
            "Delivers Datafly Signal events to mParticle",
        "org.opencontainers.image.version": version,
    }
    if revision:
        labels["org.opencontainers.image.revision"] = revision
    config = layout.json_blob("application/vnd.oci.image.config.v1+json", {
        "architecture": subprocess.run(
            ["dpkg", "--print-architecture"], check=True, capture_output=True,
            text=True).stdout.strip(),
        "os": "linux",
        "config": {
            "User": f"{USER_ID}:{USER_ID}",
            "ExposedPorts": {port: {} for port in PORTS},
            "Env": ["PATH=/usr/bin"],
            "Entrypoint": ["/" + PROGRAM],
            "Cmd": ["--config=/etc/signal-delivery/service.yaml"],
            "WorkingDir": "/",
            "StopSignal": "SIGTERM",
            "Labels": labels,
        },
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [{"created_by": "the libraries"},
                    {"created_by": "the program"}],
    })
    manifest = layout.json_blob("application/vnd.oci.image.manifest.v1+json", {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": config,
        "layers": layers,
        "annotations": labels,
    })
    manifest["annotations"] = {"org.opencontainers.image.ref.name": version}
    layout.tree.file("index.json", to_json(
        {"schemaVersion": 2, "manifests": [manifest]}))
    return layout.tree.tar(), manifest["digest"]


def version_of(program):
    said = subprocess.run([program, "--version"], check=True,
                          capture_output=True, text=True).stdout
    return re.fullmatch(r"signal_delivery (\d+\.\d+\.\d+)\n", said).group(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--libraries", required=True,
                        help="what the build depends on in @system")
    parser.add_argument("--archives", required=True,
                        help="lines of one of these and an archive that it is in")
    parser.add_argument("--revision", default="")
    parser.add_argument("--output", required=True)
    arguments = parser.parse_args()
    version = version_of(arguments.program)
    os.makedirs(arguments.output, exist_ok=True)
    image, digest = image_tar(arguments.program, version, arguments.revision)
    with open(arguments.archives, encoding="utf-8") as file:
        archives = [line.split() for line in file]
    bill = bill_of_materials.make(arguments.program, version,
                                  arguments.libraries.split(), archives)
    for name, content in (("signal-delivery.oci.tar", image),
                          ("signal-delivery.cdx.json", bill)):
        path = os.path.join(arguments.output, name)
        with open(path, "wb") as file:
            file.write(content)
        print(f"{path}: {len(content) / 1e6:.1f} MB")
    print(f"version {version}, {digest}")


if __name__ == "__main__":
    main()
