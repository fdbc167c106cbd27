"""Pictures of articles whose source says ``images: proxy`` or ``archive``: how they are printed, and how they are had.

What stands in the store are the addresses of the source. They are changed on the way to the press, so that a change of
the configuration has its effect on all that is printed. A picture is asked for with the manners of its source, from
addresses that are checked and pinned like all others, within a size and a time; by its bytes alone it is believed to be
one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from aggregator.config.model import Source
from aggregator.fetch import Fetcher, FetchError, HostManners, Request
from aggregator.pipeline.picturearchive import PictureArchive
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.robots import Robots
from aggregator.publish.pictures import ARCHIVE, readdressed, signed_path
from aggregator.text.pictures import PictureType, picture_type
from storage.interface import ArticleStore
from storage.model import Article

#: Under this setting stands the key that signs the addresses of pictures: they outlive a restart.
PICTURE_KEY = "picture_key"
#: A picture that takes longer is not had.
TIMEOUT = timedelta(seconds=15)
#: A page asks for its pictures all at once.
_MANNERS = HostManners(concurrency=4, spacing=timedelta(0))


#: Faults of an address to which a reader is not to be sent either.
_FORBIDDEN = ("refused-address", "url")


class NoPicture(Exception):
    """It cannot be had; the message says why."""

    def __init__(self, reason: str, *, forbidden: bool = False) -> None:
        super().__init__(reason)
        self.forbidden = forbidden  #: nobody is to be sent there either


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    body: bytes
    type: PictureType


async def fetch_picture(
    fetcher: Fetcher, plan: Plan, source_id: str, address: str, robots: Robots | None = None
) -> Picture:
    """On behalf of the source, if it is there still. Raises NoPicture.

    ``robots`` is given where nobody waits for the picture: one that is taken to be kept is asked for as a page is, one
    that a reader asks for at this moment is asked for as browsers do.
    """
    source = plan.sources.get(source_id)
    request = _request(plan, source, address)
    if robots is not None:
        permit = robots.permit_for(source, request, page=True) if source else robots.permit(request)
        request = replace(request, permit=permit)
    try:
        response = await fetcher.fetch(request)
    except FetchError as error:
        raise NoPicture(error.reason, forbidden=error.kind in _FORBIDDEN) from error
    if response.status != 200:
        raise NoPicture(f"HTTP {response.status}")
    kind = picture_type(response.body)
    if kind is None:
        raise NoPicture("not a JPEG, PNG, GIF, WebP or AVIF picture")
    return Picture(body=response.body, type=kind)


def _request(plan: Plan, source: Source | None, address: str) -> Request:
    if source is None:  # it was removed; what it printed is asked for still
        return Request(
            url=address, kind="picture", timeout=TIMEOUT, user_agent=plan.user_agent, per_host=_MANNERS
        )
    request = plan.side_request(source, address, kind="picture")
    return replace(
        request,
        timeout=min(request.timeout, TIMEOUT),
        max_size=source.images.max_size,
        per_host=_MANNERS,
    )


def picture_key(store: ArticleStore) -> bytes | None:
    """The key, where something was signed with it already."""
    kept = store.setting(PICTURE_KEY)
    return bytes.fromhex(kept) if kept else None


class Pictures:
    """How the press prints the pictures of an article."""

    def __init__(
        self, store: ArticleStore, archive: PictureArchive | None = None, *, only_looks: bool = False
    ) -> None:
        """``only_looks``: neither makes a key nor has pictures fetched."""
        self._store = store
        self.archive = archive
        self._only_looks = only_looks
        self._key: bytes | None = None

    def printed(self, plan: Plan, base_url: str, article: Article) -> Article:
        """The article with the addresses that its source's pictures are printed under."""
        source = plan.sources.get(article.source)
        hotlink = source.images.hotlink if source else "keep"
        if hotlink == "proxy":
            key = self._signing_key()
            return readdressed(article, _proxied(key, base_url, article.source)) if key else article
        if hotlink == "archive" and self.archive:
            known = self.archive.known if self._only_looks else self.archive.name_of
            return readdressed(article, _kept(known, base_url, article.source))
        return article

    def _signing_key(self) -> bytes | None:
        if self._key is None:
            self._key = picture_key(self._store)
        if self._key is None and not self._only_looks:
            self._key = secrets.token_bytes(32)
            self._store.set_setting(PICTURE_KEY, self._key.hex())
        return self._key


def _proxied(key: bytes, base_url: str, source: str) -> Callable[[str], str]:
    def printed(address: str) -> str:
        path = signed_path(key, source, address)
        return f"{base_url}/{path}" if path else address

    return printed


def _kept(name_of: Callable[[str, str], str | None], base_url: str, source: str) -> Callable[[str], str]:
    def printed(address: str) -> str:
        name = name_of(source, address)
        return f"{base_url}/{ARCHIVE}/{name}" if name else address

    return printed
