"""Bodies on the way out: cleaned by the rules of the day, once for each printing, alike in every process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aggregator.publish import fragments
from aggregator.publish.cleaned import Cleaned
from aggregator.publish.entry import body, cleaned, page_body
from aggregator.publish.fragments import FragmentCache
from aggregator.publish.words import words_for
from tests.publish.samples import article, edition, paper, printed, render_atom, render_json, render_rss

RENDERERS = [render_rss, render_atom, render_json]


def test_the_three_forms_of_a_feed_clean_a_body_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(html: str) -> str:
        asked.append(html)
        return cleaned(html)

    monkeypatch.setattr(fragments, "cleaned", counted)
    cache = FragmentCache()
    section = edition(*(printed(article(title=f"n {n}", html=f"<p>{n}</p>")) for n in range(5)))
    together = [render(paper(), section, cache).body for render in RENDERERS]
    assert sorted(asked) == [f"<p>{n}</p>" for n in range(5)]
    assert together == [render(paper(), section, FragmentCache()).body for render in RENDERERS]


def test_what_stands_in_the_store_is_cleaned_before_it_is_printed() -> None:
    armed = printed(article(html='<p onclick="x()">a<script>alert(1)</script></p>'))
    for render in RENDERERS:
        text = render(paper(), edition(armed), FragmentCache()).body
        assert b"onclick" not in text
        assert b"alert" not in text


def test_it_is_cleaned_again_for_the_next_printing() -> None:
    asked: list[str] = []
    keeper = Cleaned(lambda html: asked.append(html) or html.upper())  # type: ignore[func-returns-value]
    assert [keeper("a"), keeper("a"), keeper("b")] == ["A", "A", "B"]
    keeper.clear()
    assert keeper("a") == "A"
    assert asked == ["a", "b", "a"]


def test_only_so_much_is_kept_and_what_was_asked_for_last() -> None:
    asked: list[str] = []
    keeper = Cleaned(lambda html: asked.append(html) or html, most=6)  # type: ignore[func-returns-value]
    for html in ("aaa", "bbb", "aaa", "ccc", "aaa", "bbb", "d" * 7, "d" * 7):
        assert keeper(html) == html
    assert asked == ["aaa", "bbb", "ccc", "bbb", "d" * 7, "d" * 7]


def test_a_page_is_the_same_in_every_process() -> None:
    # The cleaner adds what it adds in another order in each.
    code = (
        "from aggregator.publish.entry import page_body\n"
        "from aggregator.publish.words import words_for\n"
        "from tests.publish.samples import article\n"
        'html = \'<p>a<img src="https://a.example/i.jpg"></p><video src="https://a.example/v"></video>\'\n'
        "print(page_body(article(html=html), words_for('en')))"
    )
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    }
    assert len(runs) == 1
    assert 'loading="lazy" decoding="async" referrerpolicy="no-referrer"' in runs.pop()


def test_a_source_does_not_choose_when_its_pictures_are_asked_for() -> None:
    html = '<img loading="eager" referrerpolicy="unsafe-url" src="https://a.example/i.jpg"><audio preload="auto">'
    shown = page_body(article(html=html), words_for("en"))
    assert shown.count("loading=") == shown.count('loading="lazy"') == 1
    assert shown.count("referrerpolicy=") == shown.count('referrerpolicy="no-referrer"') == 1
    assert shown.count("preload=") == shown.count('preload="none"') == 1


def test_a_long_text_of_signs_is_printed_as_it_is() -> None:
    html = f"<p>{'&amp;&nbsp;' * 20_000}</p>"
    assert body(article(html=html)) == html
