"""The library's log lines, in Python's logging."""

import logging

import pytest

import ropc
from world import LONG, PASSWORD, World


def test_log_lines_go_to_logging(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "ropc")
    client = ropc.Client(world.options().set_log(ropc.LogLevel.DEBUG))
    client.login("ada", PASSWORD)
    with pytest.raises(ropc.RefusedError):
        client.login("locked", PASSWORD)
    levels = {record.levelname for record in caplog.records if record.name == "ropc"}
    assert levels == {"DEBUG", "INFO", "ERROR"}, caplog.text
    session, seen = ropc.Session.login(client, "ada", PASSWORD), len(caplog.records)
    session.refresh(wait=LONG)
    assert any("refresh" in record.getMessage() for record in caplog.records[seen:])
    assert PASSWORD not in caplog.text
    client.pull_log()
    caplog.clear()
    quiet = world.client()
    quiet.login("ada", PASSWORD)
    assert not caplog.records


def test_a_log_handler_may_use_the_session(world: World) -> None:
    client = ropc.Client(world.options().set_log(ropc.LogLevel.INFO))
    session = ropc.Session.login(client, "ada", PASSWORD)
    lines: list[int] = []

    class Shipping(logging.Handler):
        depth = deepest = 0

        def emit(self, record: logging.LogRecord) -> None:
            self.depth += 1
            self.deepest = max(self.depth, self.deepest)
            if len(lines) < 20:
                lines.append(session.call("GET", world.echo).status)
            self.depth -= 1

    handler, logger = Shipping(), logging.getLogger("ropc")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        client.login("ada", PASSWORD)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert handler.deepest == 1 and lines == [200] * 20


def test_a_log_filter_that_raises_costs_no_result(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def raising(record: logging.LogRecord) -> bool:
        raise RuntimeError("the filter is broken")

    client, logger = ropc.Client(world.options().set_log(ropc.LogLevel.INFO)), logging.getLogger("ropc")
    logger.addFilter(raising)
    logger.setLevel(logging.INFO)
    try:
        assert client.login("ada", PASSWORD).access_token
    finally:
        logger.removeFilter(raising)
        logger.setLevel(logging.NOTSET)
    assert "the filter is broken" in capsys.readouterr().err
