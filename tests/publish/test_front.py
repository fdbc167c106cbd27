"""Which stories stand where on the front page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.config.model import Section
from aggregator.publish.edition import PrintedArticle, SectionEdition
from aggregator.publish.front import columns_across, front_page
from tests.publish.samples import NOON, article, edition, paper, printed


def story(number: int, *, picture: bool = False) -> PrintedArticle:
    image = "https://a.example/p.jpg" if picture else None
    one = article(
        uid=f"u{number:03}", title=f"t{number}", published=NOON - timedelta(hours=number), image=image
    )
    return printed(one)


def everything(*articles: PrintedArticle) -> SectionEdition:
    section = Section(id="all", title="All", include=("*",))
    return SectionEdition(section=section, title="All", articles=articles)


def test_the_lead_is_the_newest_story_with_a_picture() -> None:
    front = front_page(paper(edition(story(0), story(1, picture=True), story(2, picture=True))))
    assert front.lead == story(1, picture=True)


def test_a_picture_from_last_week_does_not_lead() -> None:
    front = front_page(paper(edition(*map(story, range(20)), story(20, picture=True))))
    assert front.lead == story(0)


def test_a_story_of_two_sections_stands_in_the_first() -> None:
    front = front_page(paper(edition(story(0), story(1), id="a"), edition(story(1), story(2), id="b")))
    assert [[one.article.uid for one in column.articles] for column in front.columns] == [["u001"], ["u002"]]


def test_beside_the_lead_stand_stories_rather_than_headlines_and_of_more_than_one_source() -> None:
    headlines = [printed(article(uid=f"h{n}", title=f"h{n}", summary="", published=NOON)) for n in range(20)]
    ours = [story(n) for n in range(1, 20)]
    theirs = replace(story(20), article=replace(story(20).article, source="other"))
    front = front_page(paper(edition(story(0, picture=True), *headlines, *ours, theirs)))
    assert [one.article.uid for one in front.seconds] == ["u001", "u002", "u020", "u003"]


def test_headlines_alone_are_a_wire() -> None:
    wire = edition(
        *(printed(article(uid=f"h{n}", title=f"h{n}", summary="", published=NOON)) for n in range(20))
    )
    columns = front_page(paper(wire, edition(*map(story, range(40)), id="b"))).columns
    assert [(column.bare, len(column.articles)) for column in columns] == [(True, 9), (False, 6)]


def test_a_section_whose_stories_all_stand_above_has_no_column() -> None:
    sections = [edition(story(0, picture=True), id="a"), edition(*map(story, range(1, 9)), id="b")]
    empty = edition(id="c")
    assert [column.edition.id for column in front_page(paper(*sections, empty)).columns] == ["b", "c"]


def test_a_section_that_takes_everything_has_no_column() -> None:
    front = front_page(paper(everything(story(0), story(1)), edition(story(1))))
    assert [column.edition.id for column in front.columns] == ["world"]


def test_unless_it_is_the_only_one() -> None:
    front = front_page(paper(everything(*map(story, range(9)))))
    assert [column.edition.id for column in front.columns] == ["all"]
    assert len(front.columns[0].articles) == 6


def test_columns_are_shorter_where_there_are_many() -> None:
    sections = [edition(*(story(100 * n + k) for k in range(9)), id=f"s{n}") for n in range(30)]
    assert {len(column.articles) for column in front_page(paper(*sections)).columns} == {3}


@pytest.mark.parametrize(
    ("columns", "across"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 3), (6, 3), (7, 4), (8, 4), (9, 3)]
)
def test_as_few_places_as_can_be_stay_empty(columns: int, across: int) -> None:
    assert columns_across(columns) == across
