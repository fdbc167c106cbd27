"""A WebSub hub over the scripted web: it takes requests, asks back, and pushes, all as a test tells it to.

hub = Hub(web)                              # at /hub
web.answer("/feed", ok(hub.feed(item(1))))  # names the hub and itself
...
await hub.settled()                         # it has asked back
answer = await hub.push(rss(item(2)))
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import httpx

from tests.support.documents import rss
from tests.support.web import Asked, Web, ok

CHALLENGE = "一 challenge & more"


@dataclass(slots=True, kw_only=True)
class Hub:
    """Takes every request, and confirms it, unless it is told otherwise."""

    web: Web
    path: str = "/hub"
    topic: str = "/feed"
    answer: bytes = field(default_factory=lambda: ok(status="202 Accepted"))
    lease: str | None = "864000"  #: granted; None: not said
    confirms: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)  #: the forms, in the order in which they came
    answered: list[httpx.Response] = field(default_factory=list)  #: to its own questions
    _asking: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.web.answer(self.path, self._take)

    @property
    def url(self) -> str:
        return self.web.url(self.path)

    def feed(self, *items: str, title: str = "早报") -> bytes:
        """An RSS document that names this hub, and the topic as its own address."""
        atom = 'xmlns="http://www.w3.org/2005/Atom"'
        links = f'<link {atom} rel="hub" href="{self.url}"/><link {atom} rel="self" href="{self.web.url(self.topic)}"/>'
        return rss(*items, title=title).replace(b"<description>", links.encode() + b"<description>", 1)

    async def _take(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        form = dict(parse_qsl(asked.body.decode(), strict_parsing=True))
        self.asked.append(form)
        writer.write(self.answer)
        if self.confirms:
            task = asyncio.create_task(self._confirm(form))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _confirm(self, form: dict[str, str]) -> None:
        self.answered.append(await self.ask(form["hub.mode"], topic=form["hub.topic"]))

    async def settled(self) -> None:
        """All questions are answered."""
        await asyncio.gather(*self._asking)

    @property
    def form(self) -> dict[str, str]:
        """The last request to subscribe."""
        return [form for form in self.asked if form["hub.mode"] == "subscribe"][-1]

    @property
    def callback(self) -> str:
        return self.form["hub.callback"]

    async def ask(
        self, mode: str, *, topic: str | None = None, callback: str | None = None, **more: str
    ) -> httpx.Response:
        """A question to the callback; ``reason="…"`` gives hub.reason."""
        query = {
            "hub.mode": mode,
            "hub.topic": self.form["hub.topic"] if topic is None else topic,
            "hub.challenge": CHALLENGE,
            **({"hub.lease_seconds": self.lease} if self.lease is not None else {}),
            **{f"hub.{name}": value for name, value in more.items()},
        }
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.get(callback or self.callback, params=query)

    def signature(self, body: bytes, method: str = "sha256") -> str:
        secret = self.form["hub.secret"].encode()
        return f"{method}={hmac.new(secret, body, getattr(hashlib, method)).hexdigest()}"

    async def push(
        self, body: bytes, *, signature: str | None = "", callback: str | None = None, **headers: str
    ) -> httpx.Response:
        """A document to the callback; signed rightly, unless ``signature`` is another, or None for none."""
        sent = {"content-type": "application/rss+xml"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        if signature is not None:
            sent["x-hub-signature"] = signature or self.signature(body)
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(callback or self.callback, content=body, headers=sent)
