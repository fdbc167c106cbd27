"""robots.txt (RFC 9309): bytes → what a program of our name may ask for, and how often.

Whatever the bytes are, nothing is raised: what cannot be read as a rule forbids nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from protego import Protego

MAX_BYTES = 500 * 1024  #: read of one file (RFC 9309 §2.5)
LONGEST_DELAY = timedelta(seconds=60)  #: no site makes us wait longer between two requests
#: Stands in for our name, whatever characters it is written with, and for everybody else's.
_US, _OTHERS = "us", "others"
_AGENT_LINE = re.compile(r"\W*user\W*agent\b[\s:]*(?P<name>.*)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z_-]+")
_COMPATIBLE = re.compile(r"compatible;\s*([A-Za-z_-]+)")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsRules:
    """What a robots.txt says to one program."""

    delay: timedelta = timedelta()  #: between two requests, at least
    _rules: Protego = field(default_factory=Protego, repr=False, compare=False)

    def allows(self, url: str) -> bool:
        """Whether path and query of the address may be asked for."""
        return self._rules.can_fetch(url, _US)


def product_token(user_agent: str) -> str:
    """The name by which robots.txt files know us (RFC 9309 §2.2.1): ``reader`` of ``reader/1.0 (+https://…)``.

    Of ``Mozilla/5.0 (compatible; reader/1.0)`` it is that name too. "" where there is none.
    """
    found = _COMPATIBLE.search(user_agent)
    token = found[1] if found else user_agent[: _token_end(user_agent)]
    return token.lower()


def parse_robots(body: bytes, token: str) -> RobotsRules:
    """The rules for the program of this product token."""
    rules = Protego.parse("\n".join(_narrowed(_lines(body), token.lower())))
    return RobotsRules(delay=_delay(rules), _rules=rules)


def _token_end(text: str) -> int:
    found = _TOKEN.match(text)
    return found.end() if found else 0


def _lines(body: bytes) -> list[str]:
    """The whole lines within the bound: half a rule would be another rule."""
    if len(body) > MAX_BYTES:
        body = body[: max(body[:MAX_BYTES].rfind(b"\n"), 0)]
    encoding = "utf-16" if body.startswith(_UTF16) else "utf-8"
    text = body.decode(encoding, "replace").replace("\x00", "").removeprefix("\ufeff")
    # Not splitlines: a rule may contain what Unicode takes for the end of a line.
    return re.split(r"\r\n|\r|\n", text)


def _narrowed(lines: list[str], token: str) -> list[str]:
    """Every group under one of three names, each once.

    Groups are told by whole names, as RFC 9309 §2.2.1 asks; Protego takes ``feed`` for the beginning of
    ``feed-reader``. And it keeps each rule once for every name of its group: ten thousand names over twenty
    thousand rules, which fit into the bound, cost it minutes and gigabytes.
    """
    kept: list[str] = []
    names: set[str] = set()
    for line in filter(None, (line.partition("#")[0].strip() for line in lines)):
        found = _AGENT_LINE.match(line)
        if found is None:
            kept.append(line)
            names = set()
            continue
        name = _group(found["name"].lower(), token)
        if name not in names:
            names.add(name)
            kept.append(f"User-agent: {name}")
    return kept


def _group(name: str, token: str) -> str:
    if name.startswith("*"):
        return "*"
    return _US if token and name[: _token_end(name)] == token else _OTHERS


def _delay(rules: Protego) -> timedelta:
    """The longer of Crawl-delay and what Request-rate comes to."""
    longest = LONGEST_DELAY.total_seconds()
    rate = rules.request_rate(_US)
    # A period of four hundred digits is no number that a float can hold.
    seconds = max(
        rules.crawl_delay(_US) or 0.0, min(rate.seconds, 1_000_000) / rate.requests if rate else 0.0
    )
    return timedelta(seconds=min(seconds, longest))
