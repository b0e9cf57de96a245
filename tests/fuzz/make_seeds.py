"""Makes a fuzz target's seeds: make_seeds.py FOLDER FILE...

What a file becomes:

- golden/*.json (see tests/mapping/golden_test.cc): a seed per case; its
  configuration where FOLDER is config_fuzz's, else its events.
- *.jsonl: a seed per line, and one of all lines.
- *.txtpb, a batch in protobuf's text format, or where it is *.request.txtpb a
  request of a stream: one seed, in the wire format. Its .proto files are below
  ./proto.
- any other is a seed as it is.
"""

import hashlib
import json
import pathlib
import subprocess
import sys

BATCH = ("mparticle.events.v2.Batch", "mparticle/events/v2/batch.proto")
REQUEST = ("datafly.delivery.v1.DeliverStreamRequest",
           "datafly/delivery/v1/delivery_service.proto")


def seeds_of(path, wants_config):
    """The seeds that one file becomes, as bytes."""
    content = path.read_bytes()
    if path.parent.name == "golden":
        for case in json.loads(content):
            if wants_config:
                yield "".join(line + "\n" for line in case.get("config", [])).encode()
            else:
                yield json.dumps(case["events"], ensure_ascii=False).encode()
    elif path.suffix == ".jsonl":
        yield content
        yield from content.splitlines()
    elif path.suffix == ".txtpb":
        message, file = REQUEST if path.name.endswith(".request.txtpb") else BATCH
        command = ["/usr/bin/protoc", "--proto_path=proto", "--encode=" + message, file]
        yield subprocess.run(command, input=content, check=True, capture_output=True).stdout
    else:
        yield content


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    wants_config = folder.name.startswith("config_fuzz")
    for name in sys.argv[2:]:
        for seed in seeds_of(pathlib.Path(name), wants_config):
            # Equal seeds are made once.
            (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)


main()
