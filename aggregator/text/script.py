"""Which of the two Chinese scripts a text is written in."""

from __future__ import annotations

import re
from typing import Literal

#: Frequent characters that differ, pair by pair; none that the other script writes as well (后, 里).
_SIMPLIFIED = frozenset(
    "这个们国来说时会对学过还为发经点开问现当动进与从见两应体产实关业电长车东门无间话题报将给处务马该济记"
)
_TRADITIONAL = frozenset(
    "這個們國來說時會對學過還為發經點開問現當動進與從見兩應體產實關業電長車東門無間話題報將給處務馬該濟記"
)
_TELLING = re.compile(f"[{''.join(_SIMPLIFIED | _TRADITIONAL)}]")


def han_script(sample: str) -> Literal["Hans", "Hant"] | None:
    """Hans or Hant (ISO 15924), by the characters that only one of them writes; None where these are as many."""
    telling = _TELLING.findall(sample)
    simplified, traditional = (
        sum(map(script.__contains__, telling)) for script in (_SIMPLIFIED, _TRADITIONAL)
    )
    if simplified == traditional:
        return None
    return "Hant" if traditional > simplified else "Hans"
