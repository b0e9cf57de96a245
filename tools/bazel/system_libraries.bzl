"""One repository for the libraries that the operating system provides.

`system_libraries(name = "system", ...)` makes a `cc_library` per entry:
`@system//:grpc`, `@system//:absl`, ... Headers are in the compiler's default
search path; what to link with comes from pkg-config. A library whose version
is not the expected one stops the build before it starts, so that "it builds"
means the same thing on every machine. The versions found are in
`@system//:versions.txt` and in the binary's build information.
"""

def _run(ctx, args, what):
    result = ctx.execute(args, environment = {"LC_ALL": "C", "PKG_CONFIG_PATH": ""})
    if result.return_code != 0:
        fail("%s is missing: run tools/setup\n%s" % (what, result.stderr))
    return result.stdout.strip()

def _unique(words):
    seen = {}
    for word in words:
        seen[word] = True
    return seen.keys()

def _library(name, cflags, linkopts):
    return """
cc_library(
    name = "{name}",
    defines = {defines},
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
""".format(
        name = name,
        defines = [flag[2:] for flag in cflags if flag.startswith("-D")],
        linkopts = linkopts,
    )

def _system_libraries_impl(ctx):
    build = ['load("@rules_cc//cc:defs.bzl", "cc_library")']
    versions = []

    for name, entry in ctx.attr.libraries.items():
        expected, modules = entry[0], entry[1:]
        for module in modules:
            version = _run(ctx, ["pkg-config", "--modversion", module], "library " + module)
            if not version.startswith(expected):
                fail("%s has version %s; this project is built and tested with %s.x" % (module, version, expected))
        versions.append("%s %s" % (name, version))
        cflags = _run(ctx, ["pkg-config", "--cflags"] + modules, name).split(" ")
        libs = _run(ctx, ["pkg-config", "--libs"] + modules, name).split(" ")
        build.append(_library(name, cflags, _unique([flag for flag in libs if flag.startswith("-l")] + ["-pthread"])))

    for name, libs in ctx.attr.link_only.items():
        build.append(_library(name, [], ["-l" + lib for lib in libs]))

    for name, header in ctx.attr.header_only.items():
        if not ctx.path("/usr/include/" + header).exists:
            fail("header %s is missing: run tools/setup" % header)
        build.append(_library(name, [], ["-pthread"]))

    ctx.file("versions.txt", "\n".join(versions) + "\n")
    ctx.file("BUILD.bazel", "\n".join(build + ['exports_files(["versions.txt"])']))

system_libraries = repository_rule(
    implementation = _system_libraries_impl,
    attrs = {
        "libraries": attr.string_list_dict(doc = "name -> [version prefix, pkg-config module, ...]"),
        "link_only": attr.string_list_dict(doc = "name -> libraries to link, for those without a pkg-config file"),
        "header_only": attr.string_dict(doc = "name -> a header below /usr/include that must exist"),
    },
    local = True,
    configure = True,
)
