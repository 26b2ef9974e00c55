"""What became of each mutant, as tests/mutants/results.json keeps it."""

import json

WORDS = {
    "u": "killed by a unit test",
    "i": "killed by an integration test",
    "c": "killed by a C program",
    "t": "killed: a test did not end",
    "n": "does not compile",
    "o": "not in the product on this system",
    "m": "SURVIVED",
    "s": "SURVIVED the unit tests, no more were run",
    "r": "SURVIVED the unit tests and some others",
    ".": "not run",
}
SURVIVED = "msr"


class Results:
    """What became of each mutant: a letter for each, by file and function, with
    a hash of the function's text. A changed function is tried anew."""

    def __init__(self, mutants, path):
        self.path = path
        self.mutants = mutants
        old = json.loads(path.read_text()) if path.exists() else {}
        self.kept = {(file, name) for file, functions in old.items() for name in functions}
        self.letters = {}
        for key, group in self.functions().items():
            stamp, letters = old.get(key[0], {}).get(key[1], ("", ""))
            known = stamp == group[0]["stamp"] and len(letters) == len(group)
            for mutant, letter in zip(group, letters if known else "." * len(group)):
                self.letters[mutant["number"]] = letter

    def functions(self):
        found = {}
        for mutant in self.mutants:
            function = mutant["function"]
            name = f"{function['function_name']} {mutant['stamp']}" if function else f"- {mutant['stamp']}"
            found.setdefault((mutant["file"], name.split()[0]), []).append(mutant)
        # Functions of one name, and constants, are told apart by their text.
        split = {}
        for (file, name), group in found.items():
            stamps = list(dict.fromkeys(mutant["stamp"] for mutant in group))
            for number, stamp in enumerate(stamps):
                key = name if number == 0 else f"{name} {number + 1}"
                split[file, key] = [mutant for mutant in group if mutant["stamp"] == stamp]
        return split

    def save(self):
        data = {}
        for (file, name), group in self.functions().items():
            letters = "".join(self.letters[mutant["number"]] for mutant in group)
            data.setdefault(file, {})[name] = [group[0]["stamp"], letters]
        lines = []
        for file, functions in sorted(data.items()):
            inside = ",\n  ".join(f"{json.dumps(name)}: {json.dumps(one)}" for name, one in functions.items())
            lines.append(f"{json.dumps(file)}: {{\n  {inside}\n}}")
        self.path.write_text("{" + ",\n".join(lines) + "}\n")
