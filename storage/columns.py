"""Column types that mean the same in every database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator

from storage.model import Enclosure

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: Text that is sorted or is a key: by code point everywhere, whatever the database's locale.
Key = Text().with_variant(Text(collation="C"), "postgresql")


class Moment(TypeDecorator[datetime]):
    """Whole microseconds since 1970 in UTC: exact, sortable, and free of the database's own idea of zones."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


#: Made once: json.dumps makes an encoder for every value unless it is to write in its own way.
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


#: Labels, sections and authors come again and again.
_REMEMBERED = 1024


@lru_cache(_REMEMBERED)
def _written(names: tuple[str, ...]) -> str:
    return _dump(names)


@lru_cache(_REMEMBERED)
def _read(written: str) -> tuple[str, ...]:
    return tuple(json.loads(written))


class Names(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings as a JSON array."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:
        return _written(value) if value else "[]"

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        return () if value is None or value == "[]" else _read(value)


class Enclosures(TypeDecorator[tuple[Enclosure, ...]]):
    """Enclosures as a JSON array of [url, type, length]."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[Enclosure, ...] | None, dialect: Dialect) -> str:
        return _dump([[one.url, one.type, one.length] for one in value]) if value else "[]"

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[Enclosure, ...]:
        if value is None or value == "[]":
            return ()
        return tuple(Enclosure(url=url, type=kind, length=length) for url, kind, length in json.loads(value))


class Notes(TypeDecorator[Mapping[str, Any]]):
    """A JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> str:
        return _dump(dict(value)) if value else "{}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any]:
        return {} if value is None or value == "{}" else json.loads(value)
