"""The service's bill of materials, CycloneDX 1.5 as JSON: what the program is
linked with, the libraries that are compiled into it, and what else the image
holds. Without a time, so that the same build gives the same bytes."""

import hashlib
import json
import uuid

import debian_packages

# Libraries of @system that leave nothing to link: each by a header that its
# package brings. Others are found by what the loader maps.
HEADER_ONLY = {
    "boost": "/usr/include/boost/version.hpp",
    "cli11": "/usr/include/CLI/CLI.hpp",
    "nlohmann_json": "/usr/include/nlohmann/json.hpp",
    "rapidjson": "/usr/include/rapidjson/rapidjson.h",
}
# And those that do, whether as archives or shared: a part of their package's name.
LINKED = {
    "absl": "libabsl", "cpp_httplib": "libcpp-httplib", "grpc": "libgrpc++",
    "grpc_error_details": "libgrpc++", "grpc_reflection": "libgrpc++",
    "openssl": "libssl", "prometheus_cpp": "prometheus-cpp",
    "protobuf": "libprotobuf", "spdlog": "libspdlog", "utf8proc": "libutf8proc",
    "yaml_cpp": "libyaml-cpp",
}
# Where Debian's short name for a licence is SPDX's, too.
SPDX = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "GPL-2.0-only",
        "ISC", "MIT", "MPL-2.0", "Zlib"}
SPDX_OF_DEBIAN = {"BSD-3-clause": "BSD-3-Clause", "Expat": "MIT",
                  "expat": "MIT", "zlib": "Zlib", "Apache-2": "Apache-2.0"}


def component(package, scope):
    purl = (f"pkg:deb/debian/{quoted(package.name)}@{quoted(package.version)}"
            f"?arch={package.architecture}&distro=debian-12")
    made = {"type": "library", "bom-ref": purl, "name": package.name,
            "version": package.version, "purl": purl, "scope": "required",
            "properties": [{"name": "debian:source", "value": package.source},
                           {"name": "signal-delivery:use", "value": scope}]}
    if package.licence:
        spdx = SPDX_OF_DEBIAN.get(package.licence, package.licence)
        known = {"id": spdx} if spdx in SPDX else {"name": package.licence}
        made["licenses"] = [{"license": known}]
    return made


def quoted(text):
    return text.replace("%", "%25").replace("+", "%2B").replace(":", "%3A")


def packages(program, libraries, archives):
    """Package name -> how it is used."""
    use = {}
    for path in debian_packages.linked_libraries(program).values():
        use[debian_packages.package_of(path)] = "linked"
    for library, path in archives:
        if library in libraries:
            use[debian_packages.package_of(path)] = "compiled in"
    for library in libraries:
        if library in HEADER_ONLY:
            use[debian_packages.package_of(HEADER_ONLY[library])] = "compiled in"
        elif not any(LINKED.get(library, "?") in name for name in use):
            raise RuntimeError(f"@system//:{library} is in no package that is "
                               "known here: see HEADER_ONLY and LINKED")
    use["ca-certificates"] = "shipped beside the program"
    return use


def make(program, version, libraries, archives):
    with open(program, "rb") as file:
        program_hash = hashlib.sha256(file.read()).hexdigest()
    use = packages(program, libraries, archives)
    components = [component(debian_packages.Package.of(name), use[name])
                  for name in sorted(use)]
    root = f"pkg:generic/signal-delivery@{version}"
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {
            "type": "application", "bom-ref": root, "name": "signal-delivery",
            "version": version, "purl": root,
            "hashes": [{"alg": "SHA-256", "content": program_hash}]}},
        "components": components,
        "dependencies": [
            {"ref": root, "dependsOn": [each["bom-ref"] for each in components]}
        ] + [{"ref": each["bom-ref"]} for each in components],
    }
    # Named for what it says, as every bill has a number of its own.
    content = json.dumps(bill, sort_keys=True)
    bill["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}"
    return (json.dumps(bill, indent=2, sort_keys=True) + "\n").encode()
