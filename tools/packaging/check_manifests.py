"""Checks what kustomize makes of tools/packaging/kubernetes: Kubernetes' schemas,
what the objects promise one another, and the Pod Security Standard "restricted".
Writes the files that a pod would see, for the image to be run on.

    check_manifests.py --kustomize=PROGRAM --pod=FOLDER
"""

import argparse
import pathlib
import subprocess

import kubernetes_validate
import yaml

HERE = pathlib.Path(__file__).parent
# Old enough for clusters in use: the schemas of all these must take it.
KUBERNETES_VERSIONS = ["1.29", "1.37"]


def build(kustomize, folder):
    text = subprocess.run([kustomize, "build", HERE / "kubernetes" / folder],
                          check=True, capture_output=True, text=True).stdout
    return list(yaml.safe_load_all(text))


class Objects:
    def __init__(self, objects):
        self.objects = objects

    def one(self, kind, prefix=""):
        found = [each for each in self.objects if each["kind"] == kind
                 and each["metadata"]["name"].startswith(prefix)]
        assert len(found) == 1, f"{len(found)} objects of {kind} {prefix}"
        return found[0]


def port_of(address):
    return int(address.rsplit(":", 1)[1])


def check(objects):
    deployment = objects.one("Deployment")["spec"]
    pod = deployment["template"]["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    (container,) = pod["containers"]
    file = yaml.safe_load(
        objects.one("ConfigMap", "signal-delivery-service")["data"]["service.yaml"])

    def selects(selector):
        assert selector and selector.items() <= labels.items(), selector

    selects(deployment["selector"]["matchLabels"])
    service = objects.one("Service")["spec"]
    selects(service["selector"])
    selects(objects.one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"])
    policy = objects.one("NetworkPolicy")["spec"]
    selects(policy["podSelector"]["matchLabels"])
    for constraint in pod["topologySpreadConstraints"]:
        selects(constraint["labelSelector"]["matchLabels"])
    # Those who may call are others than the service itself.
    (callers,) = [peer["podSelector"]["matchLabels"]
                  for rule in policy["ingress"] for peer in rule["from"]
                  if "podSelector" in peer]
    assert callers == {"signal-delivery/caller": "true"}, callers

    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"grpc": port_of(file["listen"]),
                     "admin": port_of(file["admin_listen"])}, ports
    assert service["clusterIP"] == "None", "clients must see every replica"
    assert {port["port"] for port in service["ports"]} == set(ports.values())
    used = [container["readinessProbe"]["httpGet"]["port"],
            container["livenessProbe"]["httpGet"]["port"]]
    used += [port["targetPort"] for port in service["ports"]]
    used += [port["port"] for rule in policy["ingress"] for port in rule["ports"]]
    assert set(used) <= set(ports), used

    grace = pod["terminationGracePeriodSeconds"]
    assert grace > file["leave_seconds"] + file["drain_seconds"], grace
    rolling = deployment["strategy"]["rollingUpdate"]
    assert rolling["maxUnavailable"] == 0 and rolling["maxSurge"] >= 1
    assert deployment["replicas"] > objects.one(
        "PodDisruptionBudget")["spec"]["maxUnavailable"]

    account = objects.one("ServiceAccount")
    assert pod["serviceAccountName"] == account["metadata"]["name"]
    assert account["automountServiceAccountToken"] is False
    assert pod["automountServiceAccountToken"] is False
    check_restricted(pod, container)
    return pod, container


def check_restricted(pod, container):
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/"""
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] != 0
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    security = container["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert security["readOnlyRootFilesystem"] is True
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    allowed = {"name", "configMap", "secret", "projected", "emptyDir"}
    assert all(set(volume) <= allowed for volume in pod["volumes"])


def write_pod(objects, pod, container, folder):
    """What the pod finds in its volumes, but for secrets."""
    maps = {each["metadata"]["name"]: each["data"]
            for each in objects.objects if each["kind"] == "ConfigMap"}
    for mount in container["volumeMounts"]:
        (volume,) = [each for each in pod["volumes"]
                     if each["name"] == mount["name"]]
        place = folder / mount["mountPath"].lstrip("/")
        place.mkdir(parents=True)
        if "configMap" in volume:
            for name, text in maps[volume["configMap"]["name"]].items():
                (place / name).write_text(text)
    (folder / "args").write_text("\n".join(container["args"]))
    (folder / "env").write_text("\n".join(
        each["name"] for each in container["env"]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kustomize", required=True)
    parser.add_argument("--pod", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    for name in ("base", "overlays/example"):
        objects = Objects(build(arguments.kustomize, name))
        for each in objects.objects:
            for version in KUBERNETES_VERSIONS:
                kubernetes_validate.validate(each, version, strict=True)
        pod, container = check(objects)
        if name == "base":
            write_pod(objects, pod, container, arguments.pod)
        print(f"kubernetes/{name}: {len(objects.objects)} objects are right")
    example = HERE.parent / "example/integrations/acme-eu.yaml"
    assert example.read_text() == (
        HERE / "kubernetes/base/integrations/acme-eu.yaml").read_text(), \
        f"differs from {example}"


if __name__ == "__main__":
    main()
