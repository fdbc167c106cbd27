"""A file of the operator's changed in place: whole or not at all, and still theirs."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def rewrite(path: Path, text: str) -> None:
    """Replace what is in the file; its mode and owner stay, and so does a symbolic link that leads to it.

    OSError when it cannot be written; then the file is as it was, and nothing lies beside it.
    """
    file = path.resolve(strict=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".new", dir=file.parent)
    try:
        with open(descriptor, "w", encoding="utf-8") as trial:
            trial.write(text)
            trial.flush()
            _take_after(file, descriptor)
            os.fsync(descriptor)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _take_after(file: Path, descriptor: int) -> None:
    status = file.stat()
    with suppress(PermissionError):  # only root may give files away; one's own file is one's own already
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, status.st_mode & 0o7777)
