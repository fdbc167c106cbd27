"""A picture is what its bytes say."""

from __future__ import annotations

import pytest

from aggregator.text.pictures import picture_type

BOX = b"\x00\x00\x00\x1cftyp"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (BOX + b"avif\x00\x00\x00\x00avifmif1miaf", "image/avif"),
        (BOX + b"mif1\x00\x00\x00\x00mif1avifmiaf", "image/avif"),
        (BOX + b"isom\x00\x00\x02\x00isomiso2avc1", None),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", None),
        (b"<html><img></html>", None),
        (b"\xff\xd8", None),
        (b"", None),
    ],
)
def test_by_the_first_bytes(body: bytes, expected: str | None) -> None:
    found = picture_type(body)
    assert (found.type if found else None) == expected
