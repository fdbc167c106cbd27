"""Who may see the operator's pages."""

from __future__ import annotations

import hmac

from starlette.requests import Request
from starlette.responses import Response

from aggregator.serve.kinds import COMMON_HEADERS


def admitted(request: Request, token: str) -> bool:
    """Without a token everybody is; with one, who shows it. No proxy's header is believed, no address."""
    if not token:
        return True
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and _same(credentials.strip().encode("latin-1"), token):
        return True
    return _same(request.query_params.get("token", "").encode("utf-8", "replace"), token)


def _same(shown: bytes, token: str) -> bool:
    """In constant time."""
    return hmac.compare_digest(shown, token.encode())


def refused() -> Response:
    return Response(
        "This page asks for the token of the configuration (server.token): "
        "send it as Authorization: Bearer, or as ?token=.\n",
        401,
        {**COMMON_HEADERS, "WWW-Authenticate": 'Bearer realm="aggregator"', "Cache-Control": "no-store"},
        "text/plain",
    )
