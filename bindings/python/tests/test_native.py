"""The generated file, and the library that is loaded."""

import ctypes
import inspect
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import interface
import ropc
import symbols
from ropc import _library, _native

GENERATE = Path(__file__).resolve().parents[1] / "generate.py"


def test_is_what_the_header_says() -> None:
    done = subprocess.run([sys.executable, str(GENERATE), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_structs_and_numbers_are_those_of_a_c_compiler() -> None:
    here: dict[str, str] = {}
    header = interface.read()
    for struct in header.structs:
        ours = getattr(_native, "".join(part.capitalize() for part in struct.name.split("_")[1:]) + "Struct")
        here[struct.name] = f"{ctypes.sizeof(ours)} bytes"
        for name, *_ in ours._fields_:
            place = getattr(ours, name)
            here[f"{struct.name}.{name}"] = f"{place.size} bytes at {place.offset}"
    classes = [one for one in vars(_native).values() if inspect.isclass(one) and issubclass(one, _native.Number)]
    members = {(type(member).__name__, member.name): member.value for one in classes for member in one}
    names = {"ropc_app": "AppKind", "ropc_secret": "SecretMethod", "ropc_log": "LogLevel", "ropc_hint": "TokenHint"}
    for enum in header.enums:
        kind = names.get(enum.name) or "".join(part.capitalize() for part in enum.name.split("_")[1:])
        for item in enum.items:
            found = [name for (k, name) in members if k == kind and item.name.endswith(f"_{name}")]
            assert found, f"{item.name} has no member"
            here[item.name] = str(members.pop((kind, max(found, key=len))))
    assert not members, "members that the header has not"
    assert here == symbols.described()


def test_declares_every_function() -> None:
    declared = {f"ropc_{name}" for name in vars(_library.lib)}
    assert declared == {one.name for one in interface.read().functions}


def test_every_function_is_used_or_has_a_reason() -> None:
    sources = Path(_library.__file__).parent.glob("*.py")
    text = "".join(path.read_text(encoding="utf-8") for path in sources if path.name != "_native.py")
    unused = {name for name in vars(_library.lib) if not re.search(rf"\blib\.{name}\b", text)}
    requests = {name.removeprefix("request_") for name in vars(_library.lib) if name.startswith("request_")}
    # As README.md says: what a request replaces, what has a twin with lengths, names that the enums have.
    replaced = (requests | {"client_connect"}) & set(vars(_library.lib))
    named = {"request_login", "request_session_login", "status_name", "reason_name"}
    assert unused - {"abi_check"} == replaced | named


def test_library_is_the_one_of_the_wheel_or_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ropc.version() == ropc.__version__ == _native.VERSION
    assert Path(ropc.library_path).exists()
    if Path(_library.__file__).with_name(_library.name()).exists():
        assert Path(ropc.library_path).parent == Path(_library.__file__).parent
    monkeypatch.setenv("ROPC_LIBRARY", "/somewhere/libropc.so.0")
    monkeypatch.setattr(_library, "__file__", "/nowhere/_library.py")
    assert _library.place() == "/somewhere/libropc.so.0"
    monkeypatch.delenv("ROPC_LIBRARY")
    assert _library.place() == _library.name()


def test_library_that_cannot_be_used_is_an_import_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("/nowhere/libropc.so.0", "libc.so.6"):
        with pytest.raises(ImportError, match="make lib"):
            _library.load(path)
    monkeypatch.setattr(_library, "ABI", 999)
    with pytest.raises(ImportError, match="older"):
        _library.load(ropc.library_path)


def test_a_body_may_have_a_nul_inside() -> None:
    text = ctypes.create_string_buffer(b"a\0b")
    struct = _native.ResponseStruct(200, ctypes.addressof(text), 3, None)
    response = ropc.Response(_library.Owned(ctypes.pointer(struct), lambda _: None))
    assert (response.status, response.body, response.content_type) == (200, b"a\0b", None)


@pytest.mark.parametrize("kind", [ropc.Status, ropc.Reason, ropc.SessionState])
def test_unknown_numbers_are_numbers(kind: Any) -> None:
    unknown = kind(4711)
    assert unknown == 4711 and unknown is kind(4711) and isinstance(unknown, kind)
    assert str(unknown) == f"{kind.__name__}.UNKNOWN_4711" and f"{unknown:>5}" and unknown not in list(kind)
    assert pickle.loads(pickle.dumps(unknown)) is unknown
    with pytest.raises(ValueError):
        kind("no number")


def test_numbers_say_their_names() -> None:
    assert str(ropc.Reason.LOCKED) == f"{ropc.Reason.LOCKED}" == "Reason.LOCKED"
    for status in ropc.Status:
        assert _library.lib.status_name(status).decode().endswith(status.name)
    for reason in ropc.Reason:
        assert _library.lib.reason_name(reason).decode().endswith(reason.name)
    assert ropc.advice(ropc.Reason.LOCKED) and ropc.advice(4711) == ""


def test_everything_is_documented() -> None:
    for name in ropc.__all__:
        one = getattr(ropc, name)
        if inspect.isclass(one) or inspect.isfunction(one):
            assert one.__doc__, name
        if inspect.isclass(one) and one.__module__.startswith("ropc"):
            for method, what in vars(one).items():
                shown = inspect.isroutine(what) or isinstance(what, (classmethod, property))
                assert method.startswith("_") or not shown or inspect.getdoc(getattr(one, method)), f"{name}.{method}"
