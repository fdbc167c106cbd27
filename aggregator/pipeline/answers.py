"""What a server's answer means for a poll, before anything of its document is read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from aggregator.fetch import Response, redirected
from aggregator.schedule import Outcome
from aggregator.schedule.outcome import Kind
from aggregator.text.urls import without_credentials

_THEIRS = "; the fault is the site's, it is tried again by itself"
#: What somebody who edits the configuration can do about an answer, where it is not merely a matter of waiting.
_REMEDIES = {
    400: "; check the address",
    # No whole address: what shows the message would strike the example out of it, as it does real passwords.
    401: "; it asks for a password: write user:password@ before the host in its url",
    402: "; it asks for a subscription",
    403: "; the site refuses programs, or this one: try another user_agent",
    404: "; check the address, the document may have moved",
    406: "; check the address: what stands there is no feed",
    410: "; the publisher has taken it away: find its new address, or take the source out",
    429: "; it was asked too often and is left alone for a while: set a longer interval",
}
_SERVER_ERRORS = 500
#: What is in use and registered nowhere; from 520 on said by Cloudflare for the site behind it.
_UNREGISTERED = {
    509: "Bandwidth Limit Exceeded",
    520: "Unknown Error of the Web Server",
    521: "Web Server Is Down",
    522: "Connection to the Web Server Timed Out",
    523: "Web Server Is Unreachable",
    524: "Web Server Took Too Long",
    525: "TLS Handshake With the Web Server Failed",
    526: "Invalid Certificate of the Web Server",
    530: "Web Server Is Unreachable",
}


def refusal(response: Response) -> Outcome | None:
    """The outcome of an answer that brings no document; None for one that does."""
    if response.partial and not _is_part_of_a_feed(response):
        return answered(
            response, "failed", error=f"HTTP 226 in a form not asked for: {response.headers['im']}"
        )
    if response.not_modified or response.status in (200, 203, 226):
        return None
    if response.status == 410 and not _is_elsewhere_for_now(response):
        return answered(response, "gone", error=_status_line(response))
    if response.status == 429 or (response.status == 503 and "retry-after" in response.headers):
        return answered(response, "limited", error=_status_line(response))
    return answered(response, "failed", error=_status_line(response))


def _is_part_of_a_feed(response: Response) -> bool:
    """Whether the new entries stand in it as a document (RFC 3229 §10.5.2), not as a difference of bytes."""
    named = response.headers.get("im", "feed").lower().replace(";", ",").split(",")
    return "feed" in {name.strip() for name in named}


def _is_elsewhere_for_now(response: Response) -> bool:
    """Whether a temporary redirect led there: what is said there is not said of the source's own address."""
    return bool(response.redirects) and without_credentials(response.moved_to or "") != response.url


def _status_line(response: Response) -> str:
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = _UNREGISTERED.get(response.status, "no known status")
    said = f"HTTP {response.status} {phrase}"
    if response.headers.get("cf-mitigated", "").lower() == "challenge":
        said += ": the site's bot protection asks for a browser (challenge page)"
    elif response.status >= _SERVER_ERRORS:
        said += _THEIRS
    else:
        said += _REMEDIES.get(response.status, "")
    return redirected(response.url, said) if response.redirects else said


def answered(response: Response, kind: Kind, **more: Any) -> Outcome:
    """The outcome of an answer, with what its head says; ``more`` is what its document says."""
    return Outcome(
        kind=kind,
        status=response.status,
        headers=response.headers,
        validators=response.validators,
        body_hash=response.body_hash if response.body else None,
        body_size=len(response.body) or None,
        moved_to=response.moved_to,
        final_url=response.url,
        elapsed=response.elapsed,
        partial=response.partial,
        **more,
    )
