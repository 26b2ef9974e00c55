"""How the blocks of each language become something to run. Each function here gets blocks with the text that is to be
run, and gives a command for each, or what its compiler says. A page's parts of programs are compiled as one program,
for a compiler costs more to start than a few lines to compile."""

import itertools
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests/c"))

from harness import FLAGS, compiler, need  # noqa: E402

CPP_FLAGS = ["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-pthread", f"-I{ROOT / 'include'}"]
# async without await, as any short example may have; and variables that only show a type.
CS_FLAGS = ["-langversion:6", "-warnaserror", "-warn:4", "-nowarn:1998,219", "-debug"]
CS_HEAD = "using System; using System.Collections; using System.Collections.Generic; using System.IO; "
CS_HEAD += "using System.Threading; using System.Threading.Tasks; using Ropc; using static Around;\n"


class Refused(Exception):
    """What a compiler says."""


def ask(*command):
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()
        raise Refused(f"does not compile:\n{said[:4000]}")


def file_of(folder, block, suffix):
    return folder / (block.page.replace("/", "-").replace(".", "-") + f"-{block.line}{suffix}")


def c_like(blocks, folder, library, command, suffix, around):
    """C or C++: whole programs by themselves, the parts of a page as one."""
    link = [f"-L{library}", "-lropc", f"-Wl,-rpath,{library}"]
    for block in blocks:
        if block.whole and block.word != "functions":
            source = file_of(folder, block, suffix)
            source.write_text(f'#line {block.line} "{block.page}"\n{block.text}')
            try:
                ask(*command, source, "-o", source.with_suffix(""), *link)
                yield block, [source.with_suffix("")]
            except Refused as why:
                yield block, str(why)
    parts = [block for block in blocks if not block.whole or block.word == "functions"]
    for _, page in itertools.groupby(parts, lambda block: block.page):
        page = list(page)
        shown = [block for block in page if block.word != "functions"]
        source = file_of(folder, page[0], "-parts" + suffix)
        source.write_text(c_parts(page, shown, around))
        try:
            ask(*command, "-Wno-unused-function", f"-I{HERE}", source, "-o", source.with_suffix(""), *link)
            for block in page:
                yield block, [source.with_suffix(""), str(block.line)] if block in shown else []
        except Refused as why:
            for block in page:
                yield block, str(why)


def c_parts(page, shown, around):
    """One program of a page's parts, each a function that its line calls."""
    text = f'#include "{around}"\n'
    for block in page:
        place = f'#line {block.line} "{block.page}"\n'
        if block.word == "functions":
            text += place + block.text
        else:
            used = "AROUND_USED;\n" if around.endswith(".h") else ""
            text += f"static void part_{block.line}(AROUND_PARAMETERS)\n{{\n{used}{{\n{place}{block.text}}}\n}}\n"
    cases = "".join(f"    case {block.line}: around(part_{block.line}); break;\n" for block in shown)
    return text + (
        '#line 1 "the end of the program"\nint main(int count, char **words)\n{\n'
        f"    switch (count > 1 ? atoi(words[1]) : 0) {{\n{cases}    default: return 96;\n    }}\n    return 0;\n}}\n"
    )


def c(blocks, folder, library):
    return c_like(blocks, folder, library, [compiler(), *FLAGS], ".c", "around.h")


def cpp(blocks, folder, library):
    return c_like(blocks, folder, library, [need("g++", "g++"), *CPP_FLAGS], ".cpp", "around.hpp")


def cs(blocks, folder, _library):
    """Whole programs by themselves, the parts of a page as one; all with bindings/unity/Runtime as a library."""
    need("mono", "mono-runtime")
    mcs = [need("mcs", "mono-mcs"), *CS_FLAGS]
    runtime = folder / "Ropc.dll"
    if not runtime.exists():
        ask(*mcs, "-target:library", f"-out:{runtime}", *sorted((ROOT / "bindings/unity/Runtime").glob("*.cs")))
    for _, same in itertools.groupby(blocks, lambda block: (block.page, block.line if block.whole else 0)):
        page = list(same)
        source = file_of(folder, page[0], ".cs" if page[0].whole else "-parts.cs")
        place = f'#line {page[0].line} "{page[0].page}"\n'
        source.write_text(place + page[0].text if page[0].whole else cs_parts(page))
        # What has no Main() is compiled only.
        program = source.with_suffix(".dll" if page[0].word else ".exe")
        kind = ["-target:library"] if page[0].word else []
        others = [] if page[0].whole else [HERE / "around.cs"]
        try:
            ask(*mcs, *kind, f"-out:{program}", f"-r:{runtime}", source, *others)
            for block in page:
                yield block, ["mono", "--debug", program, *([] if block.whole else [str(block.line)])]
        except Refused as why:
            for block in page:
                yield block, str(why)


def cs_parts(page):
    """What is there already are fields: C# lets lines declare a field's name again, and no parameter's."""
    text = CS_HEAD + "public static class Page\n{\n"
    cases = ""
    for block in page:
        routine = "yield return" in block.text
        kind = "IEnumerator" if routine else "async Task"
        text += f'static {kind} Part{block.line}()\n{{\n#line {block.line} "{block.page}"\n{block.text}}}\n'
        call = f"Part{block.line}()"
        cases += f"case {block.line}: {f'Play({call})' if routine else f'await {call}'}; break;\n"
    return text + f"public static async Task Part(int line)\n{{\nswitch (line)\n{{\n{cases}}}\n}}\n}}\n"


def python(blocks, folder, _library):
    for block in blocks:
        source = file_of(folder, block, ".py")
        source.write_text(block.text)
        how = "whole" if block.whole else "part"
        command = [sys.executable, str(HERE / "around.py"), str(source), str(block.line)]
        try:
            environment = {**os.environ, "SNIPPET_PAGE": block.page}
            done = subprocess.run([*command, "compiled"], env=environment, capture_output=True, text=True)
            if done.returncode != 0:
                raise Refused(f"does not compile:\n{done.stderr.strip()}")
            yield block, [*command, how]
        except Refused as why:
            yield block, str(why)


def lua(blocks, folder, _library):
    luajit = need("luajit", "luajit")
    for block in blocks:
        source = file_of(folder, block, ".lua")
        source.write_text("\n" * (block.line - 1) + block.text)
        try:
            ask(luajit, "-bl", source, os.devnull)
            yield block, [luajit, str(HERE / "around.lua"), str(source), block.page]
        except Refused as why:
            yield block, str(why)


ALL = {"c": c, "cpp": cpp, "python": python, "cs": cs, "lua": lua}


def fresh(folder):
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
