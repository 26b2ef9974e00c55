"""A library between a program and libropc that writes down every call that fails, so that nothing that a page shows
can fail and not be seen, whatever the language and whatever it does with the error.

It has the functions of include/ropc.h under the same names. A line for each failure goes to the file that
SNIPPET_FAILURES names: the function, the reason (without an error the status), the message."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bindings"))

import interface  # noqa: E402

HEAD = """#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <fcntl.h>
#include <ropc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *real(const char *name)
{
    static void *library;
    void *found = NULL;
    if (library == NULL)
        library = dlopen(SNIPPET_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library != NULL)
        found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "shim: %s\\n", dlerror());
        abort();
    }
    return found;
}

static const char *named(const char *naming, int32_t number)
{
    const char *(*name)(int32_t);
    *(void **)&name = real(naming);
    return name(number);
}

static void note(const char *function, ropc_status status, const ropc_error *error)
{
    char line[4096];
    const char *path = getenv("SNIPPET_FAILURES"), *what;
    int length, file;
    if (path == NULL || status == ROPC_OK || status == ROPC_PENDING || status == ROPC_SAVE_FIRST)
        return;
    what = error == NULL ? named("ropc_status_name", status) : named("ropc_reason_name", error->reason);
    length = snprintf(line, sizeof line, "%s %s %s\\n", function, what, error == NULL ? "" : error->message);
    length = length < (int)sizeof line ? length : (int)sizeof line - 1;
    file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || write(file, line, (size_t)length) != length)
        abort();
    close(file);
}
"""

PLAIN = """
{result} {name}({parameters})
{{
    {result} (*call)({types});
    *(void **)&call = real("{name}");
    {returns}call({arguments});
}}
"""

CHECKED = """
{result} {name}({parameters})
{{
    {result} (*call)({types});
    ropc_error *own = NULL, **told = {told};
    ropc_status status;
    *(void **)&call = real("{name}");
    status = call({arguments});
    note("{name}", status, *told);
    if (own != NULL) {{
        void (*free_error)(ropc_error *);
        *(void **)&free_error = real("ropc_error_free");
        free_error(own);
    }}
    return status;
}}
"""

# What these come to is told by those that take the result; and a library that is too old is not used.
ELSEWHERE = {"ropc_request_poll", "ropc_request_wait", "ropc_abi_check"}


def written(function):
    """One function of the shim."""
    parameters, names = function.parameters, [one.name for one in function.parameters]
    has_error = any(one.type == "ropc_error **" for one in parameters)
    checked = function.result == "ropc_status" and function.name not in ELSEWHERE
    return (CHECKED if checked else PLAIN).format(
        result=function.result,
        name=function.name,
        parameters=", ".join(f"{one.type} {one.name}" for one in parameters) or "void",
        types=", ".join(one.type for one in parameters) or "void",
        told="err != NULL ? err : &own" if has_error else "&own",
        arguments=", ".join("told" if checked and one == "err" else one for one in names),
        returns="" if function.result == "void" else "return ",
    )


def build(folder, library):
    """The shim in `folder`, in front of `library`, named as programs ask for it."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "shim.c"
    source.write_text(HEAD + "".join(written(one) for one in interface.read().functions))
    command = ["cc", "-O1", "-std=c99", "-fPIC", "-shared", f"-I{ROOT / 'include'}", f'-DSNIPPET_LIBRARY="{library}"']
    done = subprocess.run(
        [*command, source, "-o", folder / "libropc.so.0", "-Wl,-soname,libropc.so.0", "-ldl"],
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        sys.exit(f"the shim of include/ropc.h does not compile:\n{done.stderr}")
    link = folder / "libropc.so"
    link.unlink(missing_ok=True)
    link.symlink_to("libropc.so.0")
