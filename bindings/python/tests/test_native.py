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
from ropc._handles import Handle
from world import PASSWORD, World

# What the package does not call, and why.
REPLACED = "it blocks, and would not see Ctrl-C: the package runs the request that does the same"
NAMED = "the enums have names"
LENGTHS = "the one with lengths takes every name and password"
NOT_BOUND = {
    **dict.fromkeys(("login", "login_n", "session_login", "session_login_n", "session_new"), REPLACED),
    **dict.fromkeys(("client_connect", "grant", "refresh"), REPLACED),
    **dict.fromkeys(("revoke", "userinfo", "profile", "validate", "invalidate"), REPLACED),
    **dict.fromkeys(("verify_id_token", "discover", "session_sign_out", "session_call"), REPLACED),
    **dict.fromkeys(("request_login", "request_session_login"), LENGTHS),
    **dict.fromkeys(("status_name", "reason_name"), NAMED),
    "abi_check": "called before the signatures are there, when the library is loaded",
}
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
    for enum in header.enums:
        kind = "".join(part.capitalize() for part in enum.host_name.split("_")[1:])
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
    functions = {one.name.removeprefix("ropc_") for one in interface.read().functions}
    used = {name for name in functions if re.search(rf"\blib\.{name}\b", text)}
    assert functions - used == set(NOT_BOUND)


def test_a_handle_of_another_kind_is_refused(world: World) -> None:
    client, options, store = world.client(), world.options(), ropc.HostStore()
    tokens = client.login("ada", PASSWORD)
    session = ropc.Session.new(client, tokens, None, "ada")
    request, response = client.request_connect(), session.call("GET", world.echo)
    handles: dict[str, Handle] = {
        "client": client, "options": options, "store": store, "session": session, "request": request,
        "tokens": tokens, "response": response,
    }  # fmt: skip
    tried = 0
    for function in interface.read().functions:
        kinds = getattr(_library.lib, function.name.removeprefix("ropc_")).argtypes
        for parameter, kind in zip(function.parameters, kinds):
            wanted = re.fullmatch(r"(?:const )?ropc_(\w+) \*", parameter.type)
            if wanted:
                for name, handle in handles.items():
                    if name == wanted[1]:
                        kind.from_param(handle._use())
                        continue
                    with pytest.raises(TypeError):
                        kind.from_param(handle._use())
                    tried += 1
    assert tried > 500


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


def test_a_server_may_not_tell_the_time() -> None:
    struct = _native.TokensStruct(received_at=7)
    tokens = ropc.Tokens(_library.Owned(ctypes.pointer(struct), lambda _: None))
    assert tokens.server_date_at is None and tokens.received_at.timestamp() == 7


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
    assert f"{ropc.Reason.LOCKED:d} {ropc.Reason.LOCKED:>13}" == "82 Reason.LOCKED"
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
