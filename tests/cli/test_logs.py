from __future__ import annotations

import logging
import re
import sys
from typing import Any

import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.cli.logs import configure_logs

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.lists(st.text(), max_size=2), st.text()
)
KEYS = st.text("abcxyz_", min_size=1, max_size=6)


@pytest.fixture(autouse=True)
def _reset() -> Any:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@given(
    st.sampled_from(["debug", "info", "warning", "error", "critical"]),
    st.text(min_size=1),
    st.dictionaries(KEYS, VALUES),
)
@example(
    "info", "polled", {"source": "s 1", "outcome": "a=b", "status": 304, "ms": 1.5, "title": 'it\'s "x"'}
)
@example("info", "ends in spaces  ", {})
@example("error", "broke off", {"exception": "Traceback\n  x"})
def test_a_line_is_what_structlog_would_write_without_colours(
    level: str, said: str, told: dict[str, Any]
) -> None:
    configure_logs(logging.DEBUG)
    line = structlog.get_config()["processors"][-1]
    event = {"event": said, "level": level, "timestamp": "23:59:59", **told}
    usual = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    assert line(None, level, dict(event)) == usual(None, level, dict(event))


def test_a_line_has_its_time_its_level_and_what_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    log = structlog.get_logger()
    log.info("polled", source="s1", title="two\nlines \x1b[2J")
    try:
        raise ValueError("bad\nnews")
    except ValueError:
        log.exception("broke off", source="s1")
    first, second, *traceback = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d \[info     \] polled source=s1 title='two lines  \[2J'", first)
    assert re.fullmatch(r"\d\d:\d\d:\d\d \[error    \] broke off source=s1", second)
    assert (traceback[0], traceback[-2:]) == (
        "Traceback (most recent call last):",
        ["ValueError: bad", "news"],
    )


def test_lines_for_collectors_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(json_lines=True)
    structlog.get_logger().info("polled", title="头条")
    line = capsys.readouterr().err
    assert '"title": "头条"' in line
    assert re.search(r'"timestamp": "\d{4}-\d\d-\d\dT[\d:.]+Z"', line)


def test_people_at_a_terminal_see_colours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    configure_logs()
    structlog.get_logger().info("polled", source="s1")
    assert "\x1b[" in capsys.readouterr().err
