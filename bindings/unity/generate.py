#!/usr/bin/env python3
"""Writes Runtime/Native.cs and Runtime/Enums.cs from include/ropc.h.

    python3 bindings/unity/generate.py             writes them
    python3 bindings/unity/generate.py --check     fails when they are not what it would write
"""

import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import interface  # noqa: E402

HEAD = "// Generated from include/ropc.h by bindings/unity/generate.py; do not edit.\n\n"

# Values of this enum drop more of their names than its own: ROPC_E_ and ROPC_.
STATUS = "ropc_status"

# What the comments of enums and constants name, as it is called here.
MEMBERS = {
    "ropc_client_cancel()": "RopcClient.Cancel",
    "ropc_error.reason": "RopcException.Reason",
    "ropc_error.request_sent": "RopcException.RequestSent",
    "ropc_error.retry_after_ms": "RopcException.RetryAfter",
    "ropc_options": "RopcOptions",
    "ropc_request_cancel()": "RopcRequest.Cancel",
    "ropc_session_pending()": "RopcSession.Pending",
    "ropc_session_refresh()": "RopcSession.Refresh",
    "ropc_set_workers()": "RopcLibrary.SetWorkers",
    "ropc_shutdown()": "RopcLibrary.Shutdown",
    "ropc_tokens": "RopcTokens",
    "locked_until_at": "RopcException.LockedUntil",
    "retry_after_ms": "RopcException.RetryAfter",
    "`request_sent`": "RopcException.RequestSent",
    "`stage`": "RopcException.Stage",
}

# Kept together where lines are broken.
JOINT = "\N{NO-BREAK SPACE}"

NUMBERS = {"int32_t": "int", "uint32_t": "uint", "int64_t": "long", "uint64_t": "ulong", "size_t": "UIntPtr"}


def pascal(name):
    """SOME_NAME or some_name as SomeName."""
    return "".join(part.capitalize() for part in name.lower().split("_"))


def value_name(enum, item):
    """ROPC_SESSION_STATE_SIGNED_IN of ropc_session_state as SignedIn."""
    prefix = r"ROPC_(E_)?" if enum.name == STATUS else enum.name.upper() + "_"
    return pascal(re.sub("^" + prefix, "", item.name))


def link(name):
    return f'<see{JOINT}cref="{name}"/>'


def documented(text, names, indent):
    """An XML comment. What the header's own comment names is linked to, as what
    it is called here; a name of C that has none here ends this program."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace("one of ROPC_E_*", "a failure")
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.]\w|\w)", link(names[name]), text)
    if left := re.search(r"ropc_\w+|ROPC_\w+|\b\w+_(ms|at)\b", text):
        raise SystemExit(f"a comment of the header names {left[0]}: say in MEMBERS what that is in C#")
    lines = textwrap.wrap(re.sub(r"[ \n]+", " ", text), 116 - indent, break_long_words=False, break_on_hyphens=False)
    lines = [line.replace(JOINT, " ") for line in lines]
    if len(lines) == 1 and len(lines[0]) < 90:
        lines = [f"<summary>{lines[0]}</summary>"]
    else:
        lines = ["<summary>", *lines, "</summary>"]
    return [" " * indent + "/// " + line for line in lines]


def crefs(header):
    """What the header's comments name, and what that is called here."""
    names = {**MEMBERS, **{enum.name: pascal(enum.host_name) for enum in header.enums}}
    for enum in header.enums:
        names.update({item.name: f"{pascal(enum.host_name)}.{value_name(enum, item)}" for item in enum.items})
    names.update({one.name: "RopcMax." + pascal(one.name[9:]) for one in header.constants if "_MAX_" in one.name})
    return names


def enums(header):
    names = crefs(header)
    lines = ["namespace Ropc", "{"]
    for enum in header.enums:
        lines += [*documented(enum.doc, names, 4), f"    public enum {pascal(enum.host_name)}", "    {"]
        for item in enum.items:
            lines += [*documented(item.doc, names, 8), f"        {value_name(enum, item)} = {item.value},"]
        lines += ["    }", ""]
    lines += documented("How long texts may be, and how many of a thing there may be.", names, 4)
    lines += ["    public static class RopcMax", "    {"]
    for one in header.constants:
        if "_MAX_" in one.name:
            lines += [*documented(one.doc, names, 8), f"        public const int {pascal(one.name[9:])} = {one.value};"]
    return "\n".join([*lines, "    }", "}", ""])


def field_type(text, header):
    if "*" in text:
        return "IntPtr"
    found = {enum.name: pascal(enum.host_name) for enum in header.enums}
    return found.get(text) or NUMBERS[text]


def parameter(one, function, header):
    """A parameter as C# declares it. A handle that is only lent comes as its
    SafeHandle, which keeps it alive for the call; no function of C# goes over."""
    if one.type in NUMBERS:
        kind = NUMBERS[one.type]
    elif re.fullmatch(r"(ropc_\w+|char) \*\*", one.type):
        kind = "out IntPtr"
    elif one.type == "int32_t *":
        kind = "out int"
    elif one.type == "const char *const *":
        kind = "IntPtr[]"
    elif one.type == "const uint8_t *":
        kind = "byte[]"
    elif function.name.endswith("_free") or one.type in ("const char *", "void *"):
        kind = "IntPtr"
    elif one.type in [callback.name for callback in header.callbacks]:
        kind = "IntPtr"
    elif lent := re.fullmatch(r"(?:const )?ropc_(\w+) \*", one.type):
        kind = pascal(lent[1]) + "Handle"
    else:
        raise SystemExit(f"{function.name}: no C# for a parameter of type {one.type}")
    name = "@" + one.name if one.name in ("out", "string") else one.name  # Words of C#.
    return f"{kind} {name}".replace(" ", JOINT)


def result(function):
    known = {**NUMBERS, "void": "void", "ropc_status": "RopcStatus", "const char *": "IntPtr"}
    if function.result not in known:
        raise SystemExit(f"{function.name}: no C# for a result of type {function.result}")
    return known[function.result]


def native(header):
    lines = ["using System;", "using System.Runtime.InteropServices;", ""]
    lines += ["// Fields are written by the library only.", "#pragma warning disable 649", "", "namespace Ropc", "{"]
    for struct in header.structs:
        lines += ["    [Preserve, StructLayout(LayoutKind.Sequential)]", f"    internal struct {struct.name}", "    {"]
        lines += [f"        [Preserve] public {field_type(one.type, header)} {one.name};" for one in struct.fields]
        lines += ["    }", ""]
    lines += ["    /// <summary>The functions of ropc.h, which is their manual.</summary>"]
    lines += ["    internal static class Native", "    {", "#if UNITY_IOS && !UNITY_EDITOR"]
    lines += ["        // Linked into the program.", '        const string Library = "__Internal";', "#else"]
    lines += ['        const string Library = "ropc";', "#endif", ""]
    for one in header.constants:
        if "_MAX_" not in one.name:
            lines += [f"        public const int {one.name} = {one.value};"]
    for function in header.functions:
        parameters = ", ".join(parameter(one, function, header) for one in function.parameters)
        declared = f"public static extern {result(function)} {function.name}({parameters});"
        lines += ["", "        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]"]
        wrapped = textwrap.wrap(declared, 118, initial_indent=" " * 8, subsequent_indent=" " * 12)
        lines += [line.replace(JOINT, " ") for line in wrapped]
    return "\n".join([*lines, "    }", "}", ""])


def main():
    header = interface.read()
    written = {"Native.cs": HEAD + native(header), "Enums.cs": HEAD + enums(header)}
    for name, text in written.items():
        path = HERE / "Runtime" / name
        if sys.argv[1:] != ["--check"]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            sys.exit(f"{path} is not what include/ropc.h says: run python3 bindings/unity/generate.py")


if __name__ == "__main__":
    main()
