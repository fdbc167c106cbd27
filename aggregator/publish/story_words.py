"""The words on the page of a story, in the language of the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.publish.words import SIMPLIFIED, TRADITIONAL, words_for


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryWords:
    """One language. ``{n}`` stands for a number, ``{link}`` for the link to the page."""

    title: str  #: {title}: the article's
    copies: str
    compare: str  #: behind the copies that an entry names
    compared: str  #: on what one clicks there
    more: str  #: copies that an entry does not name
    printed: str
    printed_as: str  #: {why}
    reasons: Mapping[str, str]  #: why it is printed, by the words that ``explain`` has for it
    clauses: Sequence[tuple[str, str]]  #: (pattern in the words of ``explain``, in this language)
    between: str
    origin: str
    first: str
    like: str  #: {percent}
    common: str  #: {percent}
    same: str
    only: str
    missing: str
    lacking: str  #: paragraphs that a copy has not
    cut: str
    no_text: str
    back: str
    related: str


_REASONS = (
    "has a text",
    "is named as the origin",
    "has the whole text",
    "has the longest text",
    "its source has the highest priority",
    "is the earliest",
)
ENGLISH = StoryWords(
    title="{title}: its copies",
    copies="One story, {n} articles.",
    compare=" ({link})",
    compared="compare",
    more=" and {n} more",
    printed="Printed",
    printed_as="Printed: {why}",
    between=", ",
    reasons={},
    clauses=(),
    origin="Named as the origin",
    first="Came first",
    like="{percent} alike",
    common="{percent} of its words stand in the printed text",
    same="The same text, word for word.",
    only="Only here",
    missing="Not here, but printed",
    lacking="{n} paragraphs that it has not",
    cut="The texts are longer; their beginnings are compared.",
    no_text="It has no text.",
    back="To the article",
    related="About the same",
)
_CLAUSES_HANS = (
    (r"same address", "同一网址"),
    (r"same text", "文字相同"),
    (r"joined by hand", "人工合并"),
    (r"one story by another copy: (.*)", r"经另一篇认定为同一报道，\1"),
    (r"same title in another source, no text that says otherwise", "标题相同，正文无异"),
    (r"same title, (.*)", r"标题相同，\1"),
    (r"contains ([\d.]+) of the shorter text", r"包含较短一篇的 \1"),
    (r"reworded: (.*)", r"改写：\1"),
    (r"rewritten: (.*)", r"重写：\1"),
    (r"terms ([\d.]+) alike", r"用词相似 \1"),
    (r"([\d.]+) contained", r"包含 \1"),
    (r"numbers (\d+/\d+)", r"数字 \1"),
    (r", ", "，"),
)
_HANS = StoryWords(
    title="《{title}》各处刊载",
    copies="同一报道，共 {n} 篇。",
    compare="（{link}）",
    compared="对照异同",
    more="等，另有 {n} 处",
    printed="本报采用",
    printed_as="本报采用：{why}",
    between="，",
    reasons=dict(
        zip(_REASONS, ("有正文", "被称为来源", "全文", "篇幅最长", "来源优先", "最早"), strict=True)
    ),
    clauses=_CLAUSES_HANS,
    origin="被称为来源",
    first="最先收到",
    like="相似度 {percent}",
    common="其文字 {percent} 见于所刊",
    same="文字完全相同。",
    only="仅见于此",
    missing="此处没有，所刊有",
    lacking="此处没有的 {n} 段",
    cut="全文较长，仅对照开头部分。",
    no_text="没有正文。",
    back="回到文章",
    related="相关报道",
)
_CLAUSES_HANT = (
    (r"same address", "同一網址"),
    (r"same text", "文字相同"),
    (r"joined by hand", "人工合併"),
    (r"one story by another copy: (.*)", r"經另一篇認定為同一報道，\1"),
    (r"same title in another source, no text that says otherwise", "標題相同，正文無異"),
    (r"same title, (.*)", r"標題相同，\1"),
    (r"contains ([\d.]+) of the shorter text", r"包含較短一篇的 \1"),
    (r"reworded: (.*)", r"改寫：\1"),
    (r"rewritten: (.*)", r"重寫：\1"),
    (r"terms ([\d.]+) alike", r"用詞相似 \1"),
    (r"([\d.]+) contained", r"包含 \1"),
    (r"numbers (\d+/\d+)", r"數字 \1"),
    (r", ", "，"),
)
_HANT = StoryWords(
    title="《{title}》各處刊載",
    copies="同一報道，共 {n} 篇。",
    compare="（{link}）",
    compared="對照異同",
    more="等，另有 {n} 處",
    printed="本報採用",
    printed_as="本報採用：{why}",
    between="，",
    reasons=dict(
        zip(_REASONS, ("有正文", "被稱為來源", "全文", "篇幅最長", "來源優先", "最早"), strict=True)
    ),
    clauses=_CLAUSES_HANT,
    origin="被稱為來源",
    first="最先收到",
    like="相似度 {percent}",
    common="其文字 {percent} 見於所刊",
    same="文字完全相同。",
    only="僅見於此",
    missing="此處沒有，所刊有",
    lacking="此處沒有的 {n} 段",
    cut="全文較長，僅對照開頭部分。",
    no_text="沒有正文。",
    back="回到文章",
    related="相關報道",
)


def story_words_for(language: str | None) -> StoryWords:
    """The words of a BCP 47 language; English where there are none of its own."""
    words = words_for(language)
    return _HANT if words is TRADITIONAL else _HANS if words is SIMPLIFIED else ENGLISH
