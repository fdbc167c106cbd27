from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli import main
from tests.support.threaded import threaded_web
from tests.support.web import Web

Run = Callable[..., Result]


@pytest.fixture
def web() -> Iterator[Web]:
    with threaded_web() as web:
        yield web


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AGGREGATOR_CONFIG", raising=False)

    def run(*arguments: str, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, catch_exceptions=False)

    return run


@pytest.fixture
def configured(tmp_path: Path, web: Web) -> Path:
    """A feeds.yaml with one source of the web."""
    (tmp_path / "feeds.yaml").write_text(
        f"""\
site: {{title: 晨报, language: zh-CN, timezone: Asia/Shanghai}}
defaults: {{allow_private: 127.0.0.0/8}}
sources:
  # the one that matters
  - {{id: morning, url: "{web.url("/feed")}", section: 国际}}
sections:
  - {{id: world, title: 国际}}
""",
        encoding="utf-8",
    )
    return tmp_path
