"""A WebSub subscriber over the scripted web: it asks a hub, confirms its questions, and takes what is brought.

listener = Listener(web=web)                       # at /callback
reply = await listener.ask(hub_url, topic)         # subscribe
...
assert listener.brought[0].body == feed
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.support.web import Answer, Asked, Web, ok


@dataclass(slots=True, kw_only=True)
class Listener:
    """Confirms every question, and takes every document, unless it is told otherwise."""

    web: Web
    path: str = "/callback"
    confirms: bool = True
    answers: list[Answer] = field(default_factory=list)  #: to the next documents; then 200
    questions: list[dict[str, str]] = field(default_factory=list)
    brought: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.web.otherwise(self.path, self._answer)

    @property
    def url(self) -> str:
        return self.web.url(self.path)

    async def ask(self, hub: str, topic: str, mode: str = "subscribe", **more: str) -> httpx.Response:
        """Post a request to the hub; ``secret="…"`` gives hub.secret."""
        form = {"hub.mode": mode, "hub.topic": topic, "hub.callback": self.url}
        form |= {f"hub.{name}": value for name, value in more.items()}
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(hub, data={name: value for name, value in form.items() if value})

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.raw.startswith(b"GET "):
            query = dict(parse_qsl(urlsplit(asked.path).query, keep_blank_values=True))
            self.questions.append(query)
            said = query.get("hub.challenge", "") if self.confirms else "no"
            writer.write(ok(said.encode(), status="200 OK" if self.confirms else "404 Not Found"))
            return
        self.brought.append(asked)
        answer = self.answers.pop(0) if self.answers else ok()
        if isinstance(answer, bytes):
            writer.write(answer)
        else:
            await answer(asked, writer)


def signed(asked: Asked, secret: str) -> bool:
    right = hmac.new(secret.encode(), asked.body, hashlib.sha256).hexdigest()
    return asked["x-hub-signature"] == f"sha256={right}".encode()
