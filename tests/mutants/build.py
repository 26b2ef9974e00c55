"""The copy of the library that has all mutants in it, and its tests."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import switches
from listing import HERE, ROOT

SOURCES = ["README.md", "Cargo.toml", "Cargo.lock", "build.rs", "src", "include", "tests"]
NICE = ["nice", "-n", "15"]
ENVIRONMENT = {
    # What the project forbids is a warning here: mutants are not well-bred.
    "RUSTFLAGS": "--cap-lints=warn",
    "RUST_BACKTRACE": "0",
    "CARGO_PROFILE_DEV_DEBUG": "0",
    "CARGO_PROFILE_TEST_DEBUG": "0",
}


class Copy:
    """The sources under the work directory, and what cargo makes of them."""

    def __init__(self, work):
        self.folder = work / "copy"
        self.kept = work / "switched.json"
        self.environment = {**os.environ, **ENVIRONMENT, "CARGO_TARGET_DIR": str(work / "target")}

    @staticmethod
    def sources():
        """What is copied, by its name."""
        for name in SOURCES:
            top = ROOT / name
            for source in [top] if top.is_file() else sorted(top.rglob("*")):
                if source.is_file() and not {"__pycache__", "mutants"} & set(source.parts):
                    yield str(source.relative_to(ROOT)), source.read_bytes()

    def key(self):
        """A hash of all that is copied."""
        found = hashlib.sha256((HERE / "switch.rs").read_bytes() + (HERE / "switches.py").read_bytes())
        for name, content in self.sources():
            found.update(f"{name}\0".encode() + content)
        return found.hexdigest()

    def fill(self, without=()):
        """The sources as they are. A file that is the same keeps its time, for
        cargo builds by that."""
        for name, content in self.sources():
            if name not in without:
                self.write(self.folder / name, content)

    def write(self, path, content):
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def restore(self, name):
        self.write(self.folder / name, (ROOT / name).read_bytes())

    def cargo(self, *arguments):
        """Runs cargo; its return code, its messages, and what it says."""
        command = [*NICE, "cargo", *arguments, "-q", "--message-format=json"]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, text=True, capture_output=True)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    def switch(self, mutants):
        """Puts all mutants in; by number: those that do not compile, those that
        cannot be switched, and those in code that is not in the product here:
        tests, and what other systems need."""
        files = sorted({mutant["file"] for mutant in mutants})
        self.fill(without=[*files, "src/lib.rs"])
        self.write(self.folder / "src/mutant.rs", (HERE / "switch.rs").read_bytes())
        library = (ROOT / "src/lib.rs").read_text() + "\n#[allow(missing_docs)]\n#[doc(hidden)]\npub mod mutant;\n"
        self.write(self.folder / "src/lib.rs", library.encode())
        unviable, alone, absent = self.known()
        while True:
            texts = {}
            for name in files:
                left = [m for m in mutants if m["file"] == name and m["number"] not in unviable | alone | absent]
                file = switches.File((ROOT / name).read_bytes(), left)
                alone |= {mutant["number"] for mutant in file.lost}
                texts[name] = file.all().encode()
                self.write(self.folder / name, texts[name])
            code, messages, said = self.cargo("check", "--lib", "--features", "dist")
            told = [m["message"] for m in messages if m.get("reason") == "compiler-message"]
            if code == 0:
                used = {n for one in told for n in self.used(one, texts)}
                gone = {m["number"] for m in mutants} - used - unviable - alone - absent
                if not gone:
                    self.remember(unviable, alone, absent)
                    return unviable, alone, absent
                absent |= gone
                continue
            errors = told
            found = False
            for span in (s for e in errors if e["level"] == "error" for s in e["spans"] if s["is_primary"]):
                blamed = switches.blamed(texts.get(span["file_name"], b""), span["byte_start"])
                if blamed:
                    found = True
                    (unviable if blamed[1] else alone).add(blamed[0])
            if not found:
                shown = "".join(error["rendered"] for error in errors[:3])
                sys.exit(f"the copy with the switches does not compile, and no mutant is to blame:\n{shown}{said}")

    def known(self):
        """What `switch` found in the same sources before: a file that was
        written once more would be compiled once more."""
        kept = json.loads(self.kept.read_text()) if self.kept.exists() else {}
        return [set(one) for one in kept["sets"]] if kept.get("key") == self.key() else [set(), set(), set()]

    def remember(self, *sets):
        self.kept.write_text(json.dumps({"key": self.key(), "sets": [sorted(one) for one in sets]}))

    @staticmethod
    def used(message, texts):
        """The switches a warning is about: that `on` is deprecated says where
        the compiler saw it."""
        if (message["code"] or {}).get("code") == "deprecated":
            for span in message["spans"]:
                after = texts.get(span["file_name"], b"")[span["byte_start"] :]
                number = re.match(rb"(?:crate::mutant::)?on\((\d+)\)", after)
                if number:
                    yield int(number[1])

    def programs(self, *which):
        """Builds tests; cargo's return code, and the programs by name, that of
        the unit tests as `lib`."""
        code, messages, said = self.cargo("test", "--no-run", "-p", "ropc", *which)
        made = [m for m in messages if m.get("executable") and m["profile"]["test"]]
        found = {"lib" if "rlib" in m["target"]["kind"] else m["target"]["name"]: m["executable"] for m in made}
        return code, found or said

    def tests(self):
        """Builds all tests."""
        code, made = self.programs()
        if code != 0:
            sys.exit(f"the tests do not compile:\n{made}")
        return made

    def libraries(self, build):
        """The shared library and the stand-in, as `make lib` lays them out."""
        for arguments in [
            ["rustc", "--lib", "--crate-type", "cdylib", "--features", "dist"],
            ["build", "-p", "standin"],
        ]:
            code, _, said = self.cargo(*arguments)
            if code != 0:
                sys.exit(f"cargo {' '.join(arguments)} failed:\n{said}")
        made = self.folder.parent / "target/debug"
        for folder in ["lib", "bin"]:
            (build / folder).mkdir(parents=True, exist_ok=True)
        for name in ["libropc.so", "libropc.so.0"]:
            shutil.copy(made / "libropc.so", build / "lib" / name)
        shutil.copy(made / "standin", build / "bin/standin")
