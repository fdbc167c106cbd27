"""What sites ask of programs (robots.txt): asked for once a day and site, kept, heeded before every address.

Who heeds it: pages that are read as a source, sitemaps, and article pages. A feed is made for programs, and was
named by the operator: by default it is polled whatever robots.txt says (the key ``robots`` says otherwise).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from aggregator.clock import Clock
from aggregator.config.model import Source
from aggregator.fetch import Fetcher, FetchError, Permit, Request, Response, Target, check_url
from aggregator.jobs import parse_robots
from aggregator.pipeline.staff import Staff
from aggregator.schedule.robots import good_for, withholds
from aggregator.sources.robots import MAX_BYTES, RobotsRules, product_token
from storage.clocks import TOLERANCE
from storage.interface import ArticleStore
from storage.model import RobotsRecord, Validators

OUR_TOKEN = "feed-aggregator"  #: where a source's own user agent names no product
_REMEMBERED = 64  #: files whose rules are kept ready; each is half a megabyte at worst
_OWN_FAULTS = frozenset({"refused-address", "tls", "url"})  # of this source's settings, not of the site
_NOT_ASKED = "held"  # the site is left alone for another reason: nothing was learnt of it
_UNAVAILABLE = 404  #: a file that more than five redirects lead to is as good as none (RFC 9309 §2.3.1.2)
_REMEDY = "; if the site is yours, robots: ignore at the source reads it all the same"


class RobotsRefusal(FetchError):
    """An address that is not asked for, for robots.txt's sake."""

    def __init__(self, url: str, reason: str, *, until: datetime, forbidden: bool) -> None:
        super().__init__(url, reason, "robots")
        self.until = until  #: until then the answer is the same
        self.forbidden = forbidden  #: else the file did not come, and nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where we stand with one site."""

    site: str
    status: int | None
    at: datetime  #: when the file was asked for
    until: datetime
    rules: RobotsRules

    def holds(self, now: datetime) -> bool:
        """Whether it is still known; what a clock that was set back since has noted is not."""
        return self.at <= now + TOLERANCE and now < self.until

    def check(self, url: str) -> timedelta:
        """The pause between two requests that the site wants. Raises RobotsRefusal."""
        if withholds(self.status):
            why = "it did not answer" if self.status is None else f"HTTP {self.status}"
            reason = f"robots.txt of {self.site} cannot be read ({why}); until it can, the site is left alone"
            raise RobotsRefusal(url, reason + _REMEDY, until=self.until, forbidden=False)
        if not self.rules.allows(url):
            reason = f"robots.txt of {self.site} asks programs not to read {_path(url)}"
            raise RobotsRefusal(url, reason + _REMEDY, until=self.until, forbidden=True)
        return self.rules.delay


class Robots:
    """Knows the robots.txt of every site; one instance for all polls."""

    def __init__(self, fetcher: Fetcher, store: ArticleStore, clock: Clock, staff: Staff) -> None:
        self._fetcher, self._store, self._clock, self._staff = fetcher, store, clock, staff
        self._known: OrderedDict[tuple[str, str], Standing] = OrderedDict()  # by site and our name there
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def permit_for(self, source: Source, request: Request, *, page: bool) -> Permit | None:
        """What the source's setting asks for; None where robots.txt is not heeded. ``page``: not a feed."""
        heeds = source.robots == "obey" or (source.robots == "auto" and page)
        return self.permit(request) if heeds else None

    def permit(self, request: Request) -> Permit:
        """For one fetch on behalf of whoever makes the request: in its manner robots.txt is asked for."""
        met: dict[str, Standing] = {}

        async def permit(url: str) -> timedelta:
            site = check_url(url).authority
            if site not in met:
                met[site] = await self._standing(request, check_url(url))
            return met[site].check(url)

        return permit

    async def _standing(self, request: Request, target: Target) -> Standing:
        token = product_token(request.user_agent or "") or OUR_TOKEN
        key = (target.authority, token)
        # One asks, those who come meanwhile find what it has learnt.
        async with self._asking.setdefault(target.authority, asyncio.Lock()):
            standing = self._known.get(key)
            if standing is None or not standing.holds(self._clock()):
                record = await self._record(request, target)
                rules = await self._staff.reading.run(parse_robots, record.body, token)
                standing = Standing(
                    site=record.site, status=record.status, at=record.at, until=record.expires, rules=rules
                )
            self._remember(key, standing)
        return standing

    def _remember(self, key: tuple[str, str], standing: Standing) -> None:
        self._known[key] = standing
        self._known.move_to_end(key)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    async def _record(self, request: Request, target: Target) -> RobotsRecord:
        kept = await self._staff.store.run(self._store.robots, target.authority)
        if kept is not None and kept.expires > self._clock():
            return kept
        answer = await self._ask(request, target)
        record = _record_of(target.authority, answer, kept, self._clock())
        await self._staff.store.run(self._store.keep_robots, record)
        return record

    async def _ask(self, request: Request, target: Target) -> Response | None:
        """What came for robots.txt; None where nothing did. Raises FetchError for what is not the site's fault."""
        url = robots_url(target)
        asked = replace(
            request,
            url=url,
            kind="robots",
            max_size=2 * MAX_BYTES,  # the reading cuts at a line
            validators=Validators(),
            a_im=False,
            permit=None,
        )
        try:
            return await self._fetcher.fetch(asked)
        except FetchError as error:
            if error.kind in _OWN_FAULTS or error.kind == _NOT_ASKED:
                raise
            return Response(url=url, requested=url, status=_UNAVAILABLE) if error.kind == "redirect" else None


def robots_url(target: Target) -> str:
    """Where the rules for an address stand (RFC 9309 §2.3)."""
    parts = urlsplit(target.url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def _record_of(
    site: str, answer: Response | None, before: RobotsRecord | None, now: datetime
) -> RobotsRecord:
    status = answer.status if answer else None
    held = before.expires - before.at if before and withholds(before.status) else None
    expires = now + good_for(status, answer.headers if answer else {}, now, held)
    # One byte more than is read tells that the last line is cut.
    body = answer.body[: MAX_BYTES + 1] if answer and answer.status < 300 else b""
    return RobotsRecord(site=site, at=now, expires=expires, status=status, body=body)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path or "/"
