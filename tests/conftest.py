"""What every suite shares: the corpus option of the benchmarks."""

from __future__ import annotations

import asyncio
import os
import re
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from aggregator import extras
from aggregator.loop import new_event_loop

# A loaded machine is slow now and then, which is no fault; and what CI finds must not depend on the dice.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

# As the program has it: the tracebacks that structlog would draw, with all that the frames hold, take seconds.
_draw = structlog.get_config()["processors"]
structlog.configure(processors=[*_draw[:-1], structlog.processors.format_exc_info, _draw[-1]])

#: Begins what is packed, its time included (RFC 1952 §2.3.1).
GZIP = re.compile(rb"\x1f\x8b.{6}", re.DOTALL)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--corpus", type=Path, default=None, help="folder of real feeds and pages that benchmarks measure on"
    )


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests run on the loop that the program runs on."""
    return {"libuv": new_event_loop}


def pytest_make_parametrize_id(val: object) -> str | None:
    """Names are the same in every process, or workers could not share the tests: packed bytes tell when they were packed."""
    if isinstance(val, bytes) and GZIP.search(val):
        return f"packed {zlib.crc32(GZIP.sub(b'', val)):08x}"
    return None


@pytest.fixture(scope="session")
def corpus(pytestconfig: pytest.Config) -> Path:
    """The corpus folder; a benchmark that asks for it is skipped where none is named."""
    folder: Path | None = pytestconfig.getoption("--corpus")
    if folder is None:
        pytest.skip("measures on a corpus: name its folder with --corpus DIR")
    if not folder.is_dir():
        pytest.fail(f"--corpus {folder}: no such folder")
    return folder


@pytest.fixture(autouse=True)
def without_extras(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests mean the same whether or not the extra is installed here; a module with ``WITH_EXTRAS`` asks for it."""
    if not getattr(request.module, "WITH_EXTRAS", False):
        monkeypatch.setattr(extras, "semantic_encoder", lambda: None)
