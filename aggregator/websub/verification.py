"""The hub's question to our callback, whether it was we who asked (WebSub §5.2, §5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from storage.model import Subscription

#: confirm: answer with the challenge. denied: the hub says no. refuse: nothing that we asked for; 404.
Verdict = Literal["confirm", "denied", "refuse"]

_LONGEST_CHALLENGE = 4096  #: characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The parameters of a GET at the callback."""

    mode: str
    topic: str
    challenge: str = ""
    lease_seconds: str | None = None
    reason: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Question:
        return cls(
            mode=query.get("hub.mode", ""),
            topic=query.get("hub.topic", ""),
            challenge=query.get("hub.challenge", ""),
            lease_seconds=query.get("hub.lease_seconds"),
            reason=query.get("hub.reason", ""),
        )


def judge(question: Question, subscription: Subscription | None) -> Verdict:
    """What to answer; ``subscription`` is that of the callback's token."""
    if subscription is None or question.topic != subscription.topic:
        return "refuse"
    if question.mode == "denied":
        return "refuse" if subscription.state == "ending" else "denied"
    wanted = "unsubscribe" if subscription.state == "ending" else "subscribe"
    asked = question.mode == wanted and subscription.state != "denied"
    return "confirm" if asked and 0 < len(question.challenge) <= _LONGEST_CHALLENGE else "refuse"
