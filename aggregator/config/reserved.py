"""Names beside the sections' in the published folder and on the server: no section may have one as its id."""

from __future__ import annotations

from collections.abc import Mapping

#: By name: what is there. One line for each first part of a path that is published or answered.
RESERVED: Mapping[str, str] = {
    "index": "the front page",
    "feeds": "the list of all feeds",
    "status": "the state of the sources",
    "assets": "the style of the pages",
    "favicon": "the icon of the paper",
    "robots": "what is said to robots",
    "a": "the pages of articles",
    "story": "the pages of stories",
    "i": "pictures that are kept",
    "image": "pictures that are fetched for readers",
    "search": "the search and its feeds",
    "tag": "the feeds of tags",
    "source": "the feeds of sources",
    "author": "the feeds of authors",
    "hub": "the paper's own hub",
    "websub": "where hubs push",
    "healthz": "what supervisors ask",
    "readyz": "what supervisors ask",
    "metrics": "the numbers for Prometheus",
}
