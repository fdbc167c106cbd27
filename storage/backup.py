"""The copy of an embedded database that is made before its schema is upgraded."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import structlog

from storage.errors import StoreReadOnly

log = structlog.get_logger("storage")


def back_up(database: Path, revision: str) -> None:
    """Copy the last committed state to ``<database>.before-<revision>``. Raises StoreReadOnly: no copy, no upgrade."""
    copy = database.with_name(f"{database.name}.before-{revision}")
    unfinished = copy.with_name(f"{copy.name}.part")
    try:
        unfinished.unlink(missing_ok=True)
        _copy(database, unfinished)
        os.replace(unfinished, copy)
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise StoreReadOnly(
            f"{copy}: the copy that goes before an upgrade cannot be written ({error}): free some space and check "
            "the folder's permissions; nothing was upgraded"
        ) from error
    log.info("copied the database before its upgrade", copy=str(copy), schema=revision)


def _copy(database: Path, to: Path) -> None:
    source = f"file:{quote(str(database.absolute()))}?mode=ro"
    with closing(sqlite3.connect(source, uri=True)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)
    with to.open("rb") as written:
        os.fsync(written.fileno())
