"""Where the instructions of a login go: what callgrind counted, by the crate or the
library whose function it was in, with what the compiler inlined there."""

import re
from collections import Counter
from pathlib import Path

# Part of a function's name, and whose it is; the first that fits.
OWNERS = {
    "ureq_proto::": "ureq, ureq-proto",
    "ureq::": "ureq, ureq-proto",
    "httparse::": "httparse",
    "serde_json::": "serde_json",
    "http::": "http: header maps, URLs",
    "bytes::": "http: header maps, URLs",
    "rustls::": "rustls",
    "ring": "ring",
    "webpki::": "rustls",
    "wipe": "overwriting, memset",
    "Wiping": "overwriting, memset",
    "memset": "overwriting, memset",
    "malloc": "malloc, free",
    "_int_free": "malloc, free",
    "free": "malloc, free",
    "ropc": "ropc",
}
LIBRARIES = {"libcurl": "libcurl", "libcrypto": "OpenSSL", "libssl": "OpenSSL", "libcjson": "cJSON", "libc.so": "libc"}


def owner(function, library):
    """Whose a function is: by its library if that is C, else by its name."""
    for name, whose in LIBRARIES.items():
        if name in library and (name != "libc.so" or not re.search("memset|malloc|free", function)):
            return whose
    whose = next((whose for name, whose in OWNERS.items() if name in function), None)
    # ring's assembly has names of its own; what is left are Rust's own libraries.
    ring = re.match(r"_?(aes|gcm|gf|sha|ecp|x25519|fiat|bn_|p256)", function)
    return whose or ("ring" if ring else "core, alloc, std")


def by_owner(path):
    """Instructions by owner, out of the file that callgrind wrote."""
    names, found = {}, Counter()
    function = library = ""
    called = False
    for line in Path(path).read_text().splitlines():
        told = re.match(r"(ob|fn|cob|cfn)=\((\d+)\)(?: (.*))?$", line)
        if told:
            kind, number, name = told.groups()
            # Numbers stand for names that were told once; called ones share them.
            key = (kind[-2:], number)
            names[key] = name or names[key]
            library = names[key] if kind == "ob" else library
            function = names[key] if kind == "fn" else function
        elif line.startswith("calls="):
            called = True
        elif re.match(r"[\d+*-]", line):
            # The line after a call has what the called function took: it counts there.
            found[owner(function, library)] += 0 if called else int(line.split()[1])
            called = False
    return found
