"""The mutants that cargo-mutants lists, named without line numbers."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EXPLAINED = HERE / "explained.toml"


def around(root, mutant):
    """The function a mutant is in; its line, where it is in none."""
    span = (mutant["function"] or mutant)["span"]
    lines = (root / mutant["file"]).read_text(encoding="utf-8").split("\n")
    return "\n".join(line.strip() for line in lines[span["start"]["line"] - 1 : span["end"]["line"]])


def mutants(root):
    """All mutants of the product's code, each with a name of its own and a number."""
    command = ["cargo", "mutants", "--list", "--json", "--diff", "--no-config", "--file", "src/**"]
    done = subprocess.run(command, cwd=root, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"cargo mutants lists nothing:\n{done.stderr}")
    classes = [one for one in tomllib.loads(EXPLAINED.read_text())["class"] if one.get("skip")]
    found = [one for one in json.loads(done.stdout) if not any(re.search(c["match"], one["name"]) for c in classes)]
    for mutant in found:
        mutant["name"] = f"{mutant['file']}: {mutant['name'].split(': ', 1)[1]}"
    total, seen = Counter(mutant["name"] for mutant in found), Counter()
    for number, mutant in enumerate(found):
        name = mutant["name"]
        seen[name] += 1
        if total[name] > 1:
            mutant["name"] = f"{name} ({seen[name]} of {total[name]})"
        mutant["number"] = number
        mutant["text"] = around(root, mutant)
        mutant["stamp"] = hashlib.sha256(mutant["text"].encode()).hexdigest()[:8]
    return found


def explanation(name):
    """Why a mutant may survive; None when nothing says so."""
    data = tomllib.loads(EXPLAINED.read_text())
    for one in data["class"]:
        if re.search(one["match"], name):
            return one["reason"]
    return data["explained"].get(name)


def first(file):
    """The programs that look at a file, the most likely first."""
    data = tomllib.loads(EXPLAINED.read_text())
    return next((programs for prefix, programs in data["first"].items() if file.startswith(prefix)), [])
