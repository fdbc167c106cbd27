from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.model import Routing
from aggregator.curate import Router
from tests.curate.build import article, condition, route, section, source

SECTIONS = (
    section("world", "国际"),
    section("finance", "财经", include=["股市", "ｂonds"]),
    section("all", "要闻", include=["国际", "财经"]),
    section("everything", "全部", include="*"),
)
RULES = Routing(
    match=(route(title="央行|汇率", to="财经"), route(tag="国际", to="world")),
    **{"else": "综合"},
)


@pytest.mark.parametrize(
    ("labels", "sections"),
    [
        (("国际",), ("world", "all", "everything")),
        (("World",), ("world", "all", "everything")),
        (("股市",), ("finance", "everything")),
        (("BONDS",), ("finance", "everything")),
        (("ｆinance",), ("finance", "all", "everything")),
        (("体育",), ("everything",)),
        (("国际", "财经"), ("world", "finance", "all", "everything")),
        ((), ("everything",)),
        (("国",), ("everything",)),
    ],
)
def test_labels_lead_to_the_sections_that_bear_or_include_them(
    labels: tuple[str, ...], sections: tuple[str, ...]
) -> None:
    assert Router(SECTIONS, [source()]).sections(article(labels=labels)) == sections


@pytest.mark.parametrize(
    ("configured", "labels", "sections"),
    [
        ("财经", ("国际",), ("finance", "all", "everything")),
        ("finance", (), ("finance", "all", "everything")),
        ("无此", ("国际",), ("everything",)),
        (None, ("国际",), ("world", "all", "everything")),
        (RULES, ("国际",), ("everything",)),
        (Routing(match=RULES.match), ("国际",), ("world", "all", "everything")),
    ],
)
def test_what_is_configured_for_a_source_goes_before_what_a_page_says(
    configured: Any, labels: tuple[str, ...], sections: tuple[str, ...]
) -> None:
    router = Router(SECTIONS, [source(section=configured)])
    assert router.sections(article(labels=labels)) == sections


@pytest.mark.parametrize(
    ("title", "tags", "sections"),
    [
        ("央行降息", (), ("finance", "all", "everything")),
        ("央行降息", ("国际",), ("finance", "all", "everything")),
        ("大桥通车", ("国际",), ("world", "all", "everything")),
        ("大桥通车", (), ("everything",)),
    ],
)
def test_of_the_rules_of_a_source_the_first_that_holds_decides(
    title: str, tags: tuple[str, ...], sections: tuple[str, ...]
) -> None:
    router = Router(SECTIONS, [source(section=RULES)])
    assert router.sections(article(title=title, tags=tags)) == sections


@pytest.mark.parametrize(
    ("more", "is_in", "why"),
    [
        ({"match": condition(title="桥")}, True, "its rule holds: title 桥"),
        ({"match": condition(title="路")}, False, "no label leads there, nor does its rule"),
        ({"include": "国际"}, True, "the breadcrumb names '国际'"),
        ({"include": "财经"}, True, "a category is '财经'"),
        ({"include": "欧洲"}, True, "the page or its source calls it '欧洲'"),
        ({"include": "*"}, True, "it takes every article"),
        ({"include": "*", "keep": condition(title="桥", language="zh")}, True, "it takes every article"),
        ({"include": "*", "keep": condition(title="桥", language="en")}, False, "it keeps only language en"),
        ({"include": "*", "block": condition(title="路", tag="财经")}, False, "it blocks tag 财经"),
        ({"include": "*", "block": condition(title="路")}, True, "it takes every article"),
        ({"keep": condition(title="桥")}, False, "no label leads there"),
    ],
)
def test_every_section_gives_its_reason(more: dict[str, Any], is_in: bool, why: str) -> None:
    bridge = article(
        title="大桥通车",
        breadcrumb=("首页", "国际"),
        tags=("财经",),
        labels=("国际", "财经", "欧洲"),
        language="zh-CN",
    )
    placement = Router([section("s", "桥梁", **more)], [source()]).route(bridge)
    assert placement.reasons == (f"桥梁: {'in' if is_in else 'out'}, {why}",)
    assert placement.sections == (("s",) if is_in else ())


def test_the_source_is_named_as_a_reason() -> None:
    router = Router(SECTIONS[:1], [source(section="国际"), source("b", section=RULES)])
    assert router.route(article()).reasons == ("国际: in, its source is configured for '国际'",)
    assert router.route(article(source="b", tags=("国际",))).reasons == (
        "国际: in, rule 2 of its source sends it to 'world'",
    )
    to_rest = Router([section("rest", "综合")], [source("b", section=RULES)]).route(article(source="b"))
    assert to_rest.reasons == ("综合: in, no rule of its source holds, and the others go to '综合'",)


def test_an_article_of_a_source_no_longer_configured_goes_by_its_labels() -> None:
    assert Router(SECTIONS, []).sections(article(labels=("国际",))) == ("world", "all", "everything")


def test_the_order_is_that_of_the_configuration() -> None:
    assert Router(SECTIONS, []).order == ("world", "finance", "all", "everything")


@pytest.mark.parametrize(
    ("sections", "sources"),
    [
        ((section("world", "世界"), *SECTIONS[1:]), [source()]),
        (SECTIONS[::-1], [source()]),
        ((*SECTIONS, section("more")), [source()]),
        ((*SECTIONS[:3], section("everything", "全部", include="*", block=condition(title="x"))), [source()]),
        (SECTIONS, [source(section="国际")]),
        (SECTIONS, [source(section=RULES)]),
        (SECTIONS, [source(), source("b")]),
    ],
)
def test_the_fingerprint_changes_with_every_routing_rule(sections: Any, sources: Any) -> None:
    assert Router(sections, sources).fingerprint() != Router(SECTIONS, [source()]).fingerprint()


def test_the_fingerprint_does_not_change_with_anything_else() -> None:
    wider = tuple(each.model_copy(update={"limit": 7, "description": "x"}) for each in SECTIONS)
    one, other = source("b"), source(name="N", priority=3)
    assert Router(wider, [other, one]).fingerprint() == Router(SECTIONS, [one, source()]).fingerprint()


NAMES = st.sampled_from(["国际", "world", "财经", "股市", "体育", "", "*"])


@given(st.lists(NAMES, max_size=4).map(tuple), st.lists(NAMES, max_size=3).map(tuple))
def test_a_placement_names_known_sections_in_order_and_explains_all(
    labels: tuple[str, ...], tags: tuple[str, ...]
) -> None:
    router = Router(SECTIONS, [source()])
    placement = router.route(article(labels=labels, tags=tags))
    assert router.sections(article(labels=labels, tags=tags)) == placement.sections
    assert list(placement.sections) == [id for id in router.order if id in placement.sections]
    assert len(placement.reasons) == len(SECTIONS)
    assert sum(": in, " in reason for reason in placement.reasons) == len(placement.sections)
    more = router.route(article(labels=(*labels, "财经"), tags=tags))
    assert set(placement.sections) <= set(more.sections)
