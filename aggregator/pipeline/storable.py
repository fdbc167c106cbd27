"""What comes from outside into a source's record, made fit for every store: no NUL, no half characters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aggregator.text.html import xml_safe
from storage.model import SourceRecord

#: An error is a line for people; a server's own words in it may be long.
MAX_ERROR = 1000


def storable(record: SourceRecord) -> SourceRecord:
    return replace(
        record,
        url=xml_safe(record.url),
        title=xml_safe(record.title),
        last_error=None if record.last_error is None else xml_safe(record.last_error)[:MAX_ERROR],
        memory=_clean(record.memory),
    )


def _clean(value: Any) -> Any:
    """The same JSON value with its texts cleaned."""
    if isinstance(value, str):
        return xml_safe(value)
    if isinstance(value, Mapping):
        return {xml_safe(key): _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return value
