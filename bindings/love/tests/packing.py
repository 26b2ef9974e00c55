"""Tests of what lies around the Lua files: the cdef and its header, the ways to
pack a game and where the library is then found, the example as it is started."""

import contextlib
import pathlib
import re
import shutil
import subprocess
import sys
import time
import zipfile

import harness

HERE = pathlib.Path(__file__).resolve().parent
LOVE = HERE.parent
ROOT = LOVE.parent.parent

# A library from before this interface.
OLD = """
#include <stdint.h>
const char *ropc_version(void) { return "0.0.1"; }
int ropc_abi_check(uint32_t abi) { (void)abi; return 12; }
"""


def check_cdef(tree):
    """What generate.py --check says in a copy of the tree."""
    command = [sys.executable, tree / "bindings/love/generate.py", "--check"]
    return subprocess.run(command, capture_output=True, text=True)


def cdef(run):
    """The cdef is the header's, and would not stay so by itself."""
    done = check_cdef(ROOT)
    run.tell("cdef: is what the header says", done.stderr or None)
    changes = {
        "a changed parameter": ("uint32_t min_ms", "uint64_t min_ms", "is not what include/ropc.h says"),
        "a changed field": ("int64_t locked_until_at;", "int32_t locked_until_at;", "is not what include/ropc.h says"),
        "a new field": ("int64_t locked_until_at;", "int64_t locked_until_at;\n  int64_t fake_at;",
                        "does not read ropc_error.fake_at"),
        "a new function": ("ROPC_API const char *ropc_version(void);", "ROPC_API const char *ropc_version(void);\n"
                           "ROPC_API void ropc_fly(void);", "has no way to ropc_fly"),
        "a function that is gone": ("ROPC_API const char *ropc_version(void);", "", "ropc_version, which is not in"),
    }
    for name, (old, new, words) in changes.items():
        tree = run.folder / name.replace(" ", "-")
        shutil.copytree(LOVE, tree / "bindings/love", ignore=shutil.ignore_patterns("tests"))
        shutil.copy(LOVE.parent / "interface.py", tree / "bindings")
        header = (ROOT / "include/ropc.h").read_text(encoding="utf-8")
        (tree / "include").mkdir()
        (tree / "include/ropc.h").write_text(header.replace(old, new), encoding="utf-8")
        done = check_cdef(tree)
        noticed = old in header and done.returncode != 0 and words in done.stderr
        run.tell(f"cdef: {name} is noticed", None if noticed else f"it is not: {done.stderr}")


def files_of_game():
    """The game of tests/lookup by its names inside of it."""
    files = {"main.lua": HERE / "lookup/main.lua", "conf.lua": HERE / "headless/conf.lua"}
    for path in [LOVE / "ropc.lua", *sorted((LOVE / "ropc").glob("*.lua"))]:
        files[f"lib/{path.relative_to(LOVE)}"] = path
    return files


def pack(folder):
    """The game as a folder, as a .love file, and fused with LÖVE: for each how to
    start it, and where its library lies."""
    library = pathlib.Path("libropc.so.0")
    as_folder, as_file, as_one = folder / "game", folder / "file", folder / "fused"
    for name, path in files_of_game().items():
        (as_folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, as_folder / name)
    as_file.mkdir()
    with zipfile.ZipFile(as_file / "game.love", "w") as archive:
        for name, path in files_of_game().items():
            archive.write(path, name)
    as_one.mkdir()
    program = as_one / "game"
    program.write_bytes(pathlib.Path(shutil.which("love")).read_bytes() + (as_file / "game.love").read_bytes())
    program.chmod(0o755)
    packed = {
        "a folder": (["love", as_folder], as_folder),
        "a .love file": (["love", as_file / "game.love"], as_file),
        "a fused program": ([program], as_one),
    }
    for _, place in packed.values():
        shutil.copy(ROOT / "build/lib" / library, place)
    return {name: (command, place / library) for name, (command, place) in packed.items()}


def library(run):
    """Where the library is found, and what is said when it is not."""
    packed = pack(run.folder)

    def found(name, command, wanted, **environment):
        done = run.program(*command, **{"ROPC_LIBRARY": None, "LUA_PATH": None, **environment})
        good = done.returncode == 0 and done.stdout.splitlines() == [f"loaded {wanted}"] and not done.stderr
        run.tell(f"library: {name}", None if good else f"{done.returncode} {done.stdout}{done.stderr}")

    def told(name, words, **environment):
        done = run.program(*packed["a folder"][0], **{"LUA_PATH": None, **environment})
        good = done.returncode == 1 and all(word in done.stdout for word in words)
        run.tell(f"library: {name}", None if good else f"{done.returncode} {done.stdout}{done.stderr}")

    for name, (command, place) in packed.items():
        found(f"beside {name}", command, place)
    built = (ROOT / "build/lib/libropc.so.0").resolve()
    found("ROPC_LIBRARY goes before", packed["a folder"][0], built, ROPC_LIBRARY=str(built))
    nowhere = "/nowhere/libropc.so"
    told("a wrong ROPC_LIBRARY is told", ["cannot be loaded", nowhere], ROPC_LIBRARY=nowhere)

    old = run.folder / "old.so"
    (run.folder / "old.c").write_text(OLD)
    subprocess.run([harness.compiler(), "-shared", "-fPIC", "-o", old, run.folder / "old.c"], check=True)
    told("one that is too old is told", ["0.0.1", "older than ropc.lua"], ROPC_LIBRARY=str(old))

    for _, place in packed.values():
        place.unlink()
    told("none is told, with where it was looked for", ["game/libropc.so.0", "ROPC_LIBRARY"], ROPC_LIBRARY=None)
    command = packed["a .love file"][0]
    found("the system's", command, built, LD_LIBRARY_PATH=str(built.parent))
    # As if the program had been linked with the static library.
    linked = run.folder / "linked-with-libropc"
    archive = ["-Wl,--whole-archive", ROOT / "build/static/libropc.a", "-Wl,--no-whole-archive"]
    subprocess.run([harness.compiler(), "-shared", "-o", linked, *archive, *harness.NATIVE_LIBS], check=True)
    found("in the program itself", command, linked, LD_PRELOAD=str(linked))


# An error of the game ends it; LÖVE's own screen would wait for a key.
ENDS_AT_ERRORS = """
function love.errorhandler(message)
  io.stderr:write(debug.traceback("error: " .. tostring(message), 2), "\\n")
  return function() return 1 end
end
"""


def example_with_driver(folder):
    """A copy of the example that plays by itself, beside a copy of the binding."""
    tree = folder / "tree"
    tree.mkdir()
    shutil.copy(LOVE / "ropc.lua", tree)
    shutil.copytree(LOVE / "ropc", tree / "ropc")
    shutil.copytree(LOVE / "example", tree / "example")
    shutil.copy(HERE / "screen/driver.lua", tree / "example")
    main = tree / "example/main.lua"
    main.write_text(ENDS_AT_ERRORS + main.read_text() + '\nrequire "driver"\n')
    return tree / "example"


# What the README's lines take for granted, around them.
AROUND = """
local user, password = "ada", require "here".password
local function show(message) error(message) end
local function welcome(session)
  assert(session:token(30))
  print("welcome")
  love.event.quit()
end
"""


def readme(run):
    """The README's Lua, at the stand-in."""
    lua = re.search(r"```lua\n(.*?)```", (LOVE / "README.md").read_text(), re.S)[1]
    client = re.search(r"ropc\.client \{.*?\}", lua)[0]
    game = run.folder / "readme"
    game.mkdir()
    shutil.copy(HERE / "headless/conf.lua", game)
    (game / "main.lua").write_text(ENDS_AT_ERRORS + AROUND + lua.replace(client, 'require "here".client()'))
    done = run.ends("README: its Lua ends well", 0, "love", game)
    run.tell("README: its Lua signs in", None if done.stdout == "welcome\n" else done.stdout)


def children(process):
    return pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()


def quits_when_asked(command, environment, begun):
    """What is wrong with a command that starts LÖVE in a child, makes the folder
    `begun`, and ends when LÖVE gets the signal to; or None."""
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while not begun.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                return f"it did not begin: {process.communicate()[1]}"
            time.sleep(0.05)
        named = {pathlib.Path(f"/proc/{child}/comm").read_text().strip(): child for child in children(process.pid)}
        subprocess.run(["kill", named["love"]], check=True)
        said = process.communicate(timeout=60)[1]
        return None if process.returncode == 0 else f"exit code {process.returncode}: {said}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
