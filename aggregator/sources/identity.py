"""What identifies an entry of a source whose guids cannot be trusted."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

from aggregator.text.fold import fold
from aggregator.text.html import text_of


def identify(
    entry_id: tuple[str, ...], *, guid: str, link: str, date: datetime | None, title: str, content: str
) -> str:
    """The guid as it is where ``entry_id`` begins with it; else the parts it names, joined. "" where none is there.

    Content counts by its letters alone: another layout or another script of Chinese is the same content.
    """
    if not entry_id or entry_id[0] == "guid":
        return guid
    parts = {
        "guid": lambda: guid,
        "link": lambda: link,
        "date": lambda: date.isoformat() if date else "",
        "title": lambda: title.strip(),
        "content": lambda: _digest(content),
    }
    values = [parts[name]() for name in entry_id if name in parts]
    return " ".join(values) if any(values) else ""


def _digest(content: str) -> str:
    folded = fold(text_of(content))
    return blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() if folded else ""
