"""Rule sets from Debian's packages that need a small mend before use."""

_DEBIAN_RULES_CC = "/usr/share/bazel/rules/cc/cc"

def _debian_rules_cc_impl(ctx):
    if not ctx.path(_DEBIAN_RULES_CC).exists:
        fail("%s is missing: run tools/setup (Debian package bazel-rules-cc)" % _DEBIAN_RULES_CC)
    ctx.file("WORKSPACE", 'workspace(name = "%s")\n' % ctx.name)
    ctx.file("BUILD.bazel", "")

    ctx.symlink(_DEBIAN_RULES_CC + "/defs.bzl", "cc/defs.bzl")
    ctx.symlink(_DEBIAN_RULES_CC + "/private/rules_impl/native.bzl", "cc/private/rules_impl/native.bzl")
    ctx.file("cc/BUILD.bazel", 'exports_files(["defs.bzl"])\n')
    ctx.file("cc/private/rules_impl/BUILD.bazel", "")

    # defs.bzl hands on two flag rules of private/rules_impl/ that load
    # `use_cpp_toolchain`, which came with Bazel 5. Nothing here uses them.
    for rule in ["cc_flags_supplier", "compiler_flag"]:
        ctx.file(
            "cc/private/rules_impl/%s.bzl" % rule,
            'def %s(**_):\n    fail("%s needs Bazel 5")\n' % (rule, rule),
        )

debian_rules_cc = repository_rule(
    implementation = _debian_rules_cc_impl,
    doc = "Debian's rules_cc without the two rules that Debian's Bazel cannot load.",
    local = True,
)
