"""Checks the image that tools/package_image made: that the layout holds together,
that the bill of materials is one and names every library in it, and that the image,
unpacked by umoci, runs as a pod would run it: as another user, from its own folder,
with the files and variables that Kubernetes would give it.

    check_image.py --image=FOLDER --rootfs=FOLDER --pod=FOLDER --signalctl=PROGRAM
"""

import argparse
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tarfile
import time
import urllib.error
import urllib.request

import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

# A process on a busy machine; it takes less than one otherwise.
PATIENCE_SECONDS = 60


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def check_layout(path):
    """Every digest and size is that of its blob. Returns the config."""
    with tarfile.open(path) as tar:
        files = {each.name: tar.extractfile(each).read()
                 for each in tar if each.isfile()}
        assert all(each.mtime == 0 and each.uid == 0 for each in tar)
    assert json.loads(files["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    reached = {"oci-layout", "index.json"}

    def blob(descriptor):
        name = "blobs/" + descriptor["digest"].replace(":", "/")
        content = files[name]
        reached.add(name)
        assert len(content) == descriptor["size"], name
        assert digest_of(content) == descriptor["digest"], name
        return content

    (entry,) = json.loads(files["index.json"])["manifests"]
    manifest = json.loads(blob(entry))
    config = json.loads(blob(manifest["config"]))
    layers = [gzip.decompress(blob(layer)) for layer in manifest["layers"]]
    assert [digest_of(layer) for layer in layers] == config["rootfs"]["diff_ids"]
    assert reached == set(files), "blobs that nothing refers to"
    return config


def check_bill(path, version, rootfs):
    text = path.read_text()
    error = JsonStrictValidator(SchemaVersion.V1_5).validate_str(text)
    assert error is None, error
    bill = json.loads(text)
    assert bill["metadata"]["component"]["version"] == version
    program = (rootfs / "usr/bin/signal_delivery").read_bytes()
    (said,) = bill["metadata"]["component"]["hashes"]
    assert said["content"] == hashlib.sha256(program).hexdigest()
    named = {each["name"] for each in bill["components"]}
    # dpkg says which package each file of the image is of.
    for library in (rootfs / "usr/lib").glob("**/*.so*"):
        owners = subprocess.run(["dpkg-query", "--search", f"*/{library.name}"],
                                capture_output=True, text=True).stdout
        packages = {line.split(":")[0] for line in owners.splitlines()}
        assert packages & named, f"{library.name} is of none of the components"
    assert {"libcli11-dev", "libboost1.74-dev", "libgrpc++-dev", "libgrpc-dev",
            "libabsl-dev", "libprotobuf-dev", "ca-certificates"} <= named
    return len(named)


def make_secrets(rootfs):
    """A certificate for the service, which is its own authority."""
    folder = rootfs / "run/tls"
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-days", "2",
         "-keyout", folder / "tls.key", "-out", folder / "tls.crt"],
        check=True, capture_output=True)
    shutil.copy(folder / "tls.crt", folder / "ca.crt")
    for file in folder.iterdir():
        file.chmod(0o444)


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""


def use_free_ports(pod):
    """The ports of the manifest may be taken here; the rest of the file stays."""
    file = pod / "etc/signal-delivery/service/service.yaml"
    text = file.read_text()
    for port in ("50051", "9464"):
        text, count = re.subn(rf"0\.0\.0\.0:{port}\b", "127.0.0.1:0", text)
        assert count == 1, port
    file.write_text(text)


def version_of_files(signalctl, rootfs, environment):
    """As check-config says it of the pod's integrations."""
    out = subprocess.run(
        [signalctl, "check-config", rootfs / "etc/signal-delivery/integrations"],
        check=True, capture_output=True, text=True, env=environment).stdout
    return re.search(r"^version ([0-9a-f]{12})\b", out, re.MULTILINE).group(1)


def run(config, rootfs, pod, signalctl):
    names = (pod / "env").read_text().split()
    environment = {name: "not-a-secret" for name in names}
    environment |= dict(each.split("=", 1) for each in config["config"]["Env"])
    # What the manifest says is accepted as it is, before ports are changed.
    shutil.copytree(pod / "etc", rootfs / "etc", dirs_exist_ok=True)
    use_free_ports(rootfs)
    make_secrets(rootfs)
    (rootfs / "ready").mkdir()
    (rootfs / "ready").chmod(0o777)
    version = version_of_files(signalctl, rootfs, environment)

    user = config["config"]["User"].split(":")[0]
    # Another user, no rights; a chroot where no user namespaces are allowed.
    jail = ["unshare", "--user", f"--map-user={user}", f"--map-group={user}",
            f"--root={rootfs}", "--wd=/"]
    if subprocess.run(jail[:4] + ["true"], capture_output=True).returncode != 0:
        jail = ["chroot", f"--userspec={user}:{user}", str(rootfs)]
    command = (jail + config["config"]["Entrypoint"]
               + (pod / "args").read_text().split("\n")
               + ["--ready-file=/ready/ports"])
    process = subprocess.Popen(command, env=environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        ports = rootfs / "ready/ports"
        end = time.monotonic() + PATIENCE_SECONDS
        while not ports.exists():
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < end, "it is not ready"
            time.sleep(0.05)
        admin = f"http://127.0.0.1:{json.loads(ports.read_text())['admin_port']}"
        assert get(f"{admin}/healthz")[0] == 200
        assert get(f"{admin}/readyz")[0] == 200
        metrics = get(f"{admin}/metrics")[1]
        assert f'signal_delivery_config_info{{version="{version}"}} 1' in metrics
        built = config["config"]["Labels"]["org.opencontainers.image.version"]
        assert re.search(
            rf'^signal_delivery_build_info{{[^}}]*version="{re.escape(built)}"',
            metrics, re.MULTILINE), "the label is not the program's version"
        # Once to say it ends, once more not to wait until clients have left.
        process.send_signal(signal.SIGTERM)
        while get(f"{admin}/readyz")[0] == 200:
            assert time.monotonic() < end, "it does not say that it ends"
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        log, _ = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, log
        lines = [json.loads(line) for line in log.splitlines()]
        assert any(line["message"] == "takes calls" and line["version"] == version
                   for line in lines), log
    finally:
        process.kill()
        process.wait()


def main():
    parser = argparse.ArgumentParser()
    for name in ("image", "rootfs", "pod", "signalctl"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    rootfs = arguments.rootfs.resolve()
    config = check_layout(arguments.image / "signal-delivery.oci.tar")
    version = config["config"]["Labels"]["org.opencontainers.image.version"]
    count = check_bill(arguments.image / "signal-delivery.cdx.json", version, rootfs)
    print(f"image {version}: whole; the bill of materials names {count} packages")
    run(config, rootfs, arguments.pod, arguments.signalctl.resolve())
    print("the image runs on the manifests' files, and shows their version")


if __name__ == "__main__":
    main()
