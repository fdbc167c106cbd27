"""One HTTP exchange as the rest of the program sees it: what is asked, and what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal, Protocol

from aggregator.config.model import Network
from storage.model import Validators

Kind = Literal["feed", "page", "picture", "robots", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostManners:
    """How one host is treated, whatever the number of its sources."""

    concurrency: int = 2  #: exchanges at the same time
    spacing: timedelta | None = None  #: between two starts; None: 1 s, and none where the host is one's own


class Permit(Protocol):
    """Asked before every address of a fetch, those that redirects lead to included."""

    async def __call__(self, url: str) -> timedelta:
        """How far apart its site wants two requests at least. Raises FetchError where it is not to be asked.

        For a second address of one site, which is asked for while that site waits, it has to know the answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to fetch and how."""

    url: str  #: http or https; a user name and password in it become Basic credentials of that origin only
    kind: Kind = "feed"  #: settles what is asked for first (``Accept``)
    form: bytes | None = None  #: posted; None: a GET
    form_type: str = "application/x-www-form-urlencoded"  #: of what is posted
    fields: tuple[tuple[str, str], ...] = ()  #: more of the head
    follow: bool = True  #: redirects; else one is an answer like any other
    validators: Validators = field(default_factory=Validators)
    #: Where the validators are from; they are sent nowhere else. None: ``url``.
    validators_url: str | None = None
    #: For all that happens on the net; not for the wait for one's turn.
    timeout: timedelta = timedelta(seconds=30)
    max_size: int = 10 * 1024 * 1024  #: bytes of body, after decompression; of "robots" what is beyond is cut
    allow_private: tuple[Network, ...] = ()  #: networks that may be dialled although they are not public
    verify: bool = True  #: check TLS certificates
    ca_file: Path | None = None  #: certificate authorities (PEM) that are trusted as well
    user_agent: str | None = None  #: None: the fetcher's
    per_host: HostManners = field(default_factory=HostManners)
    on_behalf: str = ""  #: of this source
    permit: Permit | None = field(default=None, compare=False, repr=False)  #: None: anything may be asked
    a_im: bool = False  #: with validators: take a feed of only the new entries (RFC 3229)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server answered. Addresses are normalised and carry no credentials, save ``moved_to``."""

    url: str  #: the one that answered
    requested: str  #: the one that was asked first
    status: int
    #: Lower-case names; lists joined, else the last value.
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""  #: content-decoded; b"" with a 304; the beginning of an error page
    content_type: str | None = None
    #: For the next request to ``url``; of errors none.
    validators: Validators = field(default_factory=Validators)
    #: Where the permanent redirects at the beginning lead; credentials within the origin.
    moved_to: str | None = None
    redirects: tuple[str, ...] = ()  #: the addresses asked after ``requested``, the last of which is ``url``
    elapsed: timedelta = timedelta()  #: spent on the net
    not_modified: bool = False
    partial: bool = False  #: 226: only new entries, the absence of one says nothing (RFC 3229)
