"""How much the extractor hangs on names, tags and tidy surroundings: ``python -m tests.benchmarks.extraction_altered --corpus DIR``.

The corpus's pages, each altered in one way, and the body F1 of each set beside that of the pages as they are. What is added
(teasers, links, comments without dates, small print) says more than many a short item, bears names that mean nothing, and
stands beside the body or in it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

from lxml import etree

from aggregator.extract import extract_article
from aggregator.extract.body import find_body
from aggregator.extract.metadata import declared
from aggregator.extract.outline import survey
from aggregator.extract.title import find_title
from aggregator.extract.tree import Element, Page, parse
from tests.benchmarks.extraction import bare, f1, grams, mean, samples

SETS = ("zh-portals", "zh-essays-and-news", "zh-mixed", "articles")
_SHORT = 400  # characters of an item that is short, in the Chinese sets
_PLAIN = "p article main section aside nav footer header figure h3 h4 h5 ul ol li dl dd dt".split()
_HEADS = (
    "早市提前开张引来市民围观",
    "北岸三条主干道下周起维修",
    "未来一周气温回升",
    "老书店歇业三年重新开门",
)
_SAID = (
    "江边的早市今天开得比平时早，摊主们说是因为夜里退了潮，渔船提前回港。",
    "市政厅发布了新的道路维修计划，预计将影响北岸三条主干道的通行。",
    "气象部门表示，未来一周气温将略有回升，周末可能有小雨，出门记得带伞。",
    "一家老书店在歇业三年后重新开门，读者排起了长队，店主说这回不走了。",
)
_ENTRIES = tuple(zip(_HEADS, _SAID, strict=True)) * 2

TEASERS = "".join(
    f'<div class="zq"><div><a href="/n/{n}.html">{head}</a></div><div>{said}</div></div>'
    for n, (head, said) in enumerate(_ENTRIES)
)
LINKS = "".join(
    f'<a href="/n/{n}.html"><div>{head}</div><div>{said}</div></a>' for n, (head, said) in enumerate(_ENTRIES)
)
COMMENTS = "".join(
    f'<div class="zq"><div>网友{n}</div><div>{said}</div><div>回复 赞({n})</div></div>'
    for n, (_, said) in enumerate(_ENTRIES)
)
SMALL_PRINT = (
    "<p>本网站所刊载信息，不代表本社观点。刊用本网站稿件，务经书面授权。未经授权禁止转载、摘编、复制及建立镜像。</p>"
    "<p>地址：江城市北岸区望江路八号，违法和不良信息举报电话：000-0000000，举报邮箱见首页，工作日上午九点到下午五点。</p>"
)

Alter = Callable[[Page, Element | None], None]


def names(page: Page, _: Element | None) -> None:
    """Classes and ids that say nothing, and no roles."""
    for element in page.root.iter(etree.Element):
        for name in ("class", "id"):
            words = (element.get(name) or "").split()
            if words:
                element.set(
                    name, " ".join(f"x{blake2b(word.encode(), digest_size=3).hexdigest()}" for word in words)
                )
        for name in ("role", *(["itemprop"] if element.tag != "meta" else [])):
            if name in element.attrib:
                del element.attrib[name]


def tags(page: Page, _: Element | None) -> None:
    """Nothing but ``<div>``, headings of the first two ranks aside."""
    for element in page.root.iter(*_PLAIN):
        element.tag = "div"


def beside(html: str) -> Alter:
    def alter(page: Page, body: Element | None) -> None:
        parent = body.getparent() if body is not None and body.tag not in ("body", "html") else None
        if body is None or parent is None:
            _whole(page).append(_added(html))
        else:
            parent.insert(parent.index(body) + 1, _added(html))

    return alter


def within(html: str) -> Alter:
    def alter(page: Page, body: Element | None) -> None:
        (body if body is not None and body.tag != "p" else _whole(page)).append(_added(html))

    return alter


def _whole(page: Page) -> Element:
    body = page.root.find("body")
    return body if body is not None else page.root


ALTERED: dict[str, tuple[Alter, ...]] = {
    "as they are": (),
    "random names": (names,),
    "only div": (tags,),
    "both": (names, tags),
    "teasers beside": (beside(TEASERS),),
    "teasers within": (within(TEASERS),),
    "links within": (within(LINKS),),
    "comments beside": (beside(COMMENTS),),
    "comments within": (within(COMMENTS),),
    "small print beside": (beside(SMALL_PRINT),),
}


def _added(html: str) -> Element:
    box = etree.fromstring(f'<div class="zz">{html}</div>', etree.HTMLParser()).find("body/div")
    assert box is not None
    return box


def _body(page: Page) -> Element | None:
    outline = survey(page)
    title = find_title(declared(page), outline)
    region = find_body(page, outline, title.at if title.sure else None)
    return outline.nodes[region.nodes[-1]].element if region.nodes else None


def altered(html: bytes, url: str, ways: Sequence[Alter]) -> bytes:
    if not ways:
        return html
    page = parse(html, url)
    body = _body(page)
    for way in ways:
        way(page, body)
    return b"<!DOCTYPE html>" + etree.tostring(page.root, method="html", encoding="utf-8")


def row(corpus: Path, ways: Sequence[Alter]) -> list[float]:
    """Mean body F1 of each set, then of the short Chinese items of all."""
    scores: dict[str, list[float]] = {name: [] for name in SETS}
    short: list[float] = []
    for name in SETS:
        for sample in samples(corpus, name):
            gold = sample.gold.get("body") or ""
            if gold:
                found = extract_article(altered(sample.html, sample.url, ways), sample.url).text
                scores[name].append(f1(grams(gold), grams(found)))
                short.extend(scores[name][-1:] if name.startswith("zh") and len(bare(gold)) < _SHORT else ())
    return [mean(each) or 0.0 for each in (*scores.values(), short)]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--way", action="append", choices=ALTERED, help="only this one; may repeat")
    options = parser.parse_args(arguments)
    sys.stdout.write(f"{'':20}" + "".join(f"{name[:18]:>20}" for name in (*SETS, "zh, short")) + "\n")
    for way in options.way or ALTERED:
        numbers = row(options.corpus, ALTERED[way])
        sys.stdout.write(f"{way:20}" + "".join(f"{number:20.3f}" for number in numbers) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
