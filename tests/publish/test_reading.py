"""What can be held without a browser: weight, contrast, landmarks, nothing from elsewhere."""

from __future__ import annotations

import gzip
import re
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from lxml import html as html_parser

from aggregator.config.model import Output
from aggregator.publish.fragments import FragmentCache
from aggregator.publish.looks import our_look
from aggregator.publish.paths import render_paper
from tests.publish.samples import BASE, article, edition, paper, printed, sample_paper, uid_of

STYLE = our_look().style.decode()
FILES = render_paper(sample_paper(), FragmentCache()).files
PAGES = ("index.html", "world/index.html", f"a/{uid_of('两岸渡轮恢复夜航，末班船延至零点三十分')}.html")
KILOBYTE = 1000

#: What is written on what, and the contrast that it needs (WCAG 2.2 §1.4.3; 7 is its AAA, for what is read longest).
WRITTEN = [
    ("ink", "paper", 7), ("ink", "tint", 7), ("ink", "mark", 7), ("paper", "ink", 7),
    ("soft", "paper", 4.5), ("soft", "tint", 4.5), ("accent", "paper", 4.5),
]  # fmt: skip


#: The same of the server's own pages.
WRITTEN_BY_THE_SERVER = [
    ("ink", "paper", 7), ("soft", "paper", 4.5), ("accent", "paper", 4.5), ("ink", "tint", 7),
    ("ok", "paper", 4.5), ("bad", "paper", 4.5), ("off", "paper", 4.5), ("line", "paper", 3), ("accent", "paper", 3),
]  # fmt: skip


def palettes() -> list[dict[str, str]]:
    """The bright one, and the dark one as it is set for either reason, on top of it."""
    blocks = re.findall(r":root[^{}]*\{([^{}]*--paper:[^{}]*)\}", STYLE)
    found = [dict(re.findall(r"--([a-z-]+): *(#[0-9a-f]{3,6})\b", block)) for block in blocks]
    return [found[0], *({**found[0], **more} for more in found[1:3])]


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    shares = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def page(name: str) -> Any:
    return html_parser.document_fromstring(FILES[name].decode())


@pytest.mark.parametrize(("written", "on", "least"), WRITTEN)
def test_what_is_written_can_be_read_by_light_and_in_the_dark(written: str, on: str, least: float) -> None:
    for palette in palettes():
        assert contrast(palette[written], palette[on]) >= least, palette


@pytest.mark.parametrize(("written", "on", "least"), WRITTEN_BY_THE_SERVER)
def test_so_can_what_the_server_writes_and_draws(written: str, on: str, least: float) -> None:
    style = (files("aggregator.serve") / "templates" / "style.css").read_text("utf-8")
    bright, system, switched = (
        dict(re.findall(r"--([a-z]+):(#[0-9a-f]{6})", block))
        for block in re.findall(r":root[^{}]*\{([^{}]*--paper:[^}]*)\}", style)
    )
    assert system == switched
    for palette in (bright, system):
        assert contrast(palette[written], palette[on]) >= least, palette


def test_the_dark_is_the_same_for_either_reason() -> None:
    bright, system, switched = palettes()
    assert system == switched != bright
    assert bright["paper"] > bright["ink"]
    assert system["paper"] < system["ink"]


def test_the_colours_named_to_the_browser_are_those_of_the_style() -> None:
    named = re.findall(r'name="theme-color" content="(#\w+)"', FILES["index.html"].decode())
    assert named == [palettes()[0]["paper"], palettes()[1]["paper"]]


def test_the_style_asks_for_nothing_from_elsewhere() -> None:
    assert not re.search(r"url\(|@import|@font-face|//[a-z]", STYLE)


def test_the_style_sets_only_what_it_uses_and_uses_only_what_it_sets() -> None:
    assert set(re.findall(r"var\((--[a-z-]+)", STYLE)) == set(re.findall(r"(--[a-z-]+):", STYLE))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_but_style_icons_and_pictures(name: str) -> None:
    depth = "../" * name.count("/")
    loaded = page(name).xpath("//link[@rel='stylesheet' or contains(@rel, 'icon')]/@href | //*[@src]/@src")
    for address in loaded:
        ours = address.startswith((f"{depth}assets/", f"{depth}favicon."))
        assert ours or address.startswith(f"{BASE}/pictures/"), address


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_landmarks_and_every_control_a_name(name: str) -> None:
    found = page(name)
    for landmark in ("./body/header", "./body/main", "./body/footer", ".//form[@role='search']"):
        assert len(found.findall(landmark)) == 1, landmark
    navigations = found.findall(".//nav")
    assert len({one.get("aria-label") for one in navigations}) == len(navigations)
    for control in found.xpath("//input | //select | //textarea"):
        assert found.xpath(f"//label[@for='{control.get('id')}']"), html_parser.tostring(control)
    for fieldset in found.iter("fieldset"):
        assert fieldset.find("legend").text_content().strip()
    for link in found.iter("a"):
        named = link.text_content().strip() or link.get("aria-label") or link.get("aria-hidden")
        assert named, html_parser.tostring(link)


def test_an_article_of_any_making_keeps_the_page_in_order() -> None:
    strange = "<h1>a</h1><h4>b</h4><p><img src='https://a.example/p.jpg'></p><h2>c</h2><li>d</li>" * 2
    made = render_paper(paper(edition(printed(article(uid="one", html=strange)))), FragmentCache()).files
    found = html_parser.document_fromstring(made["a/one.html"].decode())
    levels = [int(heading.tag[1]) for heading in found.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(image.get("width") and image.get("height") for image in found.iter("img"))
    assert all(image.get("alt") is not None for image in found.iter("img"))


def test_without_a_server_that_searches_there_is_no_field() -> None:
    made = render_paper(paper(edition(printed()), output=Output(search=False)), FragmentCache()).files
    assert b'role="search"' not in made["index.html"]


def test_a_front_page_and_all_it_needs_is_at_most_a_hundred_kilobytes() -> None:
    busy = [
        edition(
            *(
                printed(
                    article(
                        uid=f"{section:02}{number:04}",
                        title=f"{section} 新闻标题之{number}，" + "写得稍微长一点" * 3,
                        summary="摘要里说的是同一件事，" * 20,
                        image=f"https://pictures.example/{section}/{number}.jpg",
                    )
                )
                for number in range(50)
            ),
            id=f"section-{section}",
            title=f"第{section}版",
        )
        for section in range(12)
    ]
    made = render_paper(paper(*busy), FragmentCache()).files
    needed = [made[name] for name in ("index.html", "assets/style.css", "favicon.svg")]
    assert sum(map(len, needed)) <= 100 * KILOBYTE
    assert sum(len(gzip.compress(body)) for body in needed) <= 25 * KILOBYTE
