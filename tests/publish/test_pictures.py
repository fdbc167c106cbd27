"""Addresses of pictures as they are printed, and signatures that only we can make."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregator.publish.pictures import address_in, readdressed, signed_path
from storage.model import Enclosure
from tests.publish.samples import article

KEY = b"k" * 32
ADDRESS = "https://a.example/p.jpg?x=1&y=2"


def test_every_place_of_a_picture_is_readdressed_and_nothing_else() -> None:
    one = article(
        html='<p><a href="https://a.example/big.jpg"><img alt="a &gt; b" src="https://a.example/p.jpg?x=1&amp;y=2"></a></p>'
        '<video src="https://a.example/v.mp4" poster="https://a.example/v.jpg"></video>',
        image="https://a.example/lead.jpg",
        enclosures=(
            Enclosure(url="https://a.example/e.png", type="image/png"),
            Enclosure(url="https://a.example/e.webp"),
            Enclosure(url="https://a.example/s.mp3", type="audio/mpeg"),
        ),
    )
    asked: list[str] = []

    def printed(address: str) -> str:
        asked.append(address)
        return f"https://paper.example/{len(asked)}?a&b"

    found = readdressed(one, printed)
    assert set(asked) == {
        ADDRESS,
        *(f"https://a.example/{name}" for name in ("v.jpg", "lead.jpg", "e.png", "e.webp")),
    }
    assert 'src="https://paper.example/1?a&amp;b"' in found.html
    assert 'poster="https://paper.example/2?a&amp;b"' in found.html
    assert 'href="https://a.example/big.jpg"' in found.html
    assert 'src="https://a.example/v.mp4"' in found.html
    assert (found.image or "").startswith("https://paper.example/")
    assert [file.url.startswith("https://paper.example/") for file in found.enclosures] == [True, True, False]


def parts(path: str) -> tuple[str, str, str]:
    _, signature, source, coded = path.split("/")
    return signature, source, coded


@given(st.text(max_size=60))
def test_what_was_signed_is_read_back(rest: str) -> None:
    path = signed_path(KEY, "wire", f"https://a.example/{rest}")
    if path is not None:
        assert path.isascii()
        assert (address_in(KEY, *parts(path)) or "").startswith("https://a.example/")


@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=60))
def test_what_was_not_signed_is_nothing(signature: str, source: str, coded: str) -> None:
    assert address_in(KEY, signature, source, coded) is None


def test_a_signature_is_good_for_its_address_its_source_and_its_key_alone() -> None:
    signature, source, coded = parts(signed_path(KEY, "wire", ADDRESS) or "")
    other = parts(signed_path(KEY, "wire", "https://a.example/q.jpg") or "")[2]
    assert address_in(KEY, signature, source, coded) == ADDRESS
    assert address_in(KEY, signature, "mail", coded) is None
    assert address_in(KEY, signature, source, other) is None
    assert address_in(b"x" * 32, signature, source, coded) is None


def test_what_is_no_address_is_not_signed() -> None:
    for address in (
        "data:image/gif;base64,R0lGOD",
        "javascript:x",
        "/relative.jpg",
        "https://a.example/" + "x" * 2000,
    ):
        assert signed_path(KEY, "wire", address) is None
