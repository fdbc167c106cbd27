"""The one module that writes the published folder: whole files, only where bytes differ, only inside it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from aggregator.publish.document import PACKERS, Document, pieces, size
from aggregator.publish.errors import PublishError

MANIFEST = ".aggregator-manifest.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*\Z")
#: Article pages. They may be hundreds of thousands and are ours by their form: no list is kept of them.
_PAGES = ("a", "story")
_PAGE = re.compile(r"[0-9a-z]{26}\.html\Z")
_TEMPORARY = re.compile(r"\.[a-z0-9.-]+\.[0-9a-f]{16}\.tmp\Z")
#: Kinds of files that are worth compressing once here instead of at every request.
_TEXT = (".html", ".css", ".js", ".svg", ".rss", ".atom", ".json", ".opml", ".xml", ".txt")
_BUFFER = 1 << 18  #: bytes at a time; a feed is made of many small pieces
_MAY_NOT = (
    "no permission: let the user that runs this program write there, or set output.dir to another folder"
)
_REMEDIES = {
    errno.ENOSPC: "the disk is full: free some space; what was published before is untouched",
    errno.EDQUOT: "the disk quota is used up: free some space; what was published before is untouched",
    errno.EACCES: _MAY_NOT,
    errno.EPERM: _MAY_NOT,
    errno.EROFS: "the file system is read-only: set output.dir to another folder",
    errno.ENOTDIR: "something on the way is no folder: move it away, or set output.dir to another folder",
    errno.EEXIST: "a file stands where a folder has to be: move it away",
    errno.ELOOP: "a symbolic link in the published folder is not followed: put a folder in its place",
    errno.EISDIR: "a folder stands where a file has to be: move it away",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteReport:
    """Names of files as they were given, sorted."""

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Publisher:
    """Writes into one folder. Threads and processes take turns; a crash leaves each file old or new."""

    def __init__(self, folder: Path, *, go_on: Callable[[], None] = lambda: None) -> None:
        """``go_on`` is called before each piece of a file that is replaced, and may raise BrokenOff."""
        self._folder = folder.absolute()
        self._go_on = go_on
        self._turn = threading.Lock()
        self._swept = False

    def write(self, files: Mapping[str, Document]) -> WriteReport:
        """Write the files whose bytes differ from what is on disk, in the order given. Raises PublishError.

        Each file is replaced as a whole. After an error the ones before it are new, it and the rest are old.
        """
        for name in files:
            _check(name)
        written: list[str] = []
        unchanged: list[str] = []
        with self._open() as root:
            self._own(root, files)
            touched: set[str] = set()
            for name, document in files.items():
                changed = self._write_one(root, name, document)
                (written if changed else unchanged).append(name)
                if changed:
                    touched.add(os.path.dirname(name))
            for folder in touched:
                self._sync_folder(root, folder)
        return WriteReport(written=tuple(sorted(written)), unchanged=tuple(sorted(unchanged)))

    def prune(self, keep: Collection[str]) -> WriteReport:
        """Remove what was once written here and is not in ``keep``. Files of others are left alone."""
        with self._open() as root:
            listed = self._manifest(root)
            removed = sorted((listed | self._pages(root)) - set(keep))
            for name in removed:
                self._remove(root, name)
            if not listed.issubset(keep):
                self._save_manifest(root, listed.intersection(keep))
        return WriteReport(removed=tuple(removed))

    def remove(self, names: Collection[str]) -> tuple[str, ...]:
        """Take away those of the pages of articles and stories that are there. Raises PublishError."""
        there = sorted(name for name in self.present(names) if _is_page(name))
        if there:
            with self._open() as root:
                for name in there:
                    self._remove(root, name)
        return tuple(there)

    def names(self) -> frozenset[str]:
        """Everything that was written here and not removed since. Lists the folder of article pages."""
        with self._open() as root:
            return frozenset(self._manifest(root) | self._pages(root))

    def present(self, names: Collection[str]) -> frozenset[str]:
        """Those of the names that have a file, whoever wrote it; at the cost of these names alone."""
        return frozenset(name for name in names if (self._folder / name).is_file())

    def read(self, name: str) -> bytes | None:
        """What stands there; None when nothing does."""
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            return None

    # -- one file

    def _write_one(self, root: int, name: str, document: Document) -> bool:
        """True when something was written: the file and its compressed forms, or of these what was missing."""
        path, leaf = os.path.split(name)
        with self._failing_at(name), _inside(root, path) as folder:
            same = _holds(folder, leaf, document)
            packers = PACKERS if leaf.endswith(_TEXT) else {}
            stale = [ending for ending in packers if not (same and _exists(folder, leaf + ending))]
            # First: a crash on the way leaves an old plain file, which is written again with all.
            for ending in stale:
                _replace(folder, leaf + ending, self._while_wanted(packers[ending](document)))
            if not same:
                _replace(folder, leaf, self._while_wanted(pieces(document)))
            return bool(stale) or not same

    def _while_wanted(self, given: Iterable[bytes]) -> Iterator[bytes]:
        for piece in given:
            self._go_on()
            yield piece

    def _remove(self, root: int, name: str) -> None:
        path, leaf = os.path.split(name)
        with (
            self._failing_at(name),
            contextlib.suppress(FileNotFoundError),
            _inside(root, path, make=False) as folder,
        ):
            for one in (*(leaf + ending for ending in PACKERS), leaf):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(one, dir_fd=folder)
        while path:  # folders of ours that are empty now; a section had at most one
            try:
                os.rmdir(path, dir_fd=root)
            except OSError:
                return
            path = os.path.dirname(path)

    # -- the folder

    @contextlib.contextmanager
    def _open(self) -> Iterator[int]:
        """The folder: made if need be, locked against other processes, once swept of stale files."""
        with self._turn:
            with self._failing_at(""):
                self._folder.mkdir(parents=True, exist_ok=True)
                root = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                # Some network file systems cannot lock; threads still take turns.
                with contextlib.suppress(OSError):
                    fcntl.flock(root, fcntl.LOCK_EX)
                if not self._swept:
                    self._sweep(root)
                yield root
            finally:
                os.close(root)

    def _sweep(self, root: int) -> None:
        """Remove temporary files of a crashed run. The lock is ours, so that none of them is in use."""
        folders = {"", *_PAGES, *(os.path.dirname(name) for name in self._manifest(root))}
        for path in sorted(folders):
            with contextlib.suppress(OSError), _inside(root, path, make=False) as folder:
                for name in filter(_TEMPORARY.match, os.listdir(folder)):
                    os.unlink(name, dir_fd=folder)
        self._swept = True

    def _sync_folder(self, root: int, path: str) -> None:
        with self._failing_at(path), _inside(root, path) as folder:
            os.fsync(folder)

    @contextlib.contextmanager
    def _failing_at(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            remedy = _REMEDIES.get(
                error.errno or 0, "see that the folder can be written, or set output.dir to another one"
            )
            raise PublishError(
                f"cannot publish {self._folder / name}: {error.strerror or error}; {remedy}"
            ) from error

    # -- what is ours

    def _own(self, root: int, names: Collection[str]) -> None:
        """Put the names on the list before their files appear: a crash leaves nothing that nobody owns."""
        ours = self._manifest(root)
        listed = {name for name in names if not _is_page(name)}
        if not ours.issuperset(listed):
            self._save_manifest(root, ours | listed)

    def _pages(self, root: int) -> set[str]:
        """The pages of articles and stories; a compressed one that a crash left alone stands for its page."""
        return {name for folder in _PAGES for name in self._pages_in(root, folder)}

    def _pages_in(self, root: int, path: str) -> set[str]:
        try:
            with _inside(root, path, make=False) as folder:
                leaves = {name.removesuffix(".gz").removesuffix(".br") for name in os.listdir(folder)}
        except OSError:
            return set()
        return {f"{path}/{leaf}" for leaf in leaves if _PAGE.match(leaf)}

    def _manifest(self, root: int) -> set[str]:
        """The names of the files written here; none when the list is missing or damaged."""
        try:
            names = json.loads(_read(root, MANIFEST))["files"]
            return {name for name in names if _NAME.match(name) and not _is_page(name)}
        except (OSError, ValueError, KeyError, TypeError):
            return set()

    def _save_manifest(self, root: int, names: Collection[str]) -> None:
        body = json.dumps({"version": 1, "files": sorted(names)}, indent=0).encode() + b"\n"
        with self._failing_at(MANIFEST):
            _replace(root, MANIFEST, (body,))


def _is_page(name: str) -> bool:
    folder, leaf = os.path.split(name)
    return folder in _PAGES and _PAGE.match(leaf) is not None


def _check(name: str) -> None:
    """Refuse a name that could lead out of the folder or hide in it."""
    if not _NAME.match(name) or ".." in name:
        raise PublishError(
            f"cannot publish {name!r}: names are made of a-z, 0-9, '-' and '.', in folders by '/'"
        )


@contextlib.contextmanager
def _inside(root: int, path: str, *, make: bool = True) -> Iterator[int]:
    """The folder ``path`` under ``root``, each step opened without following symbolic links."""
    folder = os.dup(root)
    try:
        for step in filter(None, path.split("/")):
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(step, 0o755, dir_fd=folder)
            deeper = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = deeper
        yield folder
    finally:
        os.close(folder)


def _replace(folder: int, name: str, given: Iterable[bytes]) -> None:
    """Put what is given under ``name`` by temporary file, fsync and rename. On failure the old file stands."""
    temporary = f".{name.lstrip('.')}.{secrets.token_hex(8)}.tmp"
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=folder)
    try:
        with open(file, "wb", buffering=_BUFFER, closefd=True) as stream:
            stream.writelines(given)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def _read(folder: int, name: str) -> bytes:
    with _opened(folder, name) as stream:
        return stream.read()


def _opened(folder: int, name: str) -> BinaryIO:
    return open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb", buffering=_BUFFER)


def _holds(folder: int, name: str, document: Document) -> bool:
    """Whether the file there is a regular one with these bytes. Its size answers most of the time."""
    try:
        if os.stat(name, dir_fd=folder, follow_symlinks=False).st_size != size(document):
            return False
        with _opened(folder, name) as stream:
            return all(stream.read(len(piece)) == piece for piece in pieces(document))
    except OSError:
        return False


def _exists(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True
