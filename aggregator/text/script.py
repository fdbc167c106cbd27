"""Which of the two Chinese scripts a text is written in."""

from __future__ import annotations

import re
from typing import Literal

#: Frequent characters that differ, pair by pair; none that the other script writes as well (后, 里).
_SIMPLIFIED = (
    "这个们国来说时会对学过还为发经点开问现当动进与从见两应体产实关业电长车东门无间话题报将给处务马该济记"
)
_TRADITIONAL = (
    "這個們國來說時會對學過還為發經點開問現當動進與從見兩應體產實關業電長車東門無間話題報將給處務馬該濟記"
)
_ONLY_SIMPLIFIED = re.compile(f"[{_SIMPLIFIED}]")
_ONLY_TRADITIONAL = re.compile(f"[{_TRADITIONAL}]")


def han_script(sample: str) -> Literal["Hans", "Hant"] | None:
    """Hans or Hant (ISO 15924), by the characters that only one of them writes; None where these are as many."""
    simplified, traditional = (
        len(pattern.findall(sample)) for pattern in (_ONLY_SIMPLIFIED, _ONLY_TRADITIONAL)
    )
    if simplified == traditional:
        return None
    return "Hant" if traditional > simplified else "Hans"
