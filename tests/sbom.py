#!/usr/bin/env python3
"""Lists what the shipped library is made of, from Cargo.lock and cargo.

    python3 tests/sbom.py            writes build/ropc.cdx.json, CycloneDX 1.5
    python3 tests/sbom.py --table    writes the table of docs/supply-chain.md anew
    python3 tests/sbom.py --check    fails when either would not be true

The same sources give the same bytes. Uses no network once cargo has the crates.
"""

import copy
import json
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

from tally import Tally

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "build/ropc.cdx.json"
SYMBOLS = ROOT / "build/lib/libropc.so.0.debug"
PAGE = ROOT / "docs/supply-chain.md"
# What `make lib` builds.
TARGET = "x86_64-unknown-linux-gnu"
RESOLVED = ["--locked", "--features", "dist"]
# Every word of an expression, also one that is only offered: memchr is under
# Unlicense OR MIT. What may be chosen is in deny.toml.
LICENSES = {"MIT", "Apache-2.0", "ISC", "BSD-3-Clause", "CDLA-Permissive-2.0", "Unlicense"}
# They have declarations, macros or tables, and statements that are switched off.
CODELESS = {"cfg-if", "libc", "log", "webpki-roots"}
UNEXPLAINED = "?"


def cargo(*arguments):
    """What cargo prints."""
    done = subprocess.run(["cargo", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"cargo {' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


def checksums():
    """Cargo.lock: {(name, version): SHA-256 of the package}."""
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    found = re.findall(r'name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "([0-9a-f]{64})"', lock)
    return {(name, version): checksum for name, version, checksum in found}


def resolved():
    """The library and what is compiled into it, with what each uses: the
    packages as cargo describes them, ropc first."""
    told = json.loads(cargo("metadata", "--format-version", "1", "--filter-platform", TARGET, *RESOLVED))
    packages = {purl(package): package for package in told["packages"]}
    uses, above = {}, []
    # Not from the metadata: there the features of test programs are switched on.
    for line in tree("depth", "--no-dedupe"):
        depth, name, version = re.match(r"(\d+)(\S+) v(\S+)", line).groups()
        at = f"pkg:cargo/{name}@{version}"
        above[int(depth) :] = [at]
        uses.setdefault(at, set())
        if len(above) > 1:
            uses[above[-2]].add(at)
    found = [{**packages[at], "uses": sorted(used)} for at, used in uses.items()]
    return [found[0], *sorted(found[1:], key=lambda package: (package["name"], package["version"]))]


def tree(prefix, *more):
    """The lines of `cargo tree` for the library."""
    told = cargo("tree", "-p", "ropc", "-e", "normal", "--target", TARGET, "--prefix", prefix, *RESOLVED, *more)
    return [line for line in told.splitlines() if line]


def purl(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def runs_in_compiler(package):
    """Whether it is a macro, of which nothing is in the library."""
    return any("proc-macro" in target["kind"] for target in package["targets"])


def component(package, known):
    """One package as CycloneDX has it."""
    license = package["license"].replace("/", " OR ")
    made = {"type": "library", "bom-ref": purl(package), "name": package["name"], "version": package["version"]}
    if package["source"] is not None:
        made["scope"] = "excluded" if runs_in_compiler(package) else "required"
        made["hashes"] = [{"alg": "SHA-256", "content": known[package["name"], package["version"]]}]
    made |= {"licenses": [{"expression": license}], "purl": purl(package)}
    if package["repository"]:
        made["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return made


def bill(packages):
    """The whole document."""
    known = checksums()
    library, *components = [component(package, known) for package in packages]
    compiler = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    made = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            # Its standard library is in there too.
            "tools": {"components": [{"type": "application", "name": "rustc", "version": compiler}]},
            "component": library,
        },
        "components": components,
        "dependencies": [{"ref": purl(package), "dependsOn": package["uses"]} for package in packages],
    }
    # Of the content, lest each build have another number.
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(made, sort_keys=True))
    return {"serialNumber": f"urn:uuid:{number}", **made}


def in_tree():
    """What `cargo tree` says the library is made of."""
    return {"pkg:cargo/{0}@{1}".format(*re.match(r"(\S+) v(\S+)", line).groups()) for line in tree("none")}


def in_library():
    """The packages that code of the shipped library is from, by its symbols."""
    if not SYMBOLS.exists():
        sys.exit(f"{SYMBOLS} is missing; build it with: make lib")
    paths = re.findall(rb"(?<=[/\0])([^/\0]+)/([\w-]+)-(\d+\.\d+\.\d+[^/\0]*)(?=[/\0])", SYMBOLS.read_bytes())
    # What std is made of lies in /rust/deps.
    return {f"pkg:cargo/{name.decode()}@{version.decode()}" for folder, name, version in paths if folder != b"deps"}


def wrong_shape(made):
    """Where a document is not what CycloneDX 1.5 or we ask for."""
    if (made["bomFormat"], made["specVersion"], made["version"]) != ("CycloneDX", "1.5", 1):
        yield "it does not say that it is CycloneDX 1.5"
    if not re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["serialNumber"]):
        yield f"the serial number is none: {made['serialNumber']}"
    library, components = made["metadata"]["component"], made["components"]
    everything = [library, *components]
    for one in everything:
        name = one.get("name")
        if not {"type", "bom-ref", "name", "version", "licenses", "purl"} <= one.keys() or one["type"] != "library":
            yield f"{name} lacks a field"
            continue
        if not one["bom-ref"] == one["purl"] == purl(one):
            yield f"{name} has the package URL {one['purl']}"
        ids = set(re.findall(r"[\w.+-]+", one["licenses"][0]["expression"])) - {"OR", "AND", "WITH"}
        if not ids or ids - LICENSES:
            yield f"{name} has the licence {one['licenses'][0]['expression']}"
        hashes = one.get("hashes", [])
        if one is not library and not (len(hashes) == 1 and re.fullmatch(r"[0-9a-f]{64}", hashes[0]["content"])):
            yield f"{name} has no SHA-256"
    names = [one["name"] for one in everything]
    yield from (f"{name} is there twice" for name in sorted({name for name in names if names.count(name) > 1}))
    refs = {one["bom-ref"] for one in everything}
    told = {one["ref"] for one in made["dependencies"]}
    used = {ref for one in made["dependencies"] for ref in one["dependsOn"]}
    yield from (f"{ref} is used and not listed, or listed and not used" for ref in sorted(told ^ refs | used - refs))
    yield from (f"nothing uses {ref}" for ref in sorted(refs - used - {library["bom-ref"]}))


def unlike(made, real, where):
    """Where it and another list are not of one mind."""
    listed = {one["purl"] for one in [made["metadata"]["component"], *made["components"]]}
    yield from (f"{one} is in {where} and not in the list" for one in sorted(real - listed))
    yield from (f"{one} is in the list and not in {where}" for one in sorted(listed - real))


def unlike_library(made, real):
    """The same for the library, which has no code of some."""
    silent = {one["purl"] for one in made["components"] if one["name"] in CODELESS or one["scope"] == "excluded"}
    yield from (f"{one} has code in the library" for one in sorted(silent & real))
    yield from unlike(made, real | silent | {made["metadata"]["component"]["purl"]}, "the library")


def has_unsafe(package):
    """What a reader of its sources finds."""
    if runs_in_compiler(package):
        return "runs in the compiler"
    folder = Path(package["manifest_path"]).parent
    lines = 0
    for path in (folder / "src").rglob("*.rs"):
        code = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        lines += len(re.findall(r"\bunsafe\b(?!_)", code))
    if lines == 0:
        return "none"
    foreign = any(folder.rglob("*.[cS]")) and "links" in package and package["links"]
    return f"{lines} places" + (", C and assembly" if foreign else "")


def table(packages):
    """The lines of docs/supply-chain.md about each package; why it is there
    comes from the page, which is where that is written."""
    page = PAGE.read_text(encoding="utf-8")
    why = dict(re.findall(r"^\| `([\w-]+)` \|.*\| ([^|]+) \|$", page, re.M))
    head = ["| package | version | licence | `unsafe` | why |", "|---|---|---|---|---|"]
    rows = [
        f"| `{package['name']}` | {package['version']} | {package['license'].replace('/', ' OR ')} "
        f"| {has_unsafe(package)} | {why.get(package['name'], UNEXPLAINED)} |"
        for package in packages[1:]
    ]
    return "\n".join([*head, *rows])


def paged(packages):
    """docs/supply-chain.md with the table as it should be."""
    page = PAGE.read_text(encoding="utf-8")
    made, count = re.subn(r"^\| package \|.*?(?=\n\n)", lambda _: table(packages), page, flags=re.S | re.M)
    if count != 1:
        sys.exit(f"{PAGE} has {count} tables of packages; one is wanted")
    return made


def planted(made, told, real):
    """What the checks would not find."""

    def change(*where, value=None):
        changed = copy.deepcopy(made)
        at = changed
        for step in where[:-1]:
            at = at[step]
        if value is None:
            del at[where[-1]]
        else:
            at[where[-1]] = value
        return changed

    faults = {
        "a package that is missing": change("components", 3),
        "a package that is there twice": change("components", 4, value=made["components"][3]),
        "a package without a licence": change("components", 0, "licenses"),
        "a licence nobody allowed": change("components", 0, "licenses", 0, "expression", value="MIT OR GPL-3.0-only"),
        "a checksum that is none": change("components", 0, "hashes", 0, "content", value="0"),
        "another version than cargo's": change("components", 0, "version", value="0.0.0"),
        "a package that nothing uses": change("dependencies", 0, "dependsOn", value=[]),
        "a serial number that is none": change("serialNumber", value="urn:uuid:1"),
        "another format": change("specVersion", value="9.9"),
    }
    for name, changed in faults.items():
        if not [*wrong_shape(changed), *unlike(changed, told, "cargo's tree")]:
            yield f"{name} is not found"
    if not [*unlike_library(change("components", 0), real)]:
        yield "a package with code in the library that is missing is not found"


def check(packages, made):
    """The exit code."""
    told, real = in_tree(), in_library()
    page = PAGE.read_text(encoding="utf-8")
    due, have = paged(packages).splitlines(), page.splitlines()
    other = [f"has {line!r}" for line in have if line not in due]
    other += [f"lacks {line!r}" for line in due if line not in have]
    stale = [f"{PAGE.name} {line}; run: python3 tests/sbom.py --table" for line in other]
    rows = [row for row in have if row.endswith(f"| {UNEXPLAINED} |")]
    stale += [f"{PAGE.name} does not say why this is there: {row}" for row in rows]
    tests = {
        "sbom, planted faults are found": planted(made, told, real),
        "sbom, has the shape of CycloneDX 1.5": wrong_shape(made),
        "sbom, has what cargo tree has": unlike(made, told, "cargo's tree"),
        "sbom, has what is in the built library": unlike_library(made, real),
        "sbom, is the same each time": [] if bill(resolved()) == made else ["two runs differ"],
        "sbom, docs/supply-chain.md has the same packages": stale,
    }
    tally = Tally()
    for name, problems in tests.items():
        tally.tell_all(name, problems)
    return tally.end()


def main():
    packages = resolved()
    if sys.argv[1:] == ["--table"]:
        PAGE.write_text(paged(packages), encoding="utf-8")
        return 0
    made = bill(packages)
    if sys.argv[1:] == ["--check"]:
        return 1 if check(packages, made) else 0
    OUTPUT.parent.mkdir(exist_ok=True)
    new = OUTPUT.with_suffix(".new")
    new.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    os.replace(new, OUTPUT)
    print(f"{OUTPUT.relative_to(ROOT)}: {len(made['components'])} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
