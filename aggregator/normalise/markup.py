"""Untrusted HTML to a fragment that may stand on our pages and in our feeds.

nh3 (ammonia, html5ever) parses as a browser does and lets through what the tables below name. Its output is
regular: lower-case tags, attributes in double quotes, no bare angle bracket anywhere else. On that the second
step may work with a pattern: it resolves addresses and lazy pictures and writes the attributes anew, from
checked values only. In the end nh3 must find nothing more to change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape

import nh3

from aggregator.normalise.nesting import bounded
from aggregator.normalise.pictures import LAZY, LAZY_SETS, is_tracker, may_lead, offered, sources_of
from aggregator.text.html import text_of, xml_safe
from aggregator.text.markup_rules import REL, SCHEMES, TAGS
from aggregator.text.portions import in_portions, texts_in_portions
from aggregator.text.urls import absolute

#: Elements that go with all that is in them.
SILENCED = frozenset(
    """
    applet base button embed frame frameset head iframe input link meta noembed noframes object option param
    script select style svg template textarea title xmp
    """.split()
)

#: Attributes that reach the page as they are.
KEPT = {
    "*": {"dir", "lang"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"datetime"},
    "details": {"open"},
    "ins": {"datetime"},
    "li": {"value"},
    "ol": {"start", "reversed"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "abbr": {"title"},
}
#: Attributes that only the second step sees; it writes those elements anew.
READ = {
    "a": {"href", "title"},
    "audio": {"src"},
    "img": {"src", "srcset", "alt", "title", "width", "height", *LAZY, *LAZY_SETS},
    "source": {"src", "srcset", "data-srcset", "type"},
    "video": {"src", "poster", "width", "height"},
}
#: Attributes that the second step writes.
WRITTEN = {
    "a": {"href", "rel", "title"},
    "audio": {"src", "controls", "preload"},
    "img": {"src", "alt", "title", "width", "height", "referrerpolicy"},
    "source": {"src", "type"},
    "video": {"src", "poster", "width", "height", "controls", "preload"},
}

#: Longer fragments are cut: no article is, and every step after this would pay for it.
MAX_FRAGMENT = 4_000_000
HARD_SPACE = "\u00a0"
#: Passes until the output is its own sanitised form; one that is not stable by then is not worth its markup.
MAX_PASSES = 5

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(SILENCED),
    attributes={tag: KEPT.get(tag, set()) | READ.get(tag, set()) for tag in KEPT.keys() | READ.keys()},
    url_schemes=set(SCHEMES),
    link_rel=None,
    strip_comments=True,
)
#: Knows what the second step writes: what it changes is not yet in its final form.
PROOF = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(SILENCED),
    attributes={tag: KEPT.get(tag, set()) | WRITTEN.get(tag, set()) for tag in KEPT.keys() | WRITTEN.keys()},
    url_schemes=set(SCHEMES),
    link_rel=None,
    strip_comments=True,
)
_START = re.compile(r'<(a|audio|img|source|video)((?: [^\s=>"]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([^\s=>"]+)="([^"]*)"')
_ESCAPED = re.compile(rf'[&<>"{HARD_SPACE}]')
_SIZE = re.compile(r"[1-9]\d{0,4}", re.ASCII)
_IMG = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
# These read what is not regular yet: each stops at the next angle bracket, lest "<a<a<a…" cost its square.
_NOSCRIPT = re.compile(r"</?noscript\b[^<>]*>", re.IGNORECASE)
_PLAYER = re.compile(
    r"<iframe\b[^<>]*?\ssrc\s*=\s*[\"']?\s*((?:https?:)?//(?:"
    r"(?:www\.)?youtube(?:-nocookie)?\.com/embed/|player\.vimeo\.com/video/|player\.bilibili\.com/|v\.qq\.com/"
    r"|player\.youku\.com/|(?:www\.)?dailymotion\.com/embed/|www\.ixigua\.com/iframe/|w\.soundcloud\.com/player"
    r"|open\.spotify\.com/embed)[^\s\"'<>]{1,500})[^<>]*>",
    re.IGNORECASE,
)
_EMPTY_PARAGRAPH = re.compile(r"<p>(?:\s|&nbsp;|<br>)*</p>\s*")
# A parser drops one line break after <pre>, so that each reading would take another.
_PRE_BREAK = re.compile(r"<pre>\n+")
_ESCAPED_BLOCK = re.compile(
    r"&lt;(?:p|div|br|img|ul|table|blockquote|h[1-6])\b[^<>]{0,500}?&gt;", re.IGNORECASE
)
_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n\s*|\r?\n(?=[ \t\u3000]{2,})")


def clean_html(fragment: str, base_url: str, *, lazy_images: bool = True, no_referrer: bool = False) -> str:
    """The fragment with only harmless markup, absolute addresses, pictures in place and trackers gone.

    Never raises; cleaning the result again gives the same. Addresses that cannot be resolved are left out,
    and pictures without an address.
    """
    return clean_all([(fragment, base_url)], lazy_images=lazy_images, no_referrer=no_referrer)[0]


def clean_all(
    fragments: Sequence[tuple[str, str]], *, lazy_images: bool = True, no_referrer: bool = False
) -> list[str]:
    """``clean_html`` of each fragment and its base, step by step for all: a step is done sooner after its like."""
    writers = [_Writer(base_url, lazy_images, no_referrer) for _, base_url in fragments]
    opened = [_opened(xml_safe(fragment[:MAX_FRAGMENT])) for fragment, _ in fragments]
    regular = list(map(_regular, opened))
    written = list(map(_rewritten, regular, writers))
    return [
        clean if proven(clean) == clean else _settled(clean, writer)
        for clean, writer in zip(written, writers, strict=True)
    ]


def proven(clean: str) -> str:
    """What nh3 leaves of a fragment that is in its final form or was cut out of one."""
    return PROOF.clean(texts_in_portions(clean))


def _settled(clean: str, writer: _Writer) -> str:
    """The outcome of a first pass in its final form."""
    for _ in range(MAX_PASSES - 1):
        clean = _rewritten(_regular(texts_in_portions(clean)), writer.anew())
        if proven(clean) == clean:
            return clean
    lines = (f"<p>{escape(line, quote=False)}</p>" for line in text_of(clean).splitlines())
    return _CLEANER.clean("".join(lines))


def markup_of(text: str) -> str:
    """A fragment as its author meant it: escaped HTML unescaped, the lines of plain text made paragraphs."""
    if "<" in text:
        return text
    if _ESCAPED_BLOCK.search(text):
        return unescape(text)
    if "\n" not in text.strip():
        return text
    paragraphs = _BLANK_LINE.split(text.strip())
    if len(paragraphs) == 1:
        paragraphs = text.strip().splitlines()
    return "".join(f"<p>{paragraph.strip()}</p>" for paragraph in paragraphs if paragraph.strip())


def lead_picture(clean: str) -> str | None:
    """The first picture of a clean fragment that may stand for its article."""
    for match in _IMG.finditer(clean):
        attributes = _attributes(match[1])
        if may_lead(attributes.get("src", ""), attributes):
            return attributes.get("src")
    return None


def _opened(fragment: str) -> str:
    """Not yet clean: pictures taken out of ``<noscript>``, embedded players made links, nothing that takes long."""
    if "<" not in fragment:
        return in_portions(fragment)
    linked = _PLAYER.sub(r'<p><a href="\1">\1</a></p>\g<0>', fragment)
    return bounded(_NOSCRIPT.sub("", linked))


def _regular(fragment: str) -> str:
    regular = _CLEANER.clean(fragment)
    # Nothing else brings in what was taken out before.
    return xml_safe(regular) if "&#" in fragment else regular


def _rewritten(regular: str, writer: _Writer) -> str:
    return tidied(_START.sub(writer, regular))


def tidied(written: str) -> str:
    """A regular fragment without paragraphs that show nothing, and blank ends."""
    full = _EMPTY_PARAGRAPH.sub("", written)
    return (_PRE_BREAK.sub("<pre>", full) if "<pre>" in full else full).strip()


class _Writer:
    """Writes the start tags of one fragment anew, in document order."""

    def __init__(self, base: str, lazy: bool, no_referrer: bool) -> None:
        self._base = base
        self._lazy = lazy
        self._no_referrer = no_referrer
        self._known: dict[str, str | None] = {}  # a page repeats its addresses
        self._offered = ""  # by the <source>s of a <picture>, for the <img> in it
        self._last = ""

    def anew(self) -> _Writer:
        """For another pass."""
        return _Writer(self._base, self._lazy, self._no_referrer)

    def __call__(self, match: re.Match[str]) -> str:
        tag, given = match.group(1, 2)
        attributes = _attributes(given)
        if tag == "a":
            written: str | None = self._link(attributes)
        elif tag == "img":
            written = self._picture(attributes)
        elif tag == "source":
            written = self._source(attributes)
        else:
            written = self._player(attributes)
        return "" if written is None else f"<{tag}{written}>"

    def _link(self, attributes: dict[str, str]) -> str:
        href = self._address(attributes.get("href", ""))
        leading = f'{_written("href", href)} rel="{REL}"' if href else ""
        return leading + _given(attributes, "title")

    def _picture(self, attributes: dict[str, str]) -> str | None:
        addresses = map(self._web, sources_of(attributes, self._lazy, self._offered))
        src = next((address for address in addresses if address), None)
        self._offered = ""
        # A lazy picture and its <noscript> twin: the same picture twice in a row is shown once.
        if src is None or src == self._last or is_tracker(src, attributes):
            return None
        self._last = src
        shown = _written("src", src) + _written("alt", attributes.get("alt", ""))
        silent = ' referrerpolicy="no-referrer"' if self._no_referrer else ""
        return shown + _given(attributes, "title") + _sizes(attributes) + silent

    def _source(self, attributes: dict[str, str]) -> str | None:
        self._offered = self._offered or offered(attributes)
        src = self._web(attributes.get("src", ""))
        return None if src is None else _written("src", src) + _given(attributes, "type")

    def _player(self, attributes: dict[str, str]) -> str:
        addresses = ((name, self._web(attributes.get(name, ""))) for name in ("src", "poster"))
        shown = "".join(_written(name, address) for name, address in addresses if address)
        return f'{shown}{_sizes(attributes)} controls="" preload="none"'

    def _address(self, href: str) -> str | None:
        href = href.strip()
        return href if href[:7].lower() == "mailto:" else self._web(href)

    def _web(self, address: str) -> str | None:
        # An empty address is the page itself: no picture, and no link worth following.
        if address not in self._known:
            self._known[address] = absolute(self._base, address) if address.strip() else None
        return self._known[address]


def _written(name: str, value: str) -> str:
    # As html5ever escapes: an apostrophe stays, a hard space is written out.
    if _ESCAPED.search(value):
        value = escape(value).replace("&#x27;", "'").replace(HARD_SPACE, "&nbsp;")
    return f' {name}="{value}"'


def _attributes(written: str) -> dict[str, str]:
    attributes = dict(_ATTRIBUTE.findall(written))
    return {name: unescape(value) for name, value in attributes.items()} if "&" in written else attributes


def _given(attributes: dict[str, str], name: str) -> str:
    value = attributes.get(name)
    return _written(name, value) if value else ""


def _sizes(attributes: dict[str, str]) -> str:
    sizes = [(name, attributes[name]) for name in ("width", "height") if name in attributes]
    return "".join([f' {name}="{size}"' for name, size in sizes if _SIZE.fullmatch(size)])
