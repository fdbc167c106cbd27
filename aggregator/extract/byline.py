"""Who wrote it and where it comes from: 作者, 记者, 来源, 责任编辑 told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from aggregator.extract import classes
from aggregator.extract.lexicon import lexicon
from aggregator.extract.metadata import Declared
from aggregator.extract.outline import Outline
from aggregator.extract.tree import Element, Page, find_all, text_in

_NAME = r"[^\s:：|｜/／,，;；。()（）\[\]【】<>《》\d]{1,24}"
_LABELS = {
    "author": r"作\s*者|撰\s*文|撰\s*稿|文字|文图|图文|供\s*稿|本(?:报|网|刊|台)?记者|记\s*者|通讯员|采写|署名|written by|author|words by|by",
    "origin": r"(?:信息|文章|稿件|新闻|内容|本文|稿源|原文)?\s*来\s*[源自]|來\s*源|转载自|转自|摘自|稿源|出处|媒体|source",
    "editor": r"责任编辑|责\s*编|編輯|编\s*辑|编审|审核|审校|校对|校\s*对|监制|主编|美编|编译|翻译|摄影|图片|视频|制作|edited by|editor",
}
_LABELLED = re.compile(
    "|".join(
        f"(?P<{role}>{pattern})" for role, pattern in (*list(_LABELS.items())[2:], *list(_LABELS.items())[:2])
    ),
    re.IGNORECASE,
)
_COLON = re.compile(r"\s*[:：丨]\s*|\s*[/／|｜]\s*(?=[\u3400-\u9fff])")
_END = re.compile(
    r"\s{2,}|[|｜;；。)）\]】<>]|\s*(?:19|20)\d\d[-年/.]|\s+\d|\s*(?:发布|更新|时间|日期|点击|浏览|阅读|字体|字号|评论|分享|打印|人气|我要|参与|收藏|举报|发表|查看|网址)"
)
_REPORTER = re.compile(
    r"[（(【]\s*(?:[\u3400-\u9fff]{0,8})?(?:记者|作者|通讯员)[\s:：]*([\u3400-\u9fff·、\s]{2,40}?)\s*(?:[）)】,，]|报道|摄|发自|综合)"
)
_BY = re.compile(r"^\s*by[:\s]+((?:[A-Z][\w.'’-]*\s?){1,5})", re.IGNORECASE)

_AUTHOR_NAMES = lexicon(
    """
    author authors byline writer zuozhe authorname postauthor articleauthor contributor username
    nickname accountname
    """
)
_ORIGIN_NAMES = lexicon(
    """
    source laiyuan ly origin media from articlesource sourcename copyfrom comefrom
    """
)

_NAMED = etree.XPath(
    "//*["
    + " or ".join(
        f"contains(@{name}, '{word}')"
        for name in ("class", "id")
        for word in ("uthor", "ource", "byline", "zuozhe", "laiyuan", "writer", "media", "name")
    )
    + " or @rel='author' or @itemprop='author']"
)
_UNNAMED = re.compile(r"[:：。！？|]|\d{2,}|\s{2,}")

#: What stands where a name should, and is none.
_NOBODY = re.compile(
    r"^(?:未知|佚名|匿名|不详|无|暂无|本站|本站原创|原创|网络|互联网|网友|管理员|admin|administrator|root|editor|staff|搜索|登录|注册|分享|评论|首页|"
    r"作者|来源|编辑|小编|责任编辑|本文|转载|关注|收藏|举报|阅读|点击|查看|更多|正文|字号|打印|订阅|null|undefined|none|unknown|guest|user|"
    r"微信|微博|qq空间|手机|客户端|app|新闻|视频|图片|专题)$",
    re.IGNORECASE,
)
_OUTLET = re.compile(
    r"(?:网|报|社|台|新闻|日报|晚报|早报|时报|电视|广播|周刊|杂志|客户端|频道|集团|中心|在线|公众号|卫视|传媒|快讯|资讯|综合|发布)$|[A-Z]{3,}|\.(?:com|cn|net)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    authors: tuple[str, ...] = ()
    origin: str | None = None


def find_byline(
    page: Page,
    declared: Declared,
    outline: Outline,
    around: Sequence[int],
    lead: Sequence[str],
    title: str,
    site: str | None,
) -> Byline:
    """``around``: the blocks near title and date; ``lead``: first and last paragraphs of the body."""
    said = _labelled([outline.blocks[at].text for at in around if at < len(outline.blocks)])
    named = _named(page, outline, around)
    authors = [*_people(declared.authors), *said["author"], *named["author"], *_reporters(lead)]
    if not authors:
        authors = _labelled(lead)["author"]
    origins = [*said["origin"], *named["origin"], *_labelled(lead[-3:])["origin"], *declared.origins]
    authors = [name for name in authors if _is_name(name, title)]
    origin = next((name for name in origins if _is_name(name, title)), None)
    return Byline(authors=_people_only(authors, site, origin), origin=origin)


def _labelled(lines: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {role: [] for role in _LABELS}
    lines = list(lines)
    for at, line in enumerate(lines):
        for role, value in _roles(line):
            if not value and at + 1 < len(lines) and len(lines[at + 1]) <= 20:
                value = lines[at + 1]  # 来源: and the name in an element of its own
            found[role].extend(_split(value) if role == "author" else [value])
    return found


def _roles(line: str) -> Iterator[tuple[str, str]]:
    """Each label of a line with what stands between it and the next."""
    if len(line) > 300:
        return
    marks = []
    for match in _LABELLED.finditer(line):
        colon = _COLON.match(line, match.end())
        if colon:
            marks.append((match.start(), colon.end(), str(match.lastgroup)))
    ends = [*(start for start, _, _ in marks[1:]), len(line)]
    for (_, begin, role), following in zip(marks, ends[: len(marks)], strict=True):
        value = line[begin:following]
        end = _END.search(value)
        yield role, (value[: end.start()] if end else value).strip(" 　,，、-—_")


def _split(value: str) -> list[str]:
    """Names in a row; a space between Chinese names separates, one in a Western name does not."""
    parts = re.split(r"[、,，;；&/]|\s+and\s+|\s+和\s+", value)
    names: list[str] = []
    for part in parts:
        spaced = part.split()
        chinese = len(spaced) > 1 and all(re.fullmatch(r"[\u3400-\u9fff·]{2,4}", name) for name in spaced)
        names.extend(spaced if chinese else [" ".join(spaced)])
    return [name for name in names if name]


def _people(claims: Iterable[str]) -> list[str]:
    """Declared authors; addresses and @names are none."""
    return [
        name
        for claim in claims
        if not re.match(r"https?:|@|www\.", claim)
        for name in _split(re.sub(r"^by\s+", "", claim, flags=re.I))
    ]


def _named(page: Page, outline: Outline, around: Sequence[int]) -> dict[str, list[str]]:
    """Short elements near the title whose class says author or source."""
    found: dict[str, list[str]] = {"author": [], "origin": []}
    near = set(around)
    for element in find_all(_NAMED, page.root)[:60]:
        names = classes.words(
            f"{element.get('class') or ''} {element.get('id') or ''} {element.get('rel') or ''} {element.get('itemprop') or ''}"
        )
        role = "author" if names & _AUTHOR_NAMES else "origin" if names & _ORIGIN_NAMES else None
        text = text_in(element)
        if (
            role
            and 2 <= len(text) <= 24
            and _position(outline, element) in near
            and not _UNNAMED.search(text)
        ):
            found[role].append(text)
    return found


def _position(outline: Outline, element: Element) -> int:
    """The block in which an element stands, or the first of those within it."""
    if element in outline.by_element:
        return outline.nodes[outline.by_element[element]].first
    text = text_in(element)
    index = next((outline.by_element[up] for up in element.iterancestors() if up in outline.by_element), None)
    if index is None:
        return -1
    node = outline.nodes[index]
    return next(
        (at for at in range(node.first, min(node.last, node.first + 40)) if text in outline.blocks[at].text),
        node.first,
    )


def _reporters(lead: Sequence[str]) -> list[str]:
    """（记者 张三 李四） in the first or last paragraphs."""
    for line in lead:
        match = _REPORTER.search(line)
        if match:
            return _split(match[1])
        match = _BY.match(line) if len(line) < 80 else None
        if match:
            return _split(match[1].strip())
    return []


def _is_name(name: str, title: str) -> bool:
    return (
        2 <= len(name) <= 40
        and not _NOBODY.match(name)
        and name not in title
        and bool(re.search(r"[^\W\d_]", name))
    )


def _people_only(authors: Iterable[str], site: str | None, origin: str | None) -> tuple[str, ...]:
    names = dict.fromkeys(re.sub(r"^(?:记者|作者|文|通讯员)[\s:：/]*", "", name).strip() for name in authors)
    return tuple(name for name in names if name and name != site)[:8]
