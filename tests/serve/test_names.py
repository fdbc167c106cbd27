"""What the server answers itself is no section's: its names are reserved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aggregator.config.model import Server
from aggregator.config.reserved import RESERVED
from aggregator.serve.app import OwnPages, own_routes
from aggregator.serve.metrics import Metrics
from aggregator.serve.pages import Pages
from tests.serve.making import FakeFacts, a_paper, client


def test_the_first_part_of_every_route_is_reserved() -> None:
    something: Any = object()
    pages = OwnPages(facts=FakeFacts(), token="", pages=Pages("", "en"), metrics=Metrics())
    routes = own_routes(
        pages, something, server=Server(), shelves=something, feeds=something, pictures=something
    )
    names = {route.path.strip("/").split("/")[0].split(".")[0] for route in routes}
    assert {"search", "tag", "image", "metrics"} <= names <= RESERVED.keys()


async def test_a_section_whose_name_only_begins_like_a_route_is_served(tmp_path: Path) -> None:
    for name in ("hubble", "searching", "statuses"):
        assert name not in RESERVED
        (a_paper(tmp_path) / f"{name}.atom").write_bytes(b"<feed/>")
        async with client(tmp_path) as asking:
            assert (await asking.get(f"/{name}.atom")).content == b"<feed/>"
