"""The ways of altering a page do what they say, on one small page."""

from __future__ import annotations

import pytest

from tests.benchmarks.extraction_altered import ALTERED, altered

BODY = "港务处今天说，新的称重台下周一启用，渔船卸货前都要过磅，数字当场公示。"
PAGE = (
    "<html lang=zh><head><meta charset=utf-8><title>称重台下周启用</title></head><body><h1>称重台下周启用</h1>"
    f"<article class='story body'><p>{BODY}</p></article></body></html>"
).encode()


@pytest.mark.parametrize("way", ALTERED)
def test_each_way_changes_the_page_and_keeps_its_text(way: str) -> None:
    text = altered(PAGE, "https://port.example.cn/1.html", ALTERED[way]).decode()
    assert BODY in text
    assert ("class" in text and "story" not in text) == (way in ("random names", "both"))
    assert ("<article" not in text) == (way in ("only div", "both"))
    assert ("早市" in text or "镜像" in text) == any(word in way for word in ("beside", "within"))
