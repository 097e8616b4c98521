"""Maps the distribution's -dev packages onto the labels of the upstream Bazel repositories.

Nothing here reaches the network. Each rule writes BUILD files whose targets
carry the names that the upstream repositories use (for example
@com_google_absl//absl/strings:str_format), so the BUILD files of this
project do not know where their dependencies come from.
"""

# --- Abseil ------------------------------------------------------------------

# Package upstream -> its public targets, each "target" or "target=name of the
# .pc file without absl_". What they need in turn is read out of the .pc files.
_ABSL_PUBLIC = {
    "absl/algorithm": ["algorithm", "container=algorithm_container"],
    "absl/base": ["base", "config", "core_headers", "dynamic_annotations", "endian", "log_severity"],
    "absl/cleanup": ["cleanup"],
    "absl/container": [
        "btree",
        "fixed_array",
        "flat_hash_map",
        "flat_hash_set",
        "inlined_vector",
        "node_hash_map",
        "node_hash_set",
    ],
    "absl/debugging": ["failure_signal_handler", "leak_check", "stacktrace", "symbolize"],
    "absl/flags": [
        "commandlineflag=flags_commandlineflag",
        "config=flags_config",
        "flag=flags",
        "marshalling=flags_marshalling",
        "parse=flags_parse",
        "program_name=flags_program_name",
        "reflection=flags_reflection",
        "usage=flags_usage",
        "usage_config=flags_config",
    ],
    "absl/functional": ["any_invocable", "bind_front", "function_ref"],
    "absl/hash": ["hash"],
    "absl/memory": ["memory"],
    "absl/meta": ["type_traits"],
    "absl/numeric": ["bits", "int128"],
    "absl/status": ["status", "statusor"],
    "absl/strings": ["cord", "str_format", "strings"],
    "absl/synchronization": ["synchronization"],
    "absl/time": ["time"],
    "absl/types": ["any", "compare", "optional", "span", "variant"],
    "absl/utility": ["utility"],
}

def _run(ctx, args):
    result = ctx.execute(args)
    if result.return_code != 0:
        fail("%s: %s" % (" ".join([str(a) for a in args]), result.stderr))
    return result.stdout.strip()

def _pkg_config(ctx):
    tool = ctx.which("pkg-config")
    if not tool:
        fail("pkg-config is not installed (Debian: apt-get install pkg-config)")
    return tool

def _pc_dir(ctx, name, package):
    tool = _pkg_config(ctx)
    result = ctx.execute([tool, "--variable=pcfiledir", name])
    if result.return_code != 0 or not result.stdout.strip():
        fail("%s not found by pkg-config (Debian: apt-get install %s)" % (name, package))
    return result.stdout.strip()

def _parse_pc(text):
    """Returns (requires, libs): names of other packages, and linker words."""
    variables = {}
    requires = []
    libs = []
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("Requires:"):
            for word in line[len("Requires:"):].split(","):
                name = word.strip().split(" ")[0]
                if name:
                    requires.append(name)
        elif line.startswith("Libs:"):
            libs = [w for w in line[len("Libs:"):].split(" ") if w]
        elif "=" in line and ":" not in line.split("=")[0]:
            parts = line.split("=", 1)
            variables[parts[0].strip()] = parts[1].strip()
    libs = [_expand(w, variables) for w in libs]
    return requires, libs

def _expand(word, variables):
    for _ in range(4):
        for key, value in variables.items():
            word = word.replace("${" + key + "}", value)
    return word

def _quote(items):
    return "[%s]" % ", ".join(['"%s"' % i for i in items])

_HEADER = 'package(default_visibility = ["//visibility:public"])\n\n'

def _absl_impl(ctx):
    pc_dir = _pc_dir(ctx, "absl_base", "libabsl-dev")
    static = ctx.attr.linkage == "static"

    # 1. One cc_library in //:BUILD for each .pc file, wired as they say.
    known = {}
    for entry in ctx.path(pc_dir).readdir():
        if entry.basename.startswith("absl_") and entry.basename.endswith(".pc"):
            known[entry.basename[:-len(".pc")]] = entry
    out = [_HEADER]
    for name in sorted(known):
        requires, libs = _parse_pc(ctx.read(known[name]))
        libdir = ""
        archives = []
        linkopts = []
        for word in libs:
            if word.startswith("-L"):
                libdir = word[2:]
            elif word.startswith("-labsl_"):
                archive = "%s/lib%s.a" % (libdir, word[2:])
                if static and ctx.path(archive).exists:
                    local = "lib/lib%s.a" % word[2:]
                    ctx.symlink(archive, local)
                    archives.append(local)
                else:
                    linkopts.append(word)
            else:
                linkopts.append(word)
        out.append("cc_library(\n    name = \"%s\",\n" % name)
        if archives:
            out.append("    srcs = %s,\n" % _quote(archives))
        if linkopts:
            out.append("    linkopts = %s,\n" % _quote(linkopts))
        out.append("    deps = %s,\n)\n\n" % _quote([":" + r for r in requires if r in known and r != name]))
    ctx.file("BUILD", "".join(out))

    # 2. Upstream's packages, as aliases to those.
    for package, targets in _ABSL_PUBLIC.items():
        text = _HEADER
        for target in targets:
            parts = target.split("=")
            label = parts[0]
            pc = "absl_" + parts[-1]
            if pc in known:
                text += 'alias(\n    name = "%s",\n    actual = "//:%s",\n)\n\n' % (label, pc)
        ctx.file(package + "/BUILD", text)
    ctx.file("WORKSPACE", 'workspace(name = "%s")\n' % ctx.name)

system_absl = repository_rule(
    implementation = _absl_impl,
    attrs = {"linkage": attr.string(default = "static", values = ["static", "shared"])},
    local = True,
    configure = True,
    environ = ["PKG_CONFIG_PATH"],
)

# --- GoogleTest --------------------------------------------------------------

def _googletest_impl(ctx):
    pc_dir = _pc_dir(ctx, "gtest", "libgtest-dev libgmock-dev")
    _, libs = _parse_pc(ctx.read(pc_dir + "/gtest.pc"))
    libdir = [w[2:] for w in libs if w.startswith("-L")]
    libdir = libdir[0] if libdir else "/usr/lib"
    for lib in ["gtest", "gmock", "gmock_main"]:
        archive = "%s/lib%s.a" % (libdir, lib)
        if not ctx.path(archive).exists:
            fail("%s is missing (Debian: apt-get install libgtest-dev libgmock-dev)" % archive)
        ctx.symlink(archive, "lib/lib%s.a" % lib)

    # As upstream: ":gtest" has gmock too; ":gtest_main" has gmock's main().
    ctx.file("BUILD", _HEADER + """cc_library(
    name = "gtest",
    srcs = ["lib/libgmock.a", "lib/libgtest.a"],
    linkopts = ["-lpthread"],
)

cc_library(
    name = "gtest_main",
    srcs = ["lib/libgmock_main.a"],
    deps = [":gtest"],
)
""")
    ctx.file("WORKSPACE", 'workspace(name = "%s")\n' % ctx.name)

system_googletest = repository_rule(
    implementation = _googletest_impl,
    local = True,
    configure = True,
    environ = ["PKG_CONFIG_PATH"],
)

# --- Protocol Buffers ----------------------------------------------------------

# Well-known protos that upstream names "<file>_proto", with what they import.
_WELL_KNOWN = {
    "any": [],
    "api": ["source_context", "type"],
    "descriptor": [],
    "duration": [],
    "empty": [],
    "field_mask": [],
    "source_context": [],
    "struct": [],
    "timestamp": [],
    "type": ["any", "source_context"],
    "wrappers": [],
}

def _protobuf_impl(ctx):
    tool = _pkg_config(ctx)
    _pc_dir(ctx, "protobuf", "libprotobuf-dev")
    protoc = ctx.which("protoc")
    if not protoc:
        fail("protoc is not installed (Debian: apt-get install protobuf-compiler)")

    # "libprotoc 3.21.12", and "3.21.12" from pkg-config.
    compiler = _run(ctx, [protoc, "--version"]).split(" ")[-1]
    library = _run(ctx, [tool, "--modversion", "protobuf"])
    if not library.endswith(compiler):
        fail("protoc is %s but libprotobuf-dev is %s" % (compiler, library))
    libdir = _run(ctx, [tool, "--variable=libdir", "protobuf"])
    includedir = _run(ctx, [tool, "--variable=includedir", "protobuf"])
    linkopts = []
    srcs = []
    static = ctx.attr.linkage == "static"
    for word in _run(ctx, [tool, "--libs"] + (["--static"] if static else []) + ["protobuf"]).split(" "):
        archive = "%s/lib%s.a" % (libdir, word[2:])
        if static and word == "-lprotobuf" and ctx.path(archive).exists:
            ctx.symlink(archive, "lib/libprotobuf.a")
            srcs.append("lib/libprotobuf.a")
        elif word:
            linkopts.append(word)
    if static and "-pthread" not in linkopts:
        linkopts.append("-lpthread")
    ctx.symlink(protoc, "bin/protoc")
    protos = ""
    for name, imports in _WELL_KNOWN.items():
        file = "google/protobuf/%s.proto" % name
        ctx.symlink("%s/%s" % (includedir, file), "include/" + file)
        protos += """proto_library(
    name = "%s_proto",
    srcs = ["include/%s"],
    strip_import_prefix = "include",
    deps = %s,
)

""" % (name, file, _quote([":%s_proto" % i for i in imports]))
    ctx.file("BUILD", _HEADER + """filegroup(
    name = "protoc",
    srcs = ["bin/protoc"],
)

cc_library(
    name = "protobuf",
    srcs = %s,
    linkopts = %s,
)

# bazel's --proto_compiler and --proto_toolchain_for_cc default to ":protoc"
# and ":cc_toolchain" of this repository.
proto_lang_toolchain(
    name = "cc_toolchain",
    blacklisted_protos = [%s],
    command_line = "--cpp_out=$(OUT)",
    runtime = ":protobuf",
)

%s""" % (
        _quote(srcs),
        _quote(linkopts),
        ", ".join(['":%s_proto"' % n for n in _WELL_KNOWN]),
        protos,
    ))

    # The paths from which upstream gives its rules.
    ctx.file("bazel/BUILD", "")
    ctx.file("bazel/proto_library.bzl", "proto_library = native.proto_library\n")
    ctx.file("bazel/cc_proto_library.bzl", "cc_proto_library = native.cc_proto_library\n")
    ctx.file("WORKSPACE", 'workspace(name = "%s")\n' % ctx.name)

system_protobuf = repository_rule(
    implementation = _protobuf_impl,
    attrs = {"linkage": attr.string(default = "static", values = ["static", "shared"])},
    local = True,
    configure = True,
    environ = ["PKG_CONFIG_PATH"],
)

# --- Plain system libraries ------------------------------------------------------

def _library_impl(ctx):
    """One -dev package without Bazel packaging upstream: headers in /usr/include."""
    for header in ctx.attr.headers:
        if not ctx.path("/usr/include/" + header).exists:
            fail("/usr/include/%s is missing (Debian: apt-get install %s)" % (header, ctx.attr.debian))
    ctx.file("WORKSPACE", 'workspace(name = "%s")\n' % ctx.name)
    text = _HEADER
    for name, linkopts in ctx.attr.targets.items():
        text += 'cc_library(\n    name = "%s",\n    linkopts = %s,\n)\n\n' % (name, _quote([w for w in linkopts.split(" ") if w]))
    ctx.file("BUILD", text)

system_library = repository_rule(
    implementation = _library_impl,
    attrs = {
        "debian": attr.string(mandatory = True),
        "headers": attr.string_list(mandatory = True),
        "targets": attr.string_dict(mandatory = True),
    },
    local = True,
    configure = True,
)

# --- llhttp: Node's HTTP/1 parser ---------------------------------------------------

def _llhttp_impl(ctx):
    """node-llhttp carries the C sources that llhttp generates."""
    ctx.file("WORKSPACE", 'workspace(name = "%s")\n' % ctx.name)
    if not ctx.path("/usr/share/llhttp/llhttp.c").exists:
        fail("llhttp is not installed (Debian: apt-get install node-llhttp)")
    for name in ["api.c", "http.c", "llhttp.c"]:
        ctx.symlink("/usr/share/llhttp/" + name, "src/" + name)
    ctx.symlink("/usr/share/include/llhttp/llhttp.h", "include/llhttp.h")
    ctx.file("BUILD", _HEADER + """cc_library(
    name = "llhttp",
    srcs = ["src/api.c", "src/http.c", "src/llhttp.c"],
    hdrs = ["include/llhttp.h"],
    copts = ["-w", "-O2"],
    # As strict as the llhttp 9 of Node is, where 8 has a choice.
    local_defines = ["LLHTTP_STRICT_MODE=1"],
    includes = ["include"],
    deps = ["@simloop//tools:profile"],
)
""")

system_llhttp = repository_rule(implementation = _llhttp_impl, local = True, configure = True)

# --- Bazel's own helpers --------------------------------------------------------

def _stub_rules_cc_impl(ctx):
    """@rules_cc as far as this project loads it, out of Bazel 4's own C++ rules.

    Debian's bazel-rules-cc (0.0.4) can't be loaded by Debian's Bazel (4.2.3).
    """
    ctx.file("WORKSPACE", 'workspace(name = "rules_cc")\n')
    ctx.file("BUILD", "")
    ctx.file("cc/BUILD", "")
    ctx.file("cc/common/BUILD", "")
    names = ["cc_binary", "cc_import", "cc_library", "cc_test", "cc_toolchain", "cc_toolchain_suite"]
    ctx.file("cc/defs.bzl", "\n".join(["%s = native.%s" % (n, n) for n in names]) + "\n")
    for n in ["cc_binary", "cc_import", "cc_library", "cc_test"]:
        ctx.file("cc/%s.bzl" % n, "%s = native.%s\n" % (n, n))

    # A .bzl file can't define a name that it reads as a builtin, hence two steps.
    ctx.file("cc/common/native.bzl", "native_cc_common = cc_common\nNativeCcInfo = CcInfo\n")
    ctx.file("cc/common/cc_common.bzl", 'load(":native.bzl", "native_cc_common")\n\ncc_common = native_cc_common\n')
    ctx.file("cc/common/cc_info.bzl", 'load(":native.bzl", "NativeCcInfo")\n\nCcInfo = NativeCcInfo\n')
    ctx.file("cc/find_cc_toolchain.bzl", 'load("@bazel_tools//tools/cpp:toolchain_utils.bzl", _find = "find_cpp_toolchain")\n\nfind_cpp_toolchain = _find\n')

_stub_rules_cc = repository_rule(implementation = _stub_rules_cc_impl)

def _stub_coverage_impl(ctx):
    """Every test rule needs these labels; upstream's are a download."""
    ctx.file("WORKSPACE", 'workspace(name = "remote_coverage_tools")\n')
    ctx.file("unsupported.sh", "#!/bin/sh\necho 'bazel coverage is not supported here' >&2\nexit 1\n")
    ctx.file("BUILD", _HEADER + """sh_binary(
    name = "lcov_merger",
    srcs = ["unsupported.sh"],
)

sh_binary(
    name = "coverage_report_generator",
    srcs = ["unsupported.sh"],
)
""")

_stub_coverage = repository_rule(implementation = _stub_coverage_impl)

def system_deps(name = "system_deps", linkage = "static"):
    """Declares every external repository that this workspace needs.

    Args:
      name: unused; Bazel's conventions want one.
      linkage: "static" or "shared", how Abseil and Protocol Buffers are linked.
    """
    system_absl(name = "com_google_absl", linkage = linkage)
    system_googletest(name = "com_google_googletest")
    system_protobuf(name = "com_google_protobuf", linkage = linkage)

    system_library(
        name = "rapidcheck",
        debian = "librapidcheck-dev",
        headers = ["rapidcheck.h", "rapidcheck/gtest.h"],
        targets = {"rapidcheck": "-lrapidcheck", "rapidcheck_gtest": "-lrapidcheck"},
    )

    system_library(
        name = "com_google_benchmark",
        debian = "libbenchmark-dev",
        headers = ["benchmark/benchmark.h"],
        targets = {
            "benchmark": "-lbenchmark",
            "benchmark_main": "-lbenchmark_main -lbenchmark",
        },
    )
    system_library(
        name = "c_ares",
        debian = "libc-ares-dev",
        headers = ["ares.h"],
        targets = {"c_ares": "-lcares"},
    )
    system_library(
        name = "mimalloc",
        debian = "libmimalloc-dev",
        headers = ["mimalloc.h"],
        targets = {"mimalloc": "-lmimalloc"},
    )
    system_llhttp(name = "llhttp")
    _stub_rules_cc(name = "rules_cc")
    _stub_coverage(name = "remote_coverage_tools")
    native.local_repository(name = "platforms", path = "/usr/share/bazel/tools/platforms")
    native.local_repository(name = "rules_java", path = "/usr/share/bazel/rules/java")
