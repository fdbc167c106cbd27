"""What a picture is, by its first bytes: what a server says of it is not believed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureType:
    type: str
    ending: str  #: of a file's name


# All that can be told. No SVG: it is a document, which may hold scripts and ask for things.
_JPEG = PictureType(type="image/jpeg", ending="jpg")
_PNG = PictureType(type="image/png", ending="png")
_GIF = PictureType(type="image/gif", ending="gif")
_WEBP = PictureType(type="image/webp", ending="webp")
_AVIF = PictureType(type="image/avif", ending="avif")

_AVIF_BRANDS = (b"avif", b"avis")


def picture_type(body: bytes) -> PictureType | None:
    """None where the bytes are no picture that every browser shows and that runs nothing."""
    if body.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    if body.startswith((b"GIF87a", b"GIF89a")):
        return _GIF
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return _WEBP
    if body[4:8] == b"ftyp" and (
        body[8:12] in _AVIF_BRANDS or any(brand in body[16:48] for brand in _AVIF_BRANDS)
    ):
        return _AVIF
    return None
