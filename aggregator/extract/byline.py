"""Who wrote it and where it comes from: 作者, 记者, 来源, 责任编辑 told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from aggregator.extract import classes, signature
from aggregator.extract.lexicon import lexicon
from aggregator.extract.metadata import Declared
from aggregator.extract.names import SECTIONS, is_chinese_person, is_name, is_outlet, split_names
from aggregator.extract.outline import Outline
from aggregator.extract.title import bare
from aggregator.extract.tree import Element, text_in

#: Labels by what follows them. The editors come first: 责任编辑 is not 编辑者, nor a 作者.
_ROLES = {
    "editor": r"责任编辑|责\s*编|責任編輯|編輯|编\s*辑|编审|审核|审校|校对|校\s*对|监制|主编|美编|编译|翻译|"
    r"摄影|图片|视频|制作|edited by|editor",
    "author": r"作\s*者|撰\s*文|撰\s*稿|执笔人?|文字|文图|图文|供\s*稿|本(?:报|网|刊|台)?记者|记\s*者|通讯员|"
    r"采写|署名|写手|written by|author|words by",
    "origin": r"(?:信息|文章|稿件|新闻|内容|本文|稿源|原文)?\s*来\s*[源自](?:于)?|來\s*源|转载自|转自|摘自|"
    r"稿源|出处|媒体|source",
}
_LABEL = re.compile("|".join(f"(?P<{role}>{pattern})" for role, pattern in _ROLES.items()), re.IGNORECASE)
_COLON = re.compile(r"\s*[:：丨]\s*|\s*[/／|｜]\s*(?=[\u3400-\u9fff])")
_END = re.compile(
    r"\s{2,}|[|｜;；。)）\]】<>]|\s*(?:19|20)\d\d[-年/.]|\s+\d|\s*(?:发布|更新|时间|日期|点击|浏览|阅读|字体|"
    r"字号|评论|网友|分享|打印|人气|我要|参与|收藏|"
    r"举报|发表|查看|网址)"
)
#: What may stand behind a name in brackets, as its agency: it ends no name.
_AGENCY = re.compile(r"(?<=\w)\s?(?:\([^\W\d_]{2,20}\)|（[^\W\d_]{2,20}）)")
_DATE = re.compile(
    r"(?:19|20)?\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?|\d{1,2}:\d\d(?::\d\d)?|(?:19|20)\d{6}|星期.|"
    r"周[一二三四五六日]|[A-Z]{3,4}(?=\s|$)"
)
_COUNTER = re.compile(
    r"\d+\s*(?:次)?\s*(?:阅读|评论|浏览|点击|条评论|人气|views?)?|https?://\S+|\[\w+\]|原创|转载|首发|发布于|"
    r"发表于|发布"
)

_AUTHOR_NAMES = lexicon(
    "author authors byline writer zuozhe authorname postauthor articleauthor contributor username nickname accountname"
)
_ORIGIN_NAMES = lexicon("source laiyuan ly origin media articlesource sourcename copyfrom comefrom")
_SENTENCE = re.compile(r"[。！？!?]|，.{9}")
_UNNAMED = re.compile(r"[:：。！？|（(]|\d{2,}|\s{2,}")
_NAMING = ("class", "id", "rel", "itemprop")
_WRAPPERS = 2  # elements around a line that may be named for it
_SHARED = 3  # elements around a line that may say that it is for sharing or of others
_INNER = 40  # elements within one that are looked at
_LAST = 6  # blocks of a page in which its owner is named
_BELOW = 8  # blocks after a body in which its author may still be named
_SHORT = 24  # characters of a line that may be nothing but a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    authors: tuple[str, ...] = ()
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a byline is looked for."""

    title_at: int | None
    date_at: int | None
    body_at: int  #: the first block of the body
    body_end: int = 0  #: one past its last
    lead: Sequence[str] = field(default=())  #: first and last paragraphs of the body

    def below(self, outline: Outline) -> list[str]:
        """The lines right after the body."""
        return [block.text for block in outline.blocks[self.body_end : self.body_end + _BELOW]]

    def around(self, outline: Outline) -> list[int]:
        """Blocks about the title, and about the date."""
        anchor = self.title_at if self.title_at is not None else self.body_at
        near = set(range(max(anchor - 6, 0), anchor + 14))
        if self.date_at is not None:
            near |= set(range(max(self.date_at - 3, 0), self.date_at + 6))
        return sorted(at for at in near if at < len(outline.blocks))


def find_byline(
    declared: Declared,
    outline: Outline,
    place: Place,
    title: str,
    site: str | None,
    sections: Iterable[str] = (),
) -> Byline:
    """Declared and labelled names first, then those that a class or their place beside the date tells.

    A section stands beside the date as a name does, and 国, 文, 时 and 房 are family names too: ``sections`` are those
    that the page names.
    """
    named_sections = set(map(bare, sections)) | SECTIONS
    around = place.around(outline)
    said = _labelled([outline.blocks[at].text for at in around])
    named = _named(outline, around)
    beside = [name for name in _beside_date(outline, place) if bare(name) not in named_sections]
    origins = [
        *said["origin"],
        *named["origin"],
        *declared.origins,
        *beside,
        *_labelled(place.lead[-3:], longest=60)["origin"],
    ]
    origin = next((name for name in origins if _fits(name, title) and not is_chinese_person(name)), None)
    claims = (
        _people(declared.authors, site, origin),
        [
            name
            for name in (*said["author"], *named["author"], *_by_lines(outline, around))
            if bare(name) != bare(site or "")
        ],
        [*signature.signed(place.lead), *_labelled_people(place.lead)],
        signature.posted(outline.blocks[at].text for at in around),
        [name for name in beside if is_chinese_person(name)],
        _labelled_people(place.below(outline)),
        signature.owner(block.text for block in outline.blocks[-_LAST:]),
    )
    authors = next((found for claim in claims if (found := _clean(claim, title))), ())
    return Byline(authors=authors, origin=origin)


def _fits(name: str, title: str) -> bool:
    return is_name(name) and bare(name) not in ("", bare(title))


def _clean(names: Iterable[str], title: str) -> tuple[str, ...]:
    bare_names = (re.sub(r"^(?:\S{0,6}记者|作者|文|通讯员)[\s:：/]+", "", name).strip() for name in names)
    fitting = (name for name in bare_names if _fits(name, title) and not re.search(r"[，。！？；“”]", name))
    return tuple(dict.fromkeys(name for name in fitting if len(name) <= 12 or name.isascii() or " " in name))[
        :8
    ]


# -- labelled


def _labelled(lines: Iterable[str], longest: int = 300) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {role: [] for role in _ROLES}
    lines = list(lines)
    for at, line in enumerate(lines):
        if len(line) > longest:
            continue
        for role, value in _roles(line):
            if role == "author" and _SENTENCE.search(value):
                continue  # 记者: and what he asks
            if not value and at + 1 < len(lines) and len(lines[at + 1]) <= _SHORT:
                value = lines[at + 1]  # 来源: and the name in an element of its own
            found[role].extend(split_names(value) if role == "author" else [value])
    return found


def _by_lines(outline: Outline, around: Sequence[int]) -> Iterator[str]:
    for at in around:
        if len(outline.blocks[at].text) < 120:
            yield from signature.by_line(outline.blocks[at].text)


def _roles(line: str) -> Iterator[tuple[str, str]]:
    """Each label of a line with what stands between it and the next."""
    marks = []
    for match in _LABEL.finditer(line):
        colon = _COLON.match(line, match.end())
        # On a line of parts, as "21:30 | 来源CSDN | 作者魏星", the label needs no colon.
        begins = "|" in line and line[: match.start()].rstrip(" \u3000").endswith("|")
        if colon or begins:
            marks.append((match.start(), colon.end() if colon else match.end(), str(match.lastgroup)))
    ends = [*(start for start, _, _ in marks[1:]), len(line)]
    for (_, begin, role), following in zip(marks, ends[: len(marks)], strict=True):
        value = line[begin:following]
        end = _END.search(_AGENCY.sub(lambda agency: "_" * len(agency[0]), value))
        yield role, (value[: end.start()] if end else value).strip(" 　,，、-—_(（")


def _people(claims: Iterable[str], site: str | None, origin: str | None) -> list[str]:
    """Declared authors; the site's own name is none, nor is an outlet that is the origin as well."""
    names = [
        name for claim in claims for name in split_names(re.sub(r"^by\s+", "", claim, flags=re.IGNORECASE))
    ]
    own, from_ = bare(site or ""), bare(origin or "")
    return [
        name
        for name in names
        if not (own and (bare(name) in own or own in bare(name)))
        and not (is_outlet(name) and from_ and bare(name) == from_)
    ]


def _labelled_people(lead: Sequence[str]) -> list[str]:
    """In the text itself 记者: may begin a question of an interview, so only people count."""
    names = _labelled(lead, longest=50)["author"]
    return [name for name in names if is_chinese_person(name) or (name.isascii() and len(name) < 30)]


# -- told by class or place


def _named(outline: Outline, around: Sequence[int]) -> dict[str, list[str]]:
    """Short elements near the title whose class says author or source."""
    found: dict[str, list[str]] = {"author": [], "origin": []}
    near = set(around)
    for element in _nearby(outline, around):
        names = classes.words(" ".join(element.get(name) or "" for name in _NAMING))
        role = "author" if names & _AUTHOR_NAMES else "origin" if names & _ORIGIN_NAMES else None
        text = text_in(element)
        if (
            role
            and 2 <= len(text) <= _SHORT
            and not _UNNAMED.search(text)
            and _position(outline, element, text) in near
        ):
            found[role].append(text)
    return found


def _nearby(outline: Outline, around: Sequence[int]) -> Iterator[Element]:
    """The elements of these blocks, with those around them, each once."""
    seen: set[Element] = set()
    for at in around:
        index = outline.blocks[at].owner
        if any(outline.nodes[up].foreign for up in islice(outline.ancestors(index), _SHARED)):
            continue
        owner = outline.nodes[index].element
        wrappers = list(islice(owner.iterancestors(), _WRAPPERS))
        for element in (*reversed(wrappers), *islice(owner.iter("*"), _INNER)):
            if element not in seen and any(name in element.attrib for name in _NAMING):
                seen.add(element)
                yield element


def _position(outline: Outline, element: Element, text: str) -> int:
    """The block in which an element stands, or the first of those within it."""
    if element in outline.by_element:
        return outline.nodes[outline.by_element[element]].first
    index = next((outline.by_element[up] for up in element.iterancestors() if up in outline.by_element), None)
    if index is None:
        return -1
    node = outline.nodes[index]
    blocks = range(node.first, min(node.last, node.first + 40))
    return next((at for at in blocks if text in outline.blocks[at].text), node.first)


def _beside_date(outline: Outline, place: Place) -> Iterator[str]:
    """What is left of the date's line without date and counters; else the short line next to it, below the title."""
    at = place.date_at
    if at is None or at >= len(outline.blocks) or len(outline.blocks[at].text) > 80:
        return
    rest = _COUNTER.sub(" ", _DATE.sub(" ", outline.blocks[at].text))
    yield from _short_names(re.split(r"[|｜·/]|\s{2,}", rest.strip(" |｜·-—,，")))
    for near in (at - 1, at + 1):
        below = place.title_at is not None and place.title_at < near < place.body_at
        if below and outline.blocks[near].linked < 0.5 * outline.blocks[near].chars + 4:
            yield from _short_names(re.split(r"[/|｜]", outline.blocks[near].text))


def _short_names(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        name = part.strip(" :：-—·,，")
        if (
            2 <= len(name) <= 14
            and " " not in name
            and not _UNNAMED.search(name)
            and re.search("[\u3400-\u9fff]", name)
        ):
            yield name
