from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.model import Condition
from aggregator.curate import admits, matches
from tests.curate.build import article, condition, source

ARTICLE = article(
    source="wire",
    title="央行下调利率，ＡＩ芯片股上涨",
    summary="Chip makers said demand is up",
    text="正文里有一句：人民币汇率稳定。",
    authors=("Ann Lee", "张三"),
    url="https://news.example/guoji/123.html",
    breadcrumb=("首页", "国际", "欧洲"),
    tags=("财经", "Markets"),
    language="zh-CN",
)


@pytest.mark.parametrize(
    ("keys", "holds"),
    [
        ({}, True),
        ({"source": "wire"}, True),
        ({"source": ["other", "WIRE"]}, True),
        ({"source": "wir"}, False),
        ({"breadcrumb": "国际"}, True),
        ({"breadcrumb": "国"}, False),
        ({"tag": "markets"}, True),
        ({"tag": "ｍarkets"}, True),
        ({"category": "财经"}, True),
        ({"tag": "x", "category": "财经"}, True),
        ({"title": "央行|股市"}, True),
        ({"title": "^利率"}, False),
        ({"title": r"\p{Han}{4}利率"}, True),
        ({"author": "ann"}, True),
        ({"author": "^lee"}, False),
        ({"url": r"/guoji/\d+\.html$"}, True),
        ({"text": "汇率"}, True),
        ({"text": "demand"}, True),
        ({"text": "央行"}, True),
        ({"text": "房价"}, False),
        ({"language": "zh"}, True),
        ({"language": "ZH_cn"}, True),
        ({"language": "zh-TW"}, False),
        ({"language": "z"}, False),
        ({"keyword": "利率"}, True),
        ({"keyword": "AI"}, True),
        ({"keyword": "demand is"}, True),
        ({"keyword": "汇率"}, False),
        ({"keyword": "利.率"}, False),
        ({"title": "央行", "language": "en"}, False),
        ({"title": "央行", "language": "zh"}, True),
        ({"any": {"title": "房价", "tag": "财经"}}, True),
        ({"any": {"title": "房价", "tag": "x"}}, False),
        ({"any": {}}, False),
        ({"none": {"title": "广告", "tag": "x"}}, True),
        ({"none": {"title": "广告", "tag": "财经"}}, False),
        ({"none": {}}, True),
        ({"any": {"any": {"title": "央行"}, "none": {"title": "央行"}}}, True),
        ({"title": "央行", "none": {"author": "张三"}}, False),
    ],
)
def test_a_condition_holds_when_every_key_does(keys: dict[str, Any], holds: bool) -> None:
    assert matches(condition(**keys), ARTICLE) is holds


@pytest.mark.parametrize(
    ("keyword", "title", "found"),
    [
        ("AI", "He said so", False),
        ("AI", "AI技术", True),
        ("AI", "新AI，", True),
        ("C++", "C++ 26 is out", True),
        ("iPhone", "the IPHONE case", True),
        ("中国", "发展中国家", True),
    ],
)
def test_a_latin_keyword_is_a_word_and_a_chinese_one_stands_anywhere(
    keyword: str, title: str, found: bool
) -> None:
    assert matches(condition(keyword=keyword), article(title=title)) is found


def test_nothing_holds_for_what_an_article_does_not_say() -> None:
    bare = article()
    for key in ("breadcrumb", "tag", "title", "text", "author", "url", "language", "keyword"):
        assert not matches(condition(**{key: "x"}), bare)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(.*)*=(.*)*", "(?:x+x+)+y", r"\p{Han}*\p{Han}*z", "(?:a?){50}a{50}"]
)
def test_no_pattern_takes_more_than_linear_time(pattern: str) -> None:
    hostile = article(text=("a" * 50_000 + "!") + "x" * 50_000 + "汉" * 100_000)
    started = time.process_time()
    matches(condition(text=pattern), hostile)
    assert time.process_time() - started < 5


@given(st.text(), st.text(max_size=20))
def test_any_word_is_searched_for_as_it_stands(title: str, word: str) -> None:
    title, word = (text.encode("utf-8", "ignore").decode() for text in (title, word))
    if word:
        assert isinstance(matches(condition(keyword=word), article(title=title)), bool)
        assert matches(condition(keyword=word), article(title=f"前 {word} 后"))


KEYS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["央行", "x"]),
        "tag": st.sampled_from(["财经", "x"]),
        "language": st.sampled_from(["zh", "en"]),
    },
)


@given(KEYS)
def test_any_and_none_are_each_others_opposite(keys: dict[str, str]) -> None:
    inner = condition(**keys)
    one, other = matches(condition(any=inner), ARTICLE), matches(condition(none=inner), ARTICLE)
    assert one is not other
    assert one is any(matches(condition(**{key: value}), ARTICLE) for key, value in keys.items())


# -- what a source lets in


@pytest.mark.parametrize(
    ("block", "keep", "reason"),
    [
        (None, None, None),
        ({"title": "广告"}, None, None),
        ({"title": "央行"}, None, "blocked by the source's rule title 央行"),
        ({"title": "广告", "tag": "财经"}, None, "blocked by the source's rule tag 财经"),
        (None, {"title": "央行"}, None),
        (None, {"title": "央行", "tag": ["x", "y"]}, "the source keeps only tag x|y"),
        (None, {"any": {"title": "x"}}, "the source keeps only any of (title x)"),
        ({"author": "张"}, {"title": "央行"}, "blocked by the source's rule author 张"),
    ],
)
def test_a_source_refuses_by_one_key_of_block_and_takes_by_all_of_keep(
    block: dict[str, Any] | None, keep: dict[str, Any] | None, reason: str | None
) -> None:
    settings: dict[str, Condition] = {}
    if block:
        settings["block"] = condition(**block)
    if keep:
        settings["keep"] = condition(**keep)
    assert admits(source("wire", **settings), ARTICLE) == reason
