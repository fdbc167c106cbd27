"""Sections and the labels that lead to them."""

from __future__ import annotations

import pytest

from aggregator.config.reserved import RESERVED
from aggregator.config.slugs import label_key
from tests.config.helpers import fault, faults, load

SECTIONS = """\
sections:
  - {id: world, title: 国际, include: [环球, ＩＴ]}
  - {id: all, title: 全部, include: ['*']}
sources:
"""


@pytest.mark.parametrize(
    "label", ["world", "World", "国际", " 国际 ", "环球", "it", "ＷＯＲＬＤ", "all", "全部"]
)
def test_a_label_is_an_id_a_title_or_an_include_of_a_section_in_any_width_and_case(label: str) -> None:
    load(f"{SECTIONS}  - {{url: https://a.example/, section: '{label}'}}\n")


def test_a_label_that_leads_nowhere_is_a_fault_with_the_nearest_name() -> None:
    assert fault(f"{SECTIONS}  - {{url: https://a.example/, section: wrld}}\n") == (
        "feeds.yaml:5:40: no section is called 'wrld' (did you mean 'world'?); declare it under 'sections', "
        "or name it in the 'include' of one"
    )


def test_labels_in_rules_are_looked_at_one_by_one() -> None:
    found = faults(f"""{SECTIONS}
  - url: https://a.example/
    section:
      match: [{{title: a, to: 国际}}, {{title: b, to: 财经}}]
      else: 综合
""")
    assert [line.split(": ")[0] for line in found] == ["feeds.yaml:8:50", "feeds.yaml:9:13"]


def test_a_wrong_label_in_defaults_is_told_once() -> None:
    found = fault(f"defaults: {{section: 财经}}\n{SECTIONS}  - https://a.example/\n  - https://b.example/\n")
    assert found.startswith("feeds.yaml:1:21: ")


@pytest.mark.parametrize("id", sorted(RESERVED))
def test_an_id_that_the_program_publishes_itself_is_a_fault(id: str) -> None:
    assert "is taken by a page of the program itself" in fault(f"sections: [{{id: {id}, title: x}}]")


def test_duplicate_section_ids_are_a_fault_that_names_both_lines() -> None:
    text = "sections:\n  - {id: x, title: x}\n  - {id: x, title: y}\n"
    assert fault(text) == "feeds.yaml:3:10: duplicate id 'x' in sections[1]; feeds.yaml:2 has it already"


def test_without_sections_each_label_gets_one_and_there_is_one_of_everything() -> None:
    config = load("""\
        site: {title: 早报}
        sources:
          - {url: https://a.example/, section: World News}
          - {url: https://b.example/, section: 国际}
          - {url: https://c.example/, section: {match: [{tag: x, to: Économie}], else: WORLD news}}
          - https://d.example/
        """).config
    world, china, money, everything = config.sections
    assert (world.id, world.title) == ("world-news", "World News")
    assert (china.id[:2], len(china.id), china.title) == ("s-", 8, "国际")
    assert (money.id, money.title) == ("economie", "Économie")
    assert (everything.id, everything.title, everything.include) == ("all", "早报", ("*",))


@pytest.mark.parametrize("label", ["all", "index", "Status", "ＦＥＥＤＳ"])
def test_a_made_id_never_collides_with_a_published_name(label: str) -> None:
    ids = [
        section.id
        for section in load(f"sources: [{{url: https://a.example/, section: {label}}}]").config.sections
    ]
    assert len(ids) == len(set(ids))
    assert not RESERVED.keys() & set(ids)


def test_made_ids_are_the_same_at_every_start() -> None:
    text = "sources: [{url: https://a.example/, section: 国际}]"
    assert load(text).config.sections == load(text).config.sections


def test_a_condition_on_a_source_that_is_not_there_is_a_warning() -> None:
    loaded = load("""\
        sources: [{id: bbc, url: https://a.example/}]
        sections: [{id: x, title: X, match: {any: {source: [bbc, bcb]}}}]
        """)
    assert [str(warning) for warning in loaded.warnings] == [
        "feeds.yaml:2:58: no source has the id 'bcb' (did you mean 'bbc'?); this never holds"
    ]


@pytest.mark.parametrize(
    ("one", "other"), [("ＡＢＣ", "abc"), ("Straße", "STRASSE"), (" 国际", "国际"), ("㎏", "kg")]
)
def test_labels_that_read_alike_are_one(one: str, other: str) -> None:
    assert label_key(one) == label_key(other)
