"""Log lines on standard error: short for people, JSON for collectors. Control characters never reach a terminal."""

from __future__ import annotations

import logging
import re
import sys
import time
from typing import Any

import structlog

#: Of the longest name of a level.
_WIDTH = len("exception")
_AMBIGUOUS = re.compile(r"[ \t=\r\n\"']")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]|\n|\t")


def _harmless(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A title or an address from outside must not forge a line or move the cursor."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception":
            event[key] = _CONTROL.sub(" ", value)
    return event


def _moment(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event["timestamp"] = time.strftime("%H:%M:%S")
    return event


def _line(_: Any, __: str, event: structlog.typing.EventDict) -> str:
    """What ConsoleRenderer writes where there are no colours, in a sixth of the time: every poll leaves a line."""
    exception = event.pop("exception", None)
    words = [event.pop("timestamp"), f"[{event.pop('level'):{_WIDTH}}]", str(event.pop("event"))]
    words += [f"{key}={_shown(event[key])}" for key in sorted(event)]
    return " ".join(words).rstrip(" ") + (f"\n{exception}" if exception is not None else "")


def _shown(value: object) -> str:
    if isinstance(value, str):
        return repr(value) if _AMBIGUOUS.search(value) else value
    return repr(value)


def configure_logs(level: int = logging.INFO, *, json_lines: bool = False) -> None:
    """Set up structlog for the process."""
    stamp: structlog.typing.Processor = _moment
    render: structlog.typing.Processor = _line
    if json_lines:
        stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
        render = structlog.processors.JSONRenderer(ensure_ascii=False)
    elif sys.stderr.isatty():
        render = structlog.dev.ConsoleRenderer(colors=True, pad_event_to=0)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            stamp,
            structlog.processors.format_exc_info,
            _harmless,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s", force=True)
