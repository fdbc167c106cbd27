"""Where the page says it stands: 当前位置: 华文天下 > 国际 > 正文."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregator.extract.lexicon import lexicon
from aggregator.extract.metadata import Declared
from aggregator.extract.outline import Block, Outline
from aggregator.extract.title import bare
from aggregator.extract.tree import Element, squeeze, texts_in

_LABEL = re.compile(
    r"^[【\[]?(?:您|你)?(?:现在|现|當前|当前|目前|所在|的)*(?:的)?(?:位置|所在位置|位置是|导航|路径)(?:是|"
    r"在)?[】\]]?(?:\s*[:：]\s*|(?<=位置)\s+)"
    r"|^(?:you are here|current location|location)\s*[:：]\s*",
    re.IGNORECASE,
)
_LABELLED = re.compile(_LABEL.pattern.replace("^", ""), re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:>+|＞+|»|›|→|⟩|〉|&gt;|::|\s/\s|/(?=\s)|\s[-–—]\s|\||｜|·(?=\s)|\\)\s*")
_ARROW = re.compile(r"[>＞»›→⟩]")

#: Names of an element that holds a breadcrumb.
_NAMES = lexicon(
    """
    crumb crumbs breadcrumb breadcrumbs bread mianbaoxie path location position place weizhi dangqian
    curpos curposition currentposition currentlocation nowposition sitepath navpath pagepath pathnav
    crumbnav location subnav wz dqwz postcrumb bcnav channel
    """
)
_SURE = frozenset(
    (
        "crumb",
        "crumbs",
        "breadcrumb",
        "breadcrumbs",
        "bread",
        "path",
        "location",
        "position",
        "weizhi",
        "dqwz",
    )
)

#: Names that lead home or to the page itself: no section.
_HOME = re.compile(
    r"^(?:(?:网站|本站|返回|回)?(?:首页|主页|首頁|主頁)|home(?:\s?page)?|front page|start(?:seite|pagina)?|"
    r"accueil|inicio|главная)$",
    re.IGNORECASE,
)
_SELF = re.compile(
    r"^(?:(?:文章|新闻|资讯|内容|信息|公告|查看|浏览|阅读|博文|帖子)?(?:正文|内容|内容页|详情|详情页|详细|"
    r"详细内容|详细信息)"
    r"|文章|查看|浏览|阅读|列表|当前页|article|details?|content|text|(?:read )?post)$",
    re.IGNORECASE,
)
_HOME_FIRST = re.compile(r"(?:\S{0,6}首页|home)\s*[/|·-]", re.IGNORECASE)
_HOME_SUFFIX = re.compile(r"(?:网站)?(?:首页|主页|首頁|主頁)$")
_LONGEST_NAME = 24
_LONGEST_TRAIL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Breadcrumb:
    """``names`` outermost first; ``site`` where the trail begins with the site's own name."""

    names: tuple[str, ...] = ()
    site: str | None = None
    section: str | None = None
    blocks: frozenset[int] = frozenset()  #: that show it


def find_breadcrumb(declared: Declared, outline: Outline, title: str, title_at: int | None) -> Breadcrumb:
    for trail, blocks in (
        *_labelled(outline, title_at),
        *_named(outline, title_at),
        *_declared(declared),
        *_arrowed(outline, title_at),
    ):
        found = _read(trail, title, blocks, _sites(declared))
        if found:
            return found
    return Breadcrumb()


def _sites(declared: Declared) -> frozenset[str]:
    parts = _SEPARATOR.split(declared.head_title.replace("_", " | "))
    return frozenset(bare(name) for name in (*declared.sites, *parts[1:]) if bare(name))


_Trail = tuple[Sequence[str], frozenset[int]]


def _labelled(outline: Outline, title_at: int | None) -> Iterable[_Trail]:
    """A line that says 当前位置: in so many words."""
    for at, block in _before_title(outline, title_at):
        match = _LABELLED.search(block.text) if len(block.text) < 160 else None
        if match and match.start() < 12:
            owner = outline.nodes[block.owner]
            rest = block.text[match.end() :]
            if not rest or not _ARROW.search(rest):
                yield _tokens(owner.element), frozenset(range(owner.first, owner.last))
            yield _split([rest]), frozenset((at,))


def _named(outline: Outline, title_at: int | None) -> Iterable[_Trail]:
    """An element whose class or id says so; the sure names first."""
    found = []
    limit = _limit(outline, title_at)
    for node in outline.nodes:
        if node.first > limit:
            break
        if (
            not _NAMES.isdisjoint(node.names)
            and 0 < outline.chars(node) < 160
            and node.last - node.first <= 12
        ):
            found.append(node)
    for sure in (True, False):
        for node in found:
            tokens = _tokens(node.element)
            plausible = len(tokens) >= 2 and (
                not _SURE.isdisjoint(node.names) or _ARROW.search("".join(texts_in(node.element)))
            )
            if plausible and sure is not _SURE.isdisjoint(node.names):
                yield tokens, frozenset(range(node.first, node.last))


def _declared(declared: Declared) -> Iterable[_Trail]:
    for trail in declared.crumbs:
        if len(trail) >= 2:
            yield trail, frozenset()


def _arrowed(outline: Outline, title_at: int | None) -> Iterable[_Trail]:
    """A line of short names with arrows between them, as 新闻 > 国际 > 正文."""
    for at, block in _before_title(outline, title_at):
        if (
            len(block.text) < 80
            and block.stops == 0
            and (_ARROW.search(block.text) or _HOME_FIRST.match(block.text))
        ):
            parts = _split([block.text])
            if (
                len(parts) >= 2
                and all(len(part) <= 12 for part in parts[:-1])
                and (block.linked or _SELF.match(parts[-1]))
            ):
                yield parts, frozenset((at,))


def _limit(outline: Outline, title_at: int | None) -> int:
    return title_at + 6 if title_at is not None else min(len(outline.blocks), 120)


def _before_title(outline: Outline, title_at: int | None) -> Iterable[tuple[int, Block]]:
    return enumerate(outline.blocks[: _limit(outline, title_at)])


def _tokens(element: Element) -> list[str]:
    return _split(texts_in(element))


def _split(texts: Iterable[str]) -> list[str]:
    parts: list[str] = []
    for text in texts:
        for part in _SEPARATOR.split(_LABEL.sub("", squeeze(text))):
            part = squeeze(part).strip("> ＞»›/|:：,，.-–—\\")
            if part:
                parts.append(part)
    return parts


def _read(
    trail: Sequence[str], title: str, blocks: frozenset[int], sites: frozenset[str]
) -> Breadcrumb | None:
    """A trail must begin somewhere above the page; one of a single unknown name proves nothing."""
    if not 1 <= len(trail) <= _LONGEST_TRAIL + 2:
        return None
    trail = _from_home(trail)
    rooted = bool(
        _SELF.match(trail[-1])
        or _HOME.match(trail[0])
        or _HOME_SUFFIX.search(trail[0])
        or bare(trail[0]) in sites
    )
    site = _site(trail[0], sites)
    names = [site or trail[0], *trail[1:]]
    names = [
        name
        for name in names
        if not _HOME.match(name) and not _SELF.match(name) and not _is_title(name, title)
    ]
    names = list(
        dict.fromkeys(name for name in names if len(name) <= _LONGEST_NAME and re.search(r"\w", name))
    )
    if not names or (len(names) < 2 and not rooted):
        return None
    if site is None and not _HOME.match(trail[0]) and len(names) >= 2 and trail[0] == names[0]:
        site = names[0]
    section = names[-1] if len(names) > 1 or bare(names[0]) != bare(site or "") else None
    return Breadcrumb(names=tuple(names), site=site, section=section, blocks=blocks)


def _from_home(trail: Sequence[str]) -> list[str]:
    """What stands before the home page is another thing of the same bar."""
    for at, name in enumerate(trail[:3]):
        if _HOME.match(name) or _HOME_SUFFIX.search(name):
            return list(trail[at:])
    return list(trail)


def _site(first: str, sites: frozenset[str]) -> str | None:
    if _HOME.match(first):
        return None
    short = _HOME_SUFFIX.sub("", first)
    if short != first and short:
        return short
    return first if bare(first) in sites else None


def _is_title(name: str, title: str) -> bool:
    a, b = bare(name).rstrip("…"), bare(title)
    return (bool(a) and len(a) >= 6 and (a in b or b in a)) or (bool(a) and a == b)
