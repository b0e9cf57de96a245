"""One repository for the libraries that the operating system provides.

`system_libraries(name = "system", ...)` makes a `cc_library` per entry:
`@system//:grpc`, `@system//:absl`, ... Headers are in the compiler's default
search path; what to link with comes from pkg-config. A library whose version
is not the expected one stops the build before it starts, so that "it builds"
means the same thing on every machine. The versions found are in
`@system//:versions.txt` and in the binary's build information.

What is named in `archives` is in the program itself where everything is
(`--dynamic_mode=off`, as --config=opt has it); the archives that it is taken from
are in `@system//:archives.txt`. All else, and all of it in other configurations,
the loader finds.
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

def _is_archived(ctx, flag):
    for prefix in ctx.attr.archives:
        if flag.startswith("-l" + prefix):
            return True
    return False

def _archive(flag):
    return "lib%s.a" % flag[2:]

# An archive gives only what was missing when its turn came, so they are asked
# until nothing is missing.
def _static(ctx, flags):
    if not [flag for flag in flags if _is_archived(ctx, flag)]:
        return flags
    return ["-Wl,--start-group"] + [
        "-l:" + _archive(flag) if _is_archived(ctx, flag) else flag
        for flag in flags
    ] + ["-Wl,--end-group"]

def _linkable(flags):
    return _unique([flag for flag in flags.split(" ") if flag.startswith("-l")] + ["-pthread"])

def _library(ctx, name, cflags, dynamic, static, deps = []):
    return """
cc_library(
    name = "{name}",
    defines = {defines},
    linkopts = select({{
        ":is_static": {static},
        "//conditions:default": {dynamic},
    }}),
    visibility = ["//visibility:public"],
    deps = {deps},
)
""".format(
        name = name,
        defines = [flag[2:] for flag in cflags if flag.startswith("-D")],
        static = _static(ctx, static),
        dynamic = dynamic,
        deps = deps,
    )

def _system_libraries_impl(ctx):
    build = [
        'load("@rules_cc//cc:defs.bzl", "cc_library")',
        'config_setting(name = "is_static", values = {"dynamic_mode": "off"})',
    ]
    versions = []
    archives = {}

    for name, entry in ctx.attr.libraries.items():
        expected, modules = entry[0], entry[1:]
        for module in modules:
            version = _run(ctx, ["pkg-config", "--modversion", module], "library " + module)
            if not version.startswith(expected):
                fail("%s has version %s; this project is built and tested with %s.x" % (module, version, expected))
        versions.append("%s %s" % (name, version))
        cflags = _run(ctx, ["pkg-config", "--cflags"] + modules, name).split(" ")
        dynamic = _linkable(_run(ctx, ["pkg-config", "--libs"] + modules, name))
        static = _linkable(_run(ctx, ["pkg-config", "--static", "--libs"] + modules, name))
        static = static if [flag for flag in static if _is_archived(ctx, flag)] else dynamic
        build.append(_library(ctx, name, cflags, dynamic, static))
        archives[name] = static

    for name, parts in ctx.attr.link_only.items():
        flags = ["-l" + part for part in parts[1:]]
        build.append(_library(ctx, name, [], flags, flags, [":" + parts[0]]))
        archives[name] = flags

    for name, header in ctx.attr.header_only.items():
        if not ctx.path("/usr/include/" + header).exists:
            fail("header %s is missing: run tools/setup" % header)
        build.append(_library(ctx, name, [], ["-pthread"], ["-pthread"]))

    lines = []
    for name, flags in archives.items():
        for archive in [_archive(flag) for flag in flags if _is_archived(ctx, flag)]:
            path = _run(ctx, ["gcc", "-print-file-name=" + archive], archive)
            if not ctx.path(path).exists:
                fail("%s is missing: run tools/setup" % archive)
            lines.append("%s %s" % (name, path))

    ctx.file("archives.txt", "\n".join(lines) + "\n")
    ctx.file("versions.txt", "\n".join(versions) + "\n")
    ctx.file("BUILD.bazel", "\n".join(build + ['exports_files(["archives.txt", "versions.txt"])']))

system_libraries = repository_rule(
    implementation = _system_libraries_impl,
    attrs = {
        "libraries": attr.string_list_dict(doc = "name -> [version prefix, pkg-config module, ...]"),
        "link_only": attr.string_list_dict(doc = "name -> [the one that it is a part of, library to link, ...], for those without a pkg-config file"),
        "archives": attr.string_list(doc = "how the libraries are named that a program holds itself where everything is static"),
        "header_only": attr.string_dict(doc = "name -> a header below /usr/include that must exist"),
    },
    local = True,
    configure = True,
)
