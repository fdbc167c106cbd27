"""/tag/NAME.atom, /source/ID.rss, /author/NAME: what people guess leads to the one address of the question.

One address has one feed id, one validator and one place among the answers that are kept; readers that are led on for
good write the new address down.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.publish.heads import FEED_TYPES
from aggregator.serve.kinds import COMMON_HEADERS
from aggregator.serve.searching import question_of

FIELDS = ("tag", "source", "author")


def guessed_routes(missing: Callable[[Request], Response]) -> list[Route]:
    """Nothing is looked up: whether there is such a tag, the feed tells."""

    async def lead(request: Request) -> Response:
        field = str(request.scope["path"]).split("/")[1]
        name, form = _form_of(str(request.path_params["name"]))
        asked = question_of({field: name}).query.parameters()
        if not asked:
            return missing(request)
        # Relative, so that it holds behind a proxy that serves us below a path of its own.
        up = "../" * (request.scope["raw_path"].count(b"/") - 1)
        headers = {**COMMON_HEADERS, "Location": f"{up}search{form}?{urlencode(asked)}"}
        return Response(status_code=301, headers={**headers, "Cache-Control": "max-age=86400"})

    return [Route(f"/{field}/{{name:path}}", lead) for field in FIELDS]


def _form_of(name: str) -> tuple[str, str]:
    """The name, and the ending of a feed with its dot; without one the page is meant."""
    stem, _, ending = name.rpartition(".")
    return (stem, f".{ending}") if stem and ending in FEED_TYPES else (name.removesuffix("/"), "")
