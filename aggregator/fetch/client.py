"""The fetcher: one request to the end, through redirects, within its time and its size."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import cast

import httpx

from aggregator.config.model import Network
from aggregator.fetch.addresses import allowed
from aggregator.fetch.decode import BodyDecoder, too_large
from aggregator.fetch.dial import Dialler, no_name_server
from aggregator.fetch.errors import FetchError, redact
from aggregator.fetch.exchange import Request, Response
from aggregator.fetch.headers import (
    conditional_headers,
    merged,
    readable,
    received_validators,
    request_headers,
    usable,
)
from aggregator.fetch.hosts import EXCHANGES, Hosts
from aggregator.fetch.redirects import STATUSES, Trail
from aggregator.fetch.resolve import RememberedResolver, Resolver, SystemResolver
from aggregator.fetch.sites import SiteHeld, Sites
from aggregator.fetch.target import Target, check_url
from aggregator.fetch.transport import PinnedTransport
from storage.model import Validators

DEFAULT_SPACING = timedelta(seconds=1)
CONNECT_TIMEOUT = timedelta(seconds=10)
#: Bytes of a body that is not wanted: error pages are kept up to here, redirects read up to here.
_ASIDE = 64 * 1024
#: Faults that name the redirect, or the site, already.
_SPEAK_OF_IT = frozenset(("redirect", "url", "robots", "held"))
_NO_TIME = 0.001  #: seconds; asyncio.timeout(0) would not even let a ready answer through


class Fetcher:
    """One per process, used as an async context manager. Keeps no cookies, heeds no proxy variables.

    ``hosts`` lets a test bring its own clock; ``sites`` tells which of them are to be left alone.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        resolver: Resolver | None = None,
        concurrency: int = 50,
        connect_timeout: timedelta = CONNECT_TIMEOUT,
        hosts: Hosts | None = None,
        sites: Sites | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._hosts = hosts or Hosts(concurrency)
        self._sites = sites
        self._system = SystemResolver(EXCHANGES * concurrency)
        self._resolver = RememberedResolver(resolver or self._system)
        seconds = connect_timeout.total_seconds()
        # httpx's client is left out: what it adds is unwanted (cookies, the environment, redirects, a log line
        # with every address), and a Location that is no address makes it fail even when it is not to follow.
        self._transport = PinnedTransport(Dialler(self._resolver, connect_timeout=seconds))

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._transport.aclose()
        await self._resolver.aclose()
        self._system.close()

    async def fetch(self, request: Request) -> Response:
        """Ask for one document. Raises FetchError (SiteHeld among them); an HTTP error status is a Response.

        Waits its turn first; ``request.timeout`` counts only what is spent on the net.
        """
        trail = Trail.begin(request.url, posting=request.form is not None)
        try:
            return await self._followed(request, trail)
        except FetchError as error:
            if error.url != redact(trail.target.url) and error.kind not in _SPEAK_OF_IT:
                error.on_the_way()
            raise

    async def _followed(self, request: Request, trail: Trail) -> Response:
        clock = _Clock(request.timeout, self._resolver)
        while True:
            self._heed(trail)
            wanted = await _permitted(request, trail)
            spacing = max(await self._spacing(request, trail, clock), wanted.total_seconds())
            concurrency = request.per_host.concurrency
            async with self._hosts.turn(
                trail.target.authority, concurrency=concurrency, spacing=spacing, who=request.on_behalf
            ):
                self._heed(trail)  # what the one before was told holds for those who wait behind it
                found = await self._visit(request, trail, clock)
                if self._sites is not None and isinstance(found, Response):
                    self._sites.answered(trail.target.authority, found.status, found.headers)
            if isinstance(found, Response):
                return found
            trail = found

    async def is_own(self, url: str, allow: tuple[Network, ...]) -> bool:
        """Whether all addresses of the host lie inside ``allow``. Raises FetchError where it has none."""
        target = check_url(url)
        async with _Clock(CONNECT_TIMEOUT, self._resolver).running(target):
            return await self._transport.is_own(target.url, target.host, allow)

    def waits(self, on_behalf: str) -> bool:
        """Whether all that is asked for on behalf of this source waits: for its host's turn, or long for an answer."""
        return self._hosts.waits(on_behalf)

    def _heed(self, trail: Trail) -> None:
        hold = self._sites.hold(trail.target.authority) if self._sites is not None else None
        if hold is not None:
            raise SiteHeld(trail.target.url, *hold)

    async def _spacing(self, request: Request, trail: Trail, clock: _Clock) -> float:
        if request.per_host.spacing is not None:
            return request.per_host.spacing.total_seconds()
        if request.allow_private:
            with self._hosts.aside(request.on_behalf):  # a look-up takes no place, however long it takes
                if await self._lies_inside(request.allow_private, trail.target, clock):
                    return 0.0
        return DEFAULT_SPACING.total_seconds()

    async def _lies_inside(self, allow: tuple[Network, ...], target: Target, clock: _Clock) -> bool:
        if target.ip is not None:
            return allowed(target.ip, allow)
        async with clock.running(target):
            return await self._transport.is_own(target.url, target.host, allow)

    async def _visit(self, request: Request, trail: Trail, clock: _Clock) -> Response | Trail:
        """The answer of this host, or the way on to another. Redirects within a host are of one turn."""
        found = await self._ask(request, trail, clock)
        while isinstance(found, Trail) and found.target.authority == trail.target.authority:
            await _permitted(request, found)
            found = await self._ask(request, found, clock)
        return found

    async def _ask(self, request: Request, trail: Trail, clock: _Clock) -> Response | Trail:
        async with clock.running(trail.target):
            return await self._exchange(request, trail, clock)

    async def _exchange(self, request: Request, trail: Trail, clock: _Clock) -> Response | Trail:
        validators = _validators_for(request, trail)
        headers = request_headers(request, trail.target, trail.home, self._user_agent)
        headers += conditional_headers(validators, a_im=request.a_im)
        extensions = {
            "allow_private": request.allow_private,
            "verify": request.verify,
            "ca_file": request.ca_file,
        }
        message = httpx.Request(
            "GET" if request.form is None else "POST",
            trail.target.url,
            headers=headers,
            # Not ``content``: httpx would add to the head, and write it anew for that.
            stream=httpx.ByteStream(request.form or b""),
            extensions=extensions,
        )
        answer = await self._transport.handle_async_request(message)
        clock.answered = True
        try:
            if answer.status_code in STATUSES and request.follow:
                await _pass_over(answer)
                return trail.follow(answer.status_code, dict(answer.headers.raw).get(b"location"))
            return await self._read(request, trail, clock, answer, validators)
        except FetchError as error:
            error.status = answer.status_code
            raise
        finally:
            await answer.aclose()

    async def _read(
        self, request: Request, trail: Trail, clock: _Clock, answer: httpx.Response, validators: Validators
    ) -> Response:
        not_modified = answer.status_code == httpx.codes.NOT_MODIFIED
        if not_modified and not validators:
            reason = "the server says that nothing has changed (304), although it was not told since when"
            raise FetchError(trail.target.url, reason, "protocol")
        headers = readable(answer.headers.raw)
        body = await _body(trail.target.url, answer, headers, request.max_size, cut=request.kind == "robots")
        return Response(
            url=trail.target.url,
            requested=trail.home.url,
            status=answer.status_code,
            headers=headers,
            body=body,
            content_type=headers.get("content-type"),
            validators=_validators_of(answer, validators),
            moved_to=trail.moved_to,
            redirects=trail.hops,
            elapsed=clock.elapsed,
            not_modified=not_modified,
            partial=answer.status_code == httpx.codes.IM_USED,
        )


class _Clock:
    """What is left of a request's time. It runs only while something is on the net."""

    def __init__(self, allowed: timedelta, resolver: RememberedResolver) -> None:
        self.answered = False  #: a head has come
        self._allowed = allowed.total_seconds()
        self._resolver = resolver
        self._spent = 0.0
        self._since: float | None = None
        self._target: Target

    @property
    def elapsed(self) -> timedelta:
        running = 0.0 if self._since is None else asyncio.get_running_loop().time() - self._since
        return timedelta(seconds=self._spent + running)

    def running(self, target: Target) -> _Clock:
        """The block in which it runs, and which it ends by FetchError when the time is up."""
        self._target = target
        return self

    async def __aenter__(self) -> None:
        self._since = asyncio.get_running_loop().time()
        self._deadline = asyncio.timeout(max(self._allowed - self._spent, _NO_TIME))
        await self._deadline.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._deadline.__aexit__(kind, error, traceback)
            if isinstance(error, TimeoutError):
                raise error
        except TimeoutError as late:
            raise FetchError(self._target.url, self._reason(), "timeout") from late
        finally:
            self._spent, self._since = self.elapsed.total_seconds(), None

    def _reason(self) -> str:
        if self.answered:
            return f"the answer was not complete within {self._allowed:g} s; raise timeout if it is usual"
        if self._resolver.is_waiting_for(self._target.host):
            return no_name_server(self._target.host)
        return f"no answer within {self._allowed:g} s"


async def _permitted(request: Request, trail: Trail) -> timedelta:
    """How far apart the site of the next address wants requests. Raises FetchError where it may not be asked."""
    return timedelta() if request.permit is None else await request.permit(trail.target.url)


def _validators_for(request: Request, trail: Trail) -> Validators:
    """The validators that may be sent to this address: only those that it gave (RFC 9110 §13.1)."""
    url = request.validators_url
    got_from = trail.home.url if not url or url == request.url else check_url(url).url
    return usable(request.validators) if trail.target.url == got_from else Validators()


def _validators_of(answer: httpx.Response, sent: Validators) -> Validators:
    if answer.status_code == httpx.codes.NOT_MODIFIED:
        return merged(sent, received_validators(answer.headers.raw))
    return received_validators(answer.headers.raw) if answer.is_success else Validators()


async def _body(
    url: str, answer: httpx.Response, headers: Mapping[str, str], limit: int, *, cut: bool
) -> bytes:
    if answer.status_code == httpx.codes.NOT_MODIFIED:
        await _pass_over(answer)
        return b""
    encoding = headers.get("content-encoding")
    if not answer.is_success:
        return await _beginning(url, answer, encoding)
    if int(headers.get("content-length", 0)) > limit and not cut:
        raise too_large(url, limit)
    decoder = BodyDecoder(url, encoding, limit)
    try:
        async for piece in _pieces(answer):
            decoder.feed(piece)
    except FetchError as error:
        if cut and error.kind == "too-large":
            return decoder.so_far()[:limit]
        raise
    return decoder.finish()


async def _beginning(url: str, answer: httpx.Response, encoding: str | None) -> bytes:
    """Of an error page what can be had: its faults must not hide the status, which says more."""
    decoder = BodyDecoder(url, None, _ASIDE)
    try:
        decoder = BodyDecoder(url, encoding, _ASIDE)
        async for piece in _pieces(answer):
            decoder.feed(piece)
    except FetchError:
        pass
    return decoder.so_far()[:_ASIDE]


async def _pass_over(answer: httpx.Response) -> None:
    """Read a redirect's body, so that the connection can be used again; a long one is cut."""
    received = 0
    try:
        async for piece in _pieces(answer):
            received += len(piece)
            if received > _ASIDE:
                return
    except FetchError:
        return


def _pieces(answer: httpx.Response) -> httpx.AsyncByteStream:
    """The body as the transport hands it out, without what httpx counts on the way."""
    return cast(httpx.AsyncByteStream, answer.stream)
