"""The writer: whole files or none, only what changed, only inside the folder, and its messages."""

from __future__ import annotations

import errno
import gzip
import json
import os
import threading
from pathlib import Path
from typing import Any

import brotli
import pytest

from aggregator.publish import Publisher, PublishError, writer
from aggregator.publish.errors import BrokenOff
from aggregator.publish.writer import MANIFEST

FILES = {
    "index.html": b"<p>front",
    "world/index.html": b"<p>world",
    "world.atom": b"<feed/>",
    "favicon.ico": b"\x00",
}


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def temporaries(folder: Path) -> list[Path]:
    return list(folder.rglob("*.tmp"))


def test_files_are_written_with_a_compressed_variant_beside_text(tmp_path: Path) -> None:
    report = Publisher(tmp_path / "new" / "public").write(FILES)
    folder = tmp_path / "new" / "public"
    assert report.written == tuple(sorted(FILES))
    assert (folder / "world" / "index.html").read_bytes() == b"<p>world"
    assert gzip.decompress((folder / "world.atom.gz").read_bytes()) == b"<feed/>"
    assert brotli.decompress((folder / "world.atom.br").read_bytes()) == b"<feed/>"
    assert not (folder / "favicon.ico.gz").exists()
    assert temporaries(folder) == []


def test_what_has_not_changed_is_not_touched(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.write(FILES)
    before = snapshot(tmp_path)
    report = publisher.write(FILES)
    assert (report.written, report.unchanged) == ((), tuple(sorted(FILES)))
    assert snapshot(tmp_path) == before


LARGE = tuple(f"<item>第{n}条</item>".encode() * 100 for n in range(1500))


@pytest.mark.parametrize(
    "document", [(b"<feed>", b"", b"<entry/>", b"</feed>"), LARGE], ids=["small", "large"]
)
def test_a_document_in_pieces_is_a_file_like_any_other(tmp_path: Path, document: tuple[bytes, ...]) -> None:
    publisher, whole = Publisher(tmp_path), b"".join(document)
    assert publisher.write({"world.atom": document}).written == ("world.atom",)
    assert (tmp_path / "world.atom").read_bytes() == whole
    assert gzip.decompress((tmp_path / "world.atom.gz").read_bytes()) == whole
    assert brotli.decompress((tmp_path / "world.atom.br").read_bytes()) == whole
    assert publisher.write({"world.atom": document}).unchanged == ("world.atom",)
    assert publisher.write({"world.atom": whole}).unchanged == ("world.atom",)
    other = (*document[:-1], document[-1].swapcase())
    assert publisher.write({"world.atom": other}).written == ("world.atom",)


def test_large_documents_are_compressed_to_the_same_bytes_at_every_build(tmp_path: Path) -> None:
    Publisher(tmp_path / "a").write({"world.atom": LARGE})
    Publisher(tmp_path / "b").write({"world.atom": LARGE})
    for name in ("world.atom.gz", "world.atom.br"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
        assert (tmp_path / "a" / name).stat().st_size * 20 < sum(map(len, LARGE))


def test_only_the_changed_file_is_written(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.write(FILES)
    report = Publisher(tmp_path).write({**FILES, "world.atom": b"<feed>news</feed>"})
    assert report.written == ("world.atom",)
    assert gzip.decompress((tmp_path / "world.atom.gz").read_bytes()) == b"<feed>news</feed>"
    assert brotli.decompress((tmp_path / "world.atom.br").read_bytes()) == b"<feed>news</feed>"


def test_the_compressed_bytes_are_the_same_at_every_build(tmp_path: Path) -> None:
    Publisher(tmp_path / "a").write(FILES)
    Publisher(tmp_path / "b").write(FILES)
    for name in ("world.atom.gz", "world.atom.br"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("lost", ["world.atom", "world.atom.gz", "world.atom.br"])
def test_a_lost_file_is_written_again(tmp_path: Path, lost: str) -> None:
    publisher = Publisher(tmp_path)
    publisher.write(FILES)
    (tmp_path / lost).unlink()
    assert publisher.write(FILES).written == ("world.atom",)
    assert (tmp_path / lost).exists()


def test_what_somebody_else_changed_is_put_right(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.write(FILES)
    (tmp_path / "world.atom").write_bytes(b"<feeD/>")
    assert publisher.write(FILES).written == ("world.atom",)
    assert (tmp_path / "world.atom").read_bytes() == b"<feed/>"


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../x", "a/../x", "/etc/x", "a//b", "a/", "./a", ".hidden", "a/.hidden", "a\\b", "A", "国际", "a b",
        "a\nb", "a\x00b", "a..b", "..%2f", MANIFEST,
    ],
)  # fmt: skip
def test_a_name_that_could_lead_astray_is_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(PublishError, match="names are made of"):
        Publisher(tmp_path / "public").write({"index.html": b"x", name: b"x"})
    assert list(tmp_path.iterdir()) == []


def test_a_symbolic_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "public"
    outside.mkdir()
    folder.mkdir()
    (folder / "world").symlink_to(outside)
    with pytest.raises(PublishError, match=r"world/index\.html"):
        Publisher(folder).write({"world/index.html": b"x"})
    assert list(outside.iterdir()) == []


def test_a_symbolic_link_to_a_file_is_replaced_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside.html", tmp_path / "public"
    outside.write_bytes(b"x")
    folder.mkdir()
    (folder / "index.html").symlink_to(outside)
    assert Publisher(folder).write({"index.html": b"y"}).written == ("index.html",)
    assert outside.read_bytes() == b"x"
    assert not (folder / "index.html").is_symlink()


def test_the_published_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "public").symlink_to(tmp_path / "real")
    Publisher(tmp_path / "public").write(FILES)
    assert (tmp_path / "real" / "index.html").exists()


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EDQUOT, "free some space"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "output.dir"),
        (errno.EIO, "output.dir"),
    ],
)
def test_a_failing_disk_leaves_the_old_file_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, remedy: str
) -> None:
    publisher = Publisher(tmp_path)
    publisher.write({"world.atom": b"old"})

    def fail(_: int) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(PublishError, match=remedy) as caught:
            publisher.write({"world.atom": b"new"})
    assert str(tmp_path / "world.atom") in str(caught.value)
    assert (tmp_path / "world.atom").read_bytes() == b"old"
    assert gzip.decompress((tmp_path / "world.atom.gz").read_bytes()) == b"old"
    assert temporaries(tmp_path) == []
    assert publisher.write({"world.atom": b"new"}).written == ("world.atom",)


def test_a_full_disk_met_while_writing_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_open = open

    class Full:
        def __init__(self, stream: Any) -> None:
            self.stream = stream

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.stream.close()

        def writelines(self, _: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    publisher = Publisher(tmp_path)
    publisher.write({"a.txt": b"old"})

    def full(file: Any, mode: str = "r", **options: Any) -> Any:
        stream = real_open(file, mode, **options)
        return Full(stream) if mode == "wb" else stream

    monkeypatch.setattr(writer, "open", full, raising=False)
    with pytest.raises(PublishError, match="the disk is full"):
        publisher.write({"a.txt": b"new"})
    assert (tmp_path / "a.txt").read_bytes() == b"old"
    assert temporaries(tmp_path) == []


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "public").write_text("in the way")
    with pytest.raises(PublishError, match="move it away"):
        Publisher(tmp_path / "public").write(FILES)


def test_a_folder_where_the_file_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    with pytest.raises(PublishError, match=r"index\.html.*move it away"):
        Publisher(tmp_path).write({"index.html": b"x"})
    assert temporaries(tmp_path) == []


def test_a_crash_between_the_two_variants_is_mended_by_the_next_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Publisher(tmp_path)
    publisher.write({"world.atom": b"old"})
    real = os.replace

    def crash(source: str, target: str, **folders: int) -> None:
        if target == "world.atom":
            raise KeyboardInterrupt
        real(source, target, **folders)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            publisher.write({"world.atom": b"new"})
    assert (tmp_path / "world.atom").read_bytes() == b"old"
    assert Publisher(tmp_path).write({"world.atom": b"new"}).written == ("world.atom",)
    assert gzip.decompress((tmp_path / "world.atom.gz").read_bytes()) == b"new"


def test_temporary_files_of_a_crash_are_swept_at_the_next_start_and_others_are_not(tmp_path: Path) -> None:
    Publisher(tmp_path).write(FILES)
    stale = tmp_path / "world" / ".index.html.0123456789abcdef.tmp"
    others = [tmp_path / ".someone-elses.tmp", tmp_path / "notes.tmp"]
    for path in (stale, *others):
        path.write_bytes(b"half")
    Publisher(tmp_path).write(FILES)
    assert not stale.exists()
    assert all(path.exists() for path in others)


def test_pruning_takes_what_was_ours_and_leaves_what_was_not(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.write(FILES)
    (tmp_path / "world" / "note.txt").write_text("by the operator")
    (tmp_path / "robots.txt").write_text("by the operator")
    report = publisher.prune({"index.html", "favicon.ico"})
    assert report.removed == ("world.atom", "world/index.html")
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        MANIFEST,
        "favicon.ico",
        "index.html",
        "index.html.br",
        "index.html.gz",
        "note.txt",
        "robots.txt",
    ]
    assert publisher.names() == {"index.html", "favicon.ico"}
    assert publisher.prune({"index.html", "favicon.ico"}).removed == ()


def test_pruning_takes_folders_that_are_empty_now(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.write(FILES)
    publisher.prune({"index.html"})
    assert not (tmp_path / "world").exists()


def test_pruning_what_is_gone_already_is_no_fault(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.write(FILES)
    (tmp_path / "world" / "index.html").unlink()
    for ending in (".gz", ".br"):
        (tmp_path / "world" / f"index.html{ending}").unlink()
    (tmp_path / "world").rmdir()
    assert "world/index.html" in publisher.prune(set()).removed


@pytest.mark.parametrize(
    "damage", [b"", b"not json", b"[]", b'{"files": 7}', b'{"files": ["../../etc/passwd", "/x", 5]}']
)
def test_a_damaged_manifest_owns_nothing_and_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    Publisher(tmp_path).write(FILES)
    (tmp_path / MANIFEST).write_bytes(damage)
    publisher = Publisher(tmp_path)
    assert publisher.prune(set()).removed == ()
    publisher.write(FILES)
    assert publisher.names() == set(FILES)


def test_files_are_owned_before_they_appear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Publisher, "_write_one", crash)
        with pytest.raises(KeyboardInterrupt):
            Publisher(tmp_path).write(FILES)
    assert set(json.loads((tmp_path / MANIFEST).read_bytes())["files"]) == set(FILES)


PAGE = "a/0123456789abcdefghijklmnop.html"


def test_article_pages_are_ours_by_their_form_and_stand_on_no_list(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.write({"a/index.html": b"<p>section", PAGE: b"<p>page"})
    (tmp_path / "a" / "note.html").write_text("by the operator")
    assert json.loads((tmp_path / MANIFEST).read_bytes())["files"] == ["a/index.html"]
    assert publisher.names() == {"a/index.html", PAGE}
    assert publisher.prune({"a/index.html", PAGE}).removed == ()
    assert publisher.prune({"a/index.html"}).removed == (PAGE,)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "index.html",
        "index.html.br",
        "index.html.gz",
        "note.html",
    ]


def test_a_list_of_an_older_version_is_relieved_of_its_article_pages(tmp_path: Path) -> None:
    gone = PAGE.replace("0", "1")
    (tmp_path / MANIFEST).write_text(json.dumps({"version": 1, "files": [PAGE, gone, "index.html"]}))
    publisher = Publisher(tmp_path)
    publisher.write({PAGE: b"x"})
    assert publisher.names() == {PAGE, "index.html"}
    publisher.write({"world.atom": b"x"})
    assert json.loads((tmp_path / MANIFEST).read_bytes())["files"] == ["index.html", "world.atom"]


def test_a_compressed_page_without_its_plain_one_is_pruned(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.write({PAGE: b"x"})
    (tmp_path / PAGE).unlink()
    assert publisher.prune(set()).removed == (PAGE,)
    assert not (tmp_path / "a").exists()


def test_temporary_files_of_article_pages_are_swept(tmp_path: Path) -> None:
    Publisher(tmp_path).write({PAGE: b"x"})
    stale = tmp_path / "a" / f".{PAGE[2:]}.0123456789abcdef.tmp"
    stale.write_bytes(b"half")
    Publisher(tmp_path).write({PAGE: b"x"})
    assert not stale.exists()


def test_present_are_the_names_that_have_a_file(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    assert publisher.present([PAGE]) == set()
    publisher.write({PAGE: b"x"})
    assert publisher.present([PAGE, "a/none.html"]) == {PAGE}


def test_threads_take_turns(tmp_path: Path) -> None:
    publishers = [Publisher(tmp_path), Publisher(tmp_path)]
    threads = [
        threading.Thread(target=publisher.write, args=({f"s{n}.atom": b"x", "index.html": b"y" * n},))
        for n, publisher in enumerate(publishers * 4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert publishers[0].names() == {"index.html", *(f"s{n}.atom" for n in range(8))}
    assert temporaries(tmp_path) == []


def test_a_folder_that_was_taken_away_is_made_again(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path / "public")
    publisher.write(FILES)
    for path in sorted((tmp_path / "public").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (tmp_path / "public").rmdir()
    assert publisher.write(FILES).written == tuple(sorted(FILES))


def test_a_large_file_that_nobody_waits_for_any_more_stays_as_it_was(tmp_path: Path) -> None:
    Publisher(tmp_path).write({"world.atom": b"old"})
    pieces: list[None] = []

    def go_on() -> None:
        pieces.append(None)
        if len(pieces) > 3:  # both compressed forms came first
            raise BrokenOff("the program ends")

    with pytest.raises(BrokenOff):
        Publisher(tmp_path, go_on=go_on).write({"world.atom": (b"new", b"er", b"est")})
    assert (tmp_path / "world.atom").read_bytes() == b"old"
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".tmp")]
