"""The server's own pages. Templates escape everything; style and script are inlined and allowed by their hashes."""

from __future__ import annotations

import base64
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from aggregator.publish.looks import our_scripts
from aggregator.serve.kinds import COMMON_HEADERS
from aggregator.serve.negotiation import prefers
from aggregator.serve.words import tongue_of


class Pages:
    """Renders the templates of this package for one paper."""

    def __init__(self, title: str, language: str) -> None:
        self.tongue = tongue_of(language)
        self._site = {"site_title": title, "language": self.tongue.tag}
        self._environment = Environment(
            loader=PackageLoader("aggregator.serve"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )
        style = (files("aggregator.serve") / "templates" / "style.css").read_text("utf-8")
        choices = our_scripts()["choices.js"].decode()
        self._inlined = {"style": Markup(style), "choices": Markup(choices)}
        self._policy = (
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(choices)}'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        html = self._environment.get_template(template).render({**self._site, **self._inlined, **values})
        headers = {**COMMON_HEADERS, "Content-Security-Policy": self._policy, "Cache-Control": "no-store"}
        return Response(html, status, headers, "text/html; charset=utf-8")

    def missing(self, request: Request) -> Response:
        """404, as a page for people and as a line for programs."""
        return self._nothing(request, 404, "title", "text", "404: nothing is published at this address.\n")

    def gone(self, request: Request) -> Response:
        """410: feed readers stop asking."""
        line = "410: this section was given up; take it off your subscriptions.\n"
        return self._nothing(request, 410, "gone_title", "gone_text", line)

    def _nothing(self, request: Request, status: int, title: str, text: str, line: str) -> Response:
        if prefers(request.headers.get("accept", ""), "text/html", "text/plain"):
            said = self.tongue.words
            words = {"title": said[title], "text": said[text], "home": said["home"]}
            response = self.page("missing.html", status, words=words)
        else:
            response = Response(line, status, dict(COMMON_HEADERS), "text/plain")
        response.headers["Cache-Control"] = "max-age=60"
        response.headers["Vary"] = "Accept"
        return response


def _digest(inlined: str) -> str:
    """As a policy names it."""
    return f"sha256-{base64.b64encode(sha256(inlined.encode()).digest()).decode()}"
