"""What the tests share: a stand-in server, and a line for each test."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests/c"), str(ROOT / "tests"), str(ROOT / "bindings")]
for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"):
    os.environ.pop(name, None)  # Not for loopback.
# Whoever starts tests in the background may have it ignored, and programs inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

from harness import Standin  # noqa: E402
from world import World  # noqa: E402


@pytest.fixture(scope="session")
def standin() -> Iterator[Any]:
    with Standin(ROOT / "build") as running:
        yield running


@pytest.fixture
def world(standin: Any) -> World:
    standin.ask("requests")
    return World(standin)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # -p no:terminal leaves the telling to this.
    place = report.nodeid.rpartition("/")[2].replace(".py::", ": ")
    if report.failed:
        why = getattr(report.longrepr, "reprcrash", None)
        print(f"FAIL {place}: {getattr(why, 'message', report.when)}\n{report.longreprtext}", flush=True)
    elif report.when == "call":
        print(f"ok   {place} ({report.duration:.1f} s)", flush=True)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        print(f"FAIL {report.nodeid}: cannot be loaded\n{report.longreprtext}", flush=True)
