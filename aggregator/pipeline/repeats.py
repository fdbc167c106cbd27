"""What a source repeats in its articles: learnt in a note beside its record, and left out of the pages that come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from aggregator.item import Item
from aggregator.jobs import without_repeated
from aggregator.pipeline.readers import ReadingStopped
from aggregator.pipeline.staff import Staff

#: The note's name; it holds hashes of paragraphs and how often each was seen.
REPEATED = "repeated"


async def cleared(
    staff: Staff, note: Callable[[str, str], bytes | None], source_id: str, items: Sequence[Item]
) -> tuple[tuple[Item, ...], dict[str, bytes]]:
    """The items without it, and the note to keep."""
    if not items:
        return (), {}
    before = await staff.store.run(note, source_id, REPEATED)
    try:
        bodies, after = await staff.reading.run(without_repeated, [item.content for item in items], before)
    except ReadingStopped:
        return tuple(items), {}  # a nicety: no article is to be lost for it
    kept = tuple(replace(item, content=body) for item, body in zip(items, bodies, strict=True))
    return kept, {REPEATED: after}
