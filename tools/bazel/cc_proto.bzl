"""C++ code from .proto files with the protoc and the gRPC plugin of the system.

`cc_proto(name = "event_cc_proto", src = "event.proto", deps = [...])` is a
`cc_library` of the generated code. With `grpc = True` the service's stubs are
in it too. Import paths are relative to //proto.
"""

load("@rules_cc//cc:defs.bzl", "cc_library")

ProtoSources = provider(doc = "The .proto files that an importer needs to see.", fields = ["files"])

_PROTO_ROOT = "proto"

def _protoc_impl(ctx):
    src = ctx.file.src
    stem = src.short_path[len(ctx.label.package) + 1:-len(".proto")]
    suffixes = [".pb.h", ".pb.cc"] + ([".grpc.pb.h", ".grpc.pb.cc"] if ctx.attr.grpc else [])
    outputs = [ctx.actions.declare_file(stem + suffix) for suffix in suffixes]

    # bazel-out/.../bin/proto: what the generated files' paths are relative to.
    out_root = ctx.bin_dir.path + "/" + _PROTO_ROOT
    imported = depset([src], transitive = [dep[ProtoSources].files for dep in ctx.attr.deps])

    args = ctx.actions.args()
    args.add("--proto_path=" + _PROTO_ROOT)
    args.add("--cpp_out=" + out_root)
    if ctx.attr.grpc:
        args.add("--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin")
        args.add("--grpc_out=" + out_root)
    args.add(src.path)
    ctx.actions.run(
        executable = "/usr/bin/protoc",
        arguments = [args],
        inputs = imported,
        outputs = outputs,
        mnemonic = "Protoc",
        progress_message = "Generating C++ from %s" % src.short_path,
    )
    headers = [f for f in outputs if f.extension == "h"]
    return [
        DefaultInfo(files = depset(outputs)),
        OutputGroupInfo(headers = depset(headers), sources = depset([f for f in outputs if f.extension == "cc"])),
        ProtoSources(files = imported),
    ]

_protoc = rule(
    implementation = _protoc_impl,
    attrs = {
        "src": attr.label(allow_single_file = [".proto"], mandatory = True),
        "deps": attr.label_list(providers = [ProtoSources]),
        "grpc": attr.bool(),
    },
)

def cc_proto(name, src, deps = [], grpc = False, visibility = None):
    """A C++ library of generated code.

    Args:
      name: ends in _cc_proto.
      src: the .proto file, below //proto.
      deps: other cc_proto targets whose files this one imports.
      grpc: also generate the service's stubs.
      visibility: as ever.
    """
    _protoc(
        name = name + "_gen",
        src = src,
        deps = [dep + "_gen" for dep in deps],
        grpc = grpc,
        visibility = visibility,
    )
    native.filegroup(name = name + "_hdrs", srcs = [name + "_gen"], output_group = "headers")
    native.filegroup(name = name + "_srcs", srcs = [name + "_gen"], output_group = "sources")
    cc_library(
        name = name,
        srcs = [name + "_srcs"],
        hdrs = [name + "_hdrs"],
        # Generated code is not held to our warnings.
        copts = ["-w"],
        strip_include_prefix = "/" + _PROTO_ROOT,
        visibility = visibility,
        deps = deps + ["@system//:protobuf"] + (["@system//:grpc"] if grpc else []),
    )
