"""Puts all mutants of the library into one copy of it, each behind a switch.

cargo-mutants lists them, with the place of each. What it does by editing the
source and building anew, a switch does while the program runs: `a < b` becomes

    match (&(a), &(b)) { (l, r) => if on(7) { *l > *r } else { *l < *r } }

and so one build serves all. What cannot be switched (a constant, a mutant that
does not compile) is told apart by the compiler: see `Copy.switch` in build.py.
"""

import re
from collections import defaultdict

import tree_sitter
import tree_sitter_rust

LANGUAGE = tree_sitter.Language(tree_sitter_rust.language())
COMPARES = {"==", "!=", "<", "<=", ">", ">="}
MARK = re.compile(rb"/\*([<\[])(\d+)\*/|/\*([>\]])\*/")


def on(number):
    return f"crate::mutant::on({number})"


def byte_of(source, place):
    """The offset of a line and column, which count from 1 and in characters."""
    lines = source.split(b"\n")
    before = sum(len(line) + 1 for line in lines[: place["line"] - 1])
    return before + len(lines[place["line"] - 1].decode()[: place["column"] - 1].encode())


class File:
    """One source with the mutants in it."""

    def __init__(self, source, mutants):
        self.source = source
        self.tree = tree_sitter.Parser(LANGUAGE).parse(source)
        # By the node that is rewritten: its mutants, as cargo-mutants lists them.
        self.sites = defaultdict(list)
        self.lost = []
        for mutant in mutants:
            start, end = (byte_of(source, mutant["span"][which]) for which in ["start", "end"])
            node = self.site(mutant, start, end)
            if node is None:
                self.lost.append(mutant)
            else:
                self.sites[node.id].append(mutant)

    def site(self, mutant, start, end):
        """The node a mutant changes, or None when there is no switch for it."""
        node = self.tree.root_node.descendant_for_byte_range(start, end)
        wanted = {
            "FnValue": "function_item",
            "BinaryOperator": ("binary_expression", "compound_assignment_expr"),
            "UnaryOperator": "unary_expression",
            "MatchArm": "match_arm",
            "MatchArmGuard": "match_arm",
        }.get(mutant["genre"], ())
        while node is not None and node.type not in wanted:
            node = node.parent
        if node is None:
            return None
        operator = node.child_by_field_name("operator")
        if operator is not None and operator.start_byte != start:
            return None
        return None if self.fixed(node) else node

    @staticmethod
    def fixed(node):
        """Whether nothing can be chosen there: in a constant, where the type
        that is returned has no name, and for an arm that takes all."""
        if node.type == "match_arm":
            pattern = node.child_by_field_name("pattern").children[0]
            if pattern.text == b"_" or (pattern.type == "identifier" and pattern.text.islower()):
                return True
        if node.type == "function_item":
            returned = node.child_by_field_name("return_type")
            if returned is not None and returned.text.startswith(b"impl "):
                return True
        while node is not None:
            if node.type in ("const_item", "static_item"):
                return True
            if any(child.type == "function_modifiers" and b"const" in child.text for child in node.children):
                return True
            node = node.parent
        return False

    def text(self, start, end):
        return self.source[start:end].decode()

    def render(self, node):
        """The source of a node, with the switches in it."""
        mutants = self.sites.get(node.id)
        if not mutants:
            return self.inside(node)
        changed = getattr(self, node.type)(node, mutants)
        first = mutants[0]["number"]
        return changed if node.type in ("match_arm", "function_item") else f"/*[{first}*/{changed}/*]*/"

    def inside(self, node, replaced=()):
        """The source of a node, its children rendered; some by what is given."""
        replaced = dict(replaced)
        parts, at = [], node.start_byte
        for child in node.children:
            parts.append(self.text(at, child.start_byte))
            parts.append(replaced[child.id] if child.id in replaced else self.render(child))
            at = child.end_byte
        return "".join(parts) + self.text(at, node.end_byte)

    @staticmethod
    def choose(mutants, instead, original):
        """A chain of ifs, the original last; what a mutant does is marked."""
        chain = "".join(f"if {on(m['number'])} {{ /*<{m['number']}*/{instead(m)}/*>*/ }} else " for m in mutants)
        return f"{chain}{{ {original} }}"

    def binary_expression(self, node, mutants):
        left, right = (self.render(node.child_by_field_name(side)) for side in ["left", "right"])
        operator = node.child_by_field_name("operator").text.decode()
        replaced = [mutant["replacement"] for mutant in mutants]
        if operator in ("&&", "||"):
            # As De Morgan says: neither side is there twice.
            assert len(replaced) == 1
            flip = f"{on(mutants[0]['number'])} ^ "
            return f"({flip}(({flip}({left})) {operator} ({flip}({right}))))"
        if operator in COMPARES:
            chosen = self.choose(mutants, lambda m: f"*__l {m['replacement']} *__r", f"*__l {operator} *__r")
            return f"(match (&({left}), &({right})) {{ (__l, __r) => {chosen} }})"
        chosen = self.choose(mutants, lambda m: f"__l {m['replacement']} __r", f"__l {operator} __r")
        return f"(match (({left}), ({right})) {{ (__l, __r) => {chosen} }})"

    def compound_assignment_expr(self, node, mutants):
        left, right = (self.render(node.child_by_field_name(side)) for side in ["left", "right"])
        operator = node.child_by_field_name("operator").text.decode()
        chosen = self.choose(mutants, lambda m: f"{left} {m['replacement']} ({right})", f"{left} {operator} ({right})")
        return f"{{ {chosen} }}"

    def unary_expression(self, node, mutants):
        operator, operand = node.children[0].text.decode(), self.render(node.children[-1])
        return f"(match ({operand}) {{ __v => {self.choose(mutants, lambda _: '__v', f'{operator}__v')} }})"

    def match_arm(self, node, mutants):
        pattern = node.child_by_field_name("pattern")
        condition = pattern.child_by_field_name("condition")
        first = mutants[0]["number"]
        guard = f"({self.render(condition)})" if condition else "true"
        for mutant in mutants:
            number, genre, replacement = mutant["number"], mutant["genre"], mutant["replacement"]
            if genre == "MatchArm":
                guard = f"(!{on(number)} && {guard})"
            elif replacement == "true":
                guard = f"({on(number)} || {guard})"
            else:
                guard = f"(!{on(number)} && {guard})"
        bare = pattern.children[0]
        new = f"{self.inside(bare)} if /*[{first}*/{guard}/*]*/"
        return self.inside(node, {pattern.id: new})

    def function_item(self, node, mutants):
        body = node.child_by_field_name("body")
        returns = "".join(
            f" if {on(m['number'])} {{ return /*<{m['number']}*/{m['replacement']}/*>*/; }}" for m in mutants
        )
        inside = self.inside(body)
        return self.inside(node, {body.id: f"{{{returns}{inside[1:]}"})

    def all(self):
        return self.render(self.tree.root_node)


def blamed(text, offset):
    """The mutant in whose code an offset lies, and whether it is the mutant's
    own code or only a place that has switches; None without one."""
    open_marks = []
    for mark in MARK.finditer(text):
        if mark.start() > offset:
            break
        if mark[3]:
            open_marks.pop()
        else:
            open_marks.append((int(mark[2]), mark[1] == b"<"))
    return open_marks[-1] if open_marks else None
