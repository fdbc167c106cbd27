"""The lock that keeps a second writing process away from an embedded database."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

from storage.errors import StoreBusy, StoreReadOnly


class LockFile:
    """Holds ``flock`` on ``<database>.lock`` until ``release``; the system drops it with the process.

    The file stays: removing it would let two processes lock two files of one name. It names the holder.
    """

    def __init__(self, database: Path) -> None:
        path = database.with_name(f"{database.name}.lock")
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreReadOnly(
                f"{path}: cannot be written ({error.strerror}): check the folder's permissions and its disk"
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise StoreReadOnly(
                    f"{path}: cannot be locked ({error.strerror}): move the database to a local disk"
                ) from error
            raise StoreBusy(
                f"{database}: another process{f' (pid {holder})' if holder else ''} is writing to it: "
                "stop that one first, or use a command that only reads"
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
