"""Changes of a header, to see that those which break programs are found and
those which do not are let through.

Each is what is done, and a pattern that is in include/ropc.h once, with what
comes in its place. Those named after it are the ways of compare.py that see
nothing wrong: abidiff knows no macros and compares no names of fields, and to a
compiler size_t and uint64_t are the same where both have 64 bits.
"""

# The comment before a value or a field.
DOC = r"  /\*\*\n(?:   \*[^\n]*\n)+?   \*/\n"

BREAKING = [
    ("a function is removed", (r"ROPC_API ropc_status ropc_set_workers\(uint32_t most\);\n", "")),
    ("the type of a parameter changes", (r"ropc_set_workers\(uint32_t most\)", "ropc_set_workers(uint64_t most)")),
    ("the sign of a parameter changes", (r"ropc_set_workers\(uint32_t most\)", "ropc_set_workers(int32_t most)")),
    ("a parameter is added", (r"ropc_set_workers\(uint32_t most\)", "ropc_set_workers(uint32_t most, uint32_t least)")),
    ("a parameter is removed", (r"ropc_set_workers\(uint32_t most\)", "ropc_set_workers(void)")),
    ("a result changes", (r"uint32_t ropc_shutdown", "uint64_t ropc_shutdown")),
    ("what a callback returns changes", (r"typedef int32_t \(\*ropc_save_fn\)", "typedef int64_t (*ropc_save_fn)")),
    ("a value is given another number", (r"ROPC_E_TLS = 22,", "ROPC_E_TLS = 27,")),
    ("a value is removed", (rf"{DOC}  ROPC_HINT_REFRESH = 2,\n", "")),
    ("a field comes in the middle", (r"  const char \*id_token;", "  int64_t other;\n  const char *id_token;")),
    ("a field comes first", (r"(typedef struct \{\n)((?:(?!\n\}).)*\n\} ropc_tokens;)", r"\1  int64_t other;\n\2")),
    ("the type of a field changes, not its size", (r"  int64_t provider_code;", "  uint64_t provider_code;")),
    ("a field shrinks", (r"  int64_t locked_until_at;", "  int32_t locked_until_at;")),
    ("a struct shrinks", (rf"{DOC}  int64_t server_date_at;\n\}} ropc_tokens;", "} ropc_tokens;")),
    ("a field is called otherwise", (r"  const char \*provider_message;", "  const char *provider_text;"), "abidiff"),
    ("a constant changes", (r"#define ROPC_MAX_SECRET 65536", "#define ROPC_MAX_SECRET 131072"), "abidiff"),
    ("a constant is removed", (r"#define ROPC_MAX_SECRET 65536\n", ""), "abidiff"),
    ("a size becomes a number", (r"size_t body_len;", "uint64_t body_len;"), "compiler", "abidiff"),
]
# What a program notices that was compiled for it.
HARMFUL = "a field comes first"
GROWING = [
    ("a function is added", (r"(ROPC_API void ropc_error_free)", r"ROPC_API void ropc_new(void);\n\n\1")),
    ("a value is added", (r"  ROPC_HINT_REFRESH = 2,\n", "  ROPC_HINT_REFRESH = 2,\n  ROPC_HINT_NEW = 3,\n")),
    ("a value is added in between", (r"  ROPC_E_TLS = 22,\n", "  ROPC_E_TLS = 22,\n  ROPC_E_NEW = 29,\n")),
    ("a field is added at the end", (r"\n\} ropc_error;", "\n  int64_t newer;\n} ropc_error;")),
    ("a field is added at another end", (r"\n\} ropc_token;", "\n  const char *newer;\n} ropc_token;")),
    ("a constant is added", (r"(#define ROPC_MAX_SECRET 65536\n)", r"\1#define ROPC_MAX_NEW 1\n")),
    ("ROPC_ABI is raised", (r"#define ROPC_ABI 1\n", "#define ROPC_ABI 2\n")),
]
# Lines of tests/symbols.txt; None removes one.
LISTED = {
    "a name is removed": {"ropc_login": None},
    "a number is another": {"ROPC_E_TLS": (1, "27")},
    "a field is elsewhere": {"ropc_error.message": (1, "8 bytes at 64")},
    "a field has another size": {"ropc_error.http_status": (1, "8 bytes at 12")},
    "a struct shrinks": {"ropc_error": (1, "88 bytes")},
    "a name is older than it was": {"ropc_login": (2, "function")},
    "a new name has the number of an old interface": {"ropc_new": (1, "function")},
}
