"""Where redirects lead, and how far they are followed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urljoin

from aggregator.fetch.errors import FetchError
from aggregator.fetch.headers import text
from aggregator.fetch.target import Target, check_url, with_credentials

MAX_HOPS = 5
#: RFC 9110 §15.4. 300, 304, 305 and 306 are none that can be followed.
_PERMANENT = frozenset((301, 308))
_TEMPORARY = frozenset((302, 303, 307))
_SEE_OTHER = 303
STATUSES = _PERMANENT | _TEMPORARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """The way from the address that was asked to the one that is asked now."""

    home: Target  #: asked first
    target: Target  #: asked now
    posting: bool = False  #: what is posted is posted again at every step: it is for hubs, which do move
    hops: tuple[str, ...] = ()  #: addresses asked after the first, in order
    permanent: bool = True  #: every redirect so far was a permanent one
    moved_to: str | None = None  #: where the permanent redirects at the beginning lead

    @classmethod
    def begin(cls, url: str, *, posting: bool = False) -> Trail:
        target = check_url(url)
        return cls(home=target, target=target, posting=posting)

    def follow(self, status: int, location: bytes | None) -> Trail:
        """One step on. Raises FetchError: "redirect" where it may not be taken, "url" where to is none."""
        target = self._destination(location)
        if self.posting:
            self._check_post(status, target)
        permanent = self.permanent and status in _PERMANENT
        return replace(
            self,
            target=target,
            hops=(*self.hops, target.url),
            permanent=permanent,
            moved_to=self._stored(target) if permanent else self.moved_to,
        )

    def _destination(self, location: bytes | None) -> Target:
        if not location:
            raise self._fault("the server redirects without saying where to")
        if len(self.hops) >= MAX_HOPS:
            raise self._fault(
                f"more than {MAX_HOPS} redirects; open the address in a browser and configure where it ends"
            )
        address = self._joined(text(location))
        try:
            target = check_url(address)
        except FetchError as error:
            error.on_the_way()
            raise
        if self.target.scheme == "https" and target.scheme == "http":
            raise self._fault(
                "redirected from https to http, where anyone could change what is read; not followed"
            )
        if target.url == self.home.url or target.url in self.hops:
            raise self._fault(
                "the redirects lead in a circle; perhaps the server wants a cookie or another User-Agent"
            )
        return target

    def _check_post(self, status: int, target: Target) -> None:
        if status == _SEE_OTHER:
            raise self._fault("the server answers a post by pointing to a page (303)")
        if target.scheme != "https" and target.origin != self.target.origin:
            raise self._fault(
                "redirected to another server over http, where what is posted would be read by anyone"
            )

    def _joined(self, location: str) -> str:
        try:
            return urljoin(self.target.url, location)
        except ValueError as error:
            raise self._fault("the server redirects to something that is no address") from error

    def _stored(self, target: Target) -> str:
        """A feed that moves within its origin keeps its password, else the next poll would lack it."""
        return with_credentials(target, self.home.credentials if target.origin == self.home.origin else None)

    def _fault(self, reason: str) -> FetchError:
        return FetchError(self.target.url, reason, "redirect")
