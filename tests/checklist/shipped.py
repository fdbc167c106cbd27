"""The shipped program in a process of its own: YAML in; requests, ``status --json`` and published files out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import feedparser

from tests.support.process import Process, aggregator

HEAD = """
defaults: {{allow_private: 127.0.0.0/8, interval: {{base: 2s, min: 1s, max: 1h, adaptive: no}}{more}}}
server: {{listen: "127.0.0.1:0"}}
"""


def configuration(*sources: str, more: str = "") -> str:
    """A source for each address or flow map; ``more`` goes on in ``defaults``, beginning with a comma."""
    lines = [HEAD.format(more=more), "sources:"]
    lines += [f"  - {source if source.startswith('{') else f'{{url: {source!r}}}'}" for source in sources]
    return "\n".join([*lines, "sections:", "  - {id: world, title: World, include: ['*']}", ""])


@dataclass(frozen=True, slots=True)
class Shipped:
    """A folder with a feeds.yaml in it, and the command beside it."""

    folder: Path

    def configure(self, text: str) -> None:
        """Written as an editor does: whole, in one step."""
        draft = self.folder / "feeds.yaml.new"
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.folder / "feeds.yaml")

    @contextmanager
    def running(self) -> Iterator[Process]:
        """The daemon, up and listening."""
        with Process("run", folder=self.folder) as daemon:
            daemon.said(r": http://127\.0\.0\.1:\d+/$")
            yield daemon

    def status(self) -> dict[str, dict[str, Any]]:
        """The rows of ``status --json`` by source."""
        done = aggregator("status", "--json", folder=self.folder, check=True)
        return {row["source"]: row for row in json.loads(done.stdout)}

    def articles(self) -> list[dict[str, Any]]:
        done = aggregator("articles", "--json", folder=self.folder, check=True)
        articles: list[dict[str, Any]] = json.loads(done.stdout)
        return articles

    def published(self) -> list[str]:
        """The titles in the published feed, each as often as it stands there."""
        document = (self.folder / "var" / "public" / "world.atom").read_bytes()
        return [entry.title for entry in feedparser.parse(document).entries]


def cpu_seconds(pid: int) -> float:
    """Of a process, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> int:
    """Bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
