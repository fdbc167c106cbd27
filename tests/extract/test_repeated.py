"""Paragraphs that a source repeats are learnt by counting."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract import without_repeated

FOLLOW = "<p>关注江边网的公众号，<a href='/q'>第一时间</a>读到渔港的新闻。</p>"


def story(number: int, *more: str) -> str:
    return (
        f"<p>第{number}号渔港的清晨与众不同，开头一段。</p><p>第{number}号渔港的黄昏，结尾一段。</p>"
        + "".join(more)
    )


def test_what_stands_in_three_articles_is_left_out_of_all_that_come_then() -> None:
    bodies, note = without_repeated([story(n, FOLLOW) for n in range(2)], None)
    assert bodies == [story(0, FOLLOW), story(1, FOLLOW)]
    bodies, note = without_repeated([story(2, FOLLOW)], note)
    assert bodies == [story(2)]
    assert without_repeated([story(3, FOLLOW, "<p>尾。</p>")], note)[0] == [story(3, "<p>尾。</p>")]


def test_within_one_batch_too() -> None:
    assert without_repeated([story(n, FOLLOW) for n in range(3)], None)[0] == [story(n) for n in range(3)]


def test_twice_in_one_article_is_once() -> None:
    body = story(1, FOLLOW, FOLLOW)
    assert without_repeated([body, story(2)], None)[0] == [body, story(2)]


def test_one_article_under_many_addresses_stays_whole() -> None:
    assert without_repeated([story(1)] * 9, None)[0] == [story(1)] * 9


def test_pictures_headings_and_single_words_are_not_counted() -> None:
    tail = "<p><img src='/logo.png'>渔港新闻的标识在此</p><h3>延伸阅读的小标题在此</h3><p>他点了头。</p>"
    bodies = [story(n, tail) for n in range(5)]
    assert without_repeated(bodies, None)[0] == bodies


def test_what_is_no_longer_written_is_forgotten() -> None:
    note = without_repeated([story(n, FOLLOW) for n in range(5)], None)[1]
    for n in range(10, 900):
        note = without_repeated([story(n)], note)[1]
    assert without_repeated([story(1000, FOLLOW)], note)[0] == [story(1000, FOLLOW)]
    assert len(note) < 4000


@given(st.lists(st.text(max_size=200), max_size=5), st.binary(max_size=60))
def test_no_body_and_no_note_breaks_it(bodies: list[str], note: bytes) -> None:
    found, after = without_repeated(bodies, note)
    assert len(found) == len(bodies)
    assert without_repeated([], after)[1] == after
