"""A fresh feeds.yaml for ``init``: short, commented, and sound as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import Template

from aggregator.config.edit import NewSource, add_sources, literal, one_line

_TEXT = Template("""\
# What to read, and what to publish from it. `aggregator check` looks it over and names the line of a fault;
# a running `aggregator run` takes changes in by itself. All keys: docs/configuration.md
version: 1

site:
  title: $title
  language: $language
  # Of dates that name no zone; an IANA name, as Asia/Shanghai.
  timezone: $timezone
$base_url

# What holds for every source. Any of it may also stand in a source, and wins there.
defaults:
  interval: 15m                # how often to ask; a publisher who asks for more patience gets it
  # first_fetch: {max_items: 20}        # how much of a new source's past is taken in
  # allow_private: [192.168.0.0/16]     # networks of your own that sources may lie in; none by default

# A bare address is a source; so is a map with more keys:
#   - {url: https://example.org/news.xml, name: Example, section: World, interval: 1h}
#   - {url: https://example.org/world/, type: page, section: World}      # a listing page without a feed
sources:
$sections
output:
  dir: var/public              # any web server can serve this folder

storage:
  url: sqlite:///var/aggregator.db

server:
  listen: 127.0.0.1:8000
  token: "$${AGGREGATOR_TOKEN:-}"      # when set, /status and /metrics ask for it
""")

_NO_BASE = "  # base_url: https://news.example.org     # where readers find the paper, once it has an address"
_NO_SECTIONS = """\

# Without this list there is one section for each that the sources name, and `all`.
# sections:
#   - {id: world, title: World, limit: 50, max_age: 7d}
#   - {id: all, title: Everything, include: ["*"], max_per_source: 10}
"""
_SECTIONS = """\

# What is published, a feed and a page each. Articles go where their source, breadcrumb or category names the
# section by id, title or one of `include`; "*" takes every article.
sections:
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSection:
    """A section to write down."""

    id: str
    title: str
    include: tuple[str, ...] = ()


def new_config(
    sources: Sequence[NewSource] = (),
    sections: Sequence[NewSection] = (),
    *,
    title: str = "My newspaper",
    language: str = "en",
    timezone: str = "UTC",
    base_url: str | None = None,
) -> str:
    """The text of a new feeds.yaml. Without ``sections`` they follow from what the sources name."""
    text = _TEXT.substitute(
        title=one_line(literal(title)),
        language=one_line(literal(language)),
        timezone=one_line(literal(timezone)),
        base_url=f"  base_url: {one_line(literal(base_url))}" if base_url else _NO_BASE,
        sections=_section_lines(sections),
    )
    return add_sources(text, sources)


def _section_lines(sections: Sequence[NewSection]) -> str:
    if not sections:
        return _NO_SECTIONS
    return _SECTIONS + "".join(f"  - {one_line(_section(section))}\n" for section in sections)


def _section(section: NewSection) -> dict[str, object]:
    include = {"include": list(map(literal, section.include))} if section.include else {}
    return {"id": section.id, "title": literal(section.title), **include}
