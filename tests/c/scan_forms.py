"""The forms in which a secret could be left in memory, and how they are found
there."""

import base64
import json
import re
import secrets
import urllib.parse
from collections import Counter

# Every secret here begins and ends the same, with characters that the encodings
# change: so a few searches find all of them, and pieces of them too.
HARD = ('Canary"\\é %/&=', '=&/% é\\"yranaC')
EASY = ("Canary/+=~.-", "-.~=+/yranaC")

# So much of a form is looked for first.
HEAD = 12


def middle():
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
    return "".join(secrets.choice(letters) for _ in range(30))


def hard_secret():
    """As passwords may be, which people choose."""
    return middle().join(HARD)


def easy_secret():
    """As tokens are: visible ASCII."""
    return middle().join(EASY)


def inside_base64(data):
    """What any base64 of any text around `data` must contain: at each of the
    three alignments, the characters that depend on nothing but `data`."""
    for before in range(3):
        full = base64.b64encode(bytes(before) + data)
        yield full[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6]


def forms(secret):
    """Name and bytes of each form `secret`, text or bytes, could be left in."""
    if isinstance(secret, bytes):
        found = {"plain": secret, "reversed": secret[::-1]}
    else:
        plain, quote = secret.encode(), urllib.parse.quote
        in_ascii = json.dumps(secret)[1:-1]
        upper, form = quote(secret, safe=""), urllib.parse.quote_plus(secret, safe="")
        found = {
            "plain": plain,
            "JSON": json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
            "JSON, slashes escaped": json.dumps(secret, ensure_ascii=False)[1:-1].replace("/", "\\/").encode(),
            "JSON, ASCII": in_ascii.encode(),
            "JSON of JSON": json.dumps(json.dumps(secret, ensure_ascii=False)[1:-1], ensure_ascii=False)[1:-1].encode(),
            "percent": upper.encode(),
            "percent, lower case": re.sub("%..", lambda code: code[0].lower(), upper).encode(),
            "form": form.encode(),
            "UTF-16": secret.encode("utf-16-le"),
            "reversed": plain[::-1],
        }
        for at, text in enumerate(inside_base64(form.encode())):
            found[f"form, then base64, {at}"] = text
    whole = found["plain"]
    found |= {"hex": whole.hex().encode(), "hex, upper case": whole.hex().upper().encode()}
    for at, text in enumerate(inside_base64(whole)):
        found[f"base64, {at}"] = text
        found[f"base64url, {at}"] = text.translate(bytes.maketrans(b"+/", b"-_"))
    # A form that equals another one is counted once.
    return {name: text for name, text in found.items() if list(found.values()).index(text) == list(found).index(name)}


class Wanted:
    """What is looked for: secrets by their names."""

    def __init__(self):
        self.heads = {}

    def add(self, name, secret):
        """One more. Its name and a form's make the key of a count."""
        for form, text in forms(secret).items():
            self.heads.setdefault(text[:HEAD], []).append((f"{name}, {form}", text))

    def count(self, blocks):
        """How often each is in `blocks`, those that are not there left out.
        "a piece" is what begins like one and is none."""
        counts = Counter()
        for block in blocks:
            for head, texts in self.heads.items():
                at = block.find(head)
                while at >= 0:
                    there = [key for key, text in texts if block.startswith(text, at)]
                    counts.update(there or ["a piece"])
                    at = block.find(head, at + 1)
        return counts
