"""Fuzz targets for libFuzzer, and their seeds as ordinary tests.

`fuzz_target(name = "config_fuzz", srcs = [...], deps = [...])` makes

- `config_fuzz`: the fuzzer. It needs clang, so only `tools/fuzz` builds it;
- `config_fuzz_seeds`: a folder with the inputs that fuzzing starts from;
- `config_fuzz_seeds_test`: each of these through the target, with any compiler,
  so that what was found once stays found.
"""

load("//tools/bazel:cc_proto.bzl", "ProtoSources")
load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

def _seeds_impl(ctx):
    folder = ctx.actions.declare_directory(ctx.label.name)
    args = ctx.actions.args()
    args.add(ctx.file._script)
    args.add_all([folder], expand_directories = False)
    args.add_all(ctx.files.srcs)
    protos = [proto[ProtoSources].files for proto in ctx.attr._protos]
    ctx.actions.run(
        executable = "/usr/bin/python3",
        arguments = [args],
        inputs = depset(ctx.files.srcs + [ctx.file._script], transitive = protos),
        outputs = [folder],
        mnemonic = "FuzzSeeds",
    )
    return [DefaultInfo(files = depset([folder]), runfiles = ctx.runfiles([folder]))]

_seeds = rule(
    implementation = _seeds_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = True),
        "_protos": attr.label_list(
            default = ["//proto:batch_cc_proto_gen", "//proto:delivery_service_cc_proto_gen"],
            providers = [ProtoSources],
        ),
        "_script": attr.label(default = "//tests/fuzz:make_seeds.py", allow_single_file = True),
    },
)

def fuzz_target(name, srcs, deps, seeds):
    """See above.

    Args:
      name: ends in _fuzz.
      srcs: define LLVMFuzzerTestOneInput.
      deps: what they need.
      seeds: the files that make_seeds.py makes seeds from.
    """
    cc_library(
        name = name + "_lib",
        testonly = True,
        srcs = srcs,
        deps = deps,
        alwayslink = True,
    )
    cc_binary(
        name = name,
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [name + "_lib"],
    )
    _seeds(
        name = name + "_seeds",
        testonly = True,
        srcs = seeds,
    )
    cc_test(
        name = name + "_seeds_test",
        size = "small",
        srcs = ["seeds_test.cc"],
        args = ["$(rootpath :%s_seeds)" % name],
        data = [name + "_seeds"],
        deps = [
            name + "_lib",
            "@system//:gtest",
        ],
    )
