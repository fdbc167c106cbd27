"""The body as clean semantic HTML and as text: pieces, each a paragraph, heading, item, picture, table or code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape

from lxml import etree

from aggregator.extract import classes
from aggregator.extract.lexicon import lexicon
from aggregator.extract.outline import INLINE, Outline, is_unread
from aggregator.extract.tree import Element, Page, squeeze, text_in
from aggregator.text.html import xml_safe

_INLINE_KEPT = {
    "a": "a",
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "code": "code",
    "sub": "sub",
    "sup": "sup",
}
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
#: Share of captions in the text from which they are the text.
_PICTURE_STORY = 0.3

_CAPTION_NAMES = lexicon(
    "caption imgdescr imgdesc imgtext imginfo picdesc pictext picinfo captiontext wpcaptiontext photocaption"
)

_WRAPPERS = frozenset(("ul", "ol", "li", "blockquote", "figure"))

#: Where pictures that load lazily keep their address, the surest first; ``src`` is last.
LAZY = (
    "data-original",
    "data-src",
    "data-lazy-src",
    "data-actualsrc",
    "data-echo",
    "data-url",
    "data-lazyload",
    "data-original-src",
    "data-lazy",
    "data-real-src",
    "data-hi-res-src",
    "_src",
    "rel",
    "file",
    "zoomfile",
)
_PLACEHOLDER = re.compile(
    r"^data:|(^|[/_-])(blank|spacer|placeholder|loading|lazy|grey|gray|1x1|pixel|transparent)[^/]*\.(gif|png|svg|jpg)",
    re.I,
)
_ADDRESS = re.compile(r"^(https?:)?//|^[./]|^[\w%./-]+\.(jpe?g|png|gif|webp|avif|svg|bmp)([?#]|$)", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One unit of the body."""

    tag: str  #: p, h2–h4, img, figcaption, table, pre; "" for text directly in a list item
    html: str  #: inner HTML; the whole element for img, table and pre
    text: str  #: "" for a picture
    linked: int = 0  #: characters inside links
    around: tuple[
        tuple[str, int], ...
    ] = ()  #: elements around it, outermost first: tag, and a number that tells two apart


def pieces(page: Page, outline: Outline, nodes: Sequence[int], dropped: frozenset[int]) -> list[Piece]:
    """The chosen nodes in document order, as pieces; the dropped ones left out."""
    gone = {outline.nodes[index].element for index in dropped}
    found: list[Piece] = []
    for index in nodes:
        found.extend(_Reader(page, gone).read(outline.nodes[index].element))
    return found


class _Reader:
    """One walk over the element of a body; text gathers in a run until something breaks the line."""

    def __init__(self, page: Page, gone: set[Element]) -> None:
        self.page, self.gone = page, gone
        self.found: list[Piece] = []
        self.run: list[str] = []
        self.plain: list[str] = []
        self.inline: list[tuple[str, str]] = []  # open inline elements: name, opening tag
        self.around: list[tuple[str, int]] = []
        self.block: list[str] = []
        self.pictures: list[str] = []
        self.linked = 0
        self.count = 0

    def read(self, element: Element) -> list[Piece]:
        walker = etree.iterwalk(element, events=("start", "end"))
        for event, inner in walker:
            tag = inner.tag if isinstance(inner.tag, str) else "script"
            if event == "start":
                self._enter(walker, inner, tag)
            else:
                self._leave(inner, tag, is_top=inner is element)
        self._flush()
        return self.found

    def _enter(self, walker: etree.iterwalk, element: Element, tag: str) -> None:
        if element in self.gone:
            self._flush()
            walker.skip_subtree()
        elif tag == "noscript":
            self._noscript(element)
            walker.skip_subtree()
        elif tag == "img" or tag == "amp-img":
            self._picture(element)
        elif is_unread(element, tag):
            walker.skip_subtree()
        elif tag == "pre":
            self._whole("pre", _pre(element), _raw_text(element))
            walker.skip_subtree()
        elif tag == "table" and is_data_table(element):
            self._whole("table", _table(element), _table_text(element))
            walker.skip_subtree()
        else:
            self._open(element, tag)

    def _open(self, element: Element, tag: str) -> None:
        if tag in INLINE or ":" in tag:
            self._open_inline(element, tag)
        else:
            self._flush()
            if tag not in ("br", "hr"):
                self.block.append("figcaption" if _is_caption(element) else tag)
            if tag in _WRAPPERS:
                self.count += 1
                self.around.append((tag, self.count))
        self._text(element.text)

    def _open_inline(self, element: Element, tag: str) -> None:
        kept = _INLINE_KEPT.get(tag)
        opening = ""
        if kept == "a":
            href = self.page.resolve(element.get("href"))
            opening = f'<a href="{escape(href)}">' if href else ""
        elif kept:
            opening = f"<{kept}>"
        self.inline.append((kept or "", opening))
        self.run.append(opening)

    def _leave(self, element: Element, tag: str, *, is_top: bool) -> None:
        if (
            element in self.gone
            or is_unread(element, tag)
            or tag in ("img", "amp-img", "pre")
            or (tag == "table" and is_data_table(element))
        ):
            pass
        elif tag in INLINE or ":" in tag:
            name, opening = self.inline.pop() if self.inline else ("", "")
            if opening:
                self.run.append(f"</{name}>")
        else:
            self._flush()
            if tag not in ("br", "hr") and self.block:
                self.block.pop()
            if tag in _WRAPPERS and self.around:
                self.around.pop()
        if not is_top:
            self._text(element.tail)

    def _text(self, text: str | None) -> None:
        if text:
            self.plain.append(text)
            self.run.append(escape(text, quote=False))
            if any(name == "a" and opening for name, opening in self.inline):
                self.linked += len(text) - text.count(" ")

    def _flush(self) -> None:
        text = squeeze("".join(self.plain))
        if text:
            closing = "".join(f"</{name}>" for name, opening in reversed(self.inline) if opening)
            html = xml_safe(squeeze("".join(self.run) + closing))
            self.found.append(
                Piece(
                    tag=self._tag(),
                    html=_tidy(html),
                    text=xml_safe(text),
                    linked=self.linked,
                    around=tuple(self.around),
                )
            )
        self.run = [opening for _, opening in self.inline]
        self.plain, self.linked = [], 0
        for picture in self.pictures:
            self._emit_picture(picture)
        self.pictures = []

    def _tag(self) -> str:
        for tag in reversed(self.block):
            if tag in _HEADINGS:
                return _HEADINGS[tag]
            if tag == "figcaption":
                return tag
            if tag == "p":
                return "p"
            if tag == "li":
                return ""
        return "p"

    def _emit_picture(self, html: str) -> None:
        around = tuple(self.around)
        if not any(tag == "figure" for tag, _ in around):
            self.count += 1
            around = (*around, ("figure", self.count))
        self.found.append(Piece(tag="img", html=html, text="", around=around))

    def _picture(self, element: Element) -> None:
        address = picture_address(self.page, element)
        if address and not _is_icon(element):
            alt = xml_safe(squeeze(element.get("alt") or ""))
            html = f'<img src="{escape(address)}" alt="{escape(alt)}">'
            if html not in self.pictures and not any(piece.html == html for piece in self.found[-3:]):
                if squeeze("".join(self.plain)):
                    self.pictures.append(html)  # after the paragraph in which it stands
                else:
                    self._emit_picture(html)

    def _noscript(self, element: Element) -> None:
        """A picture for readers without scripts stands here in full, as an element or as text."""
        for picture in element.iter("img"):
            self._picture(picture)

    def _whole(self, tag: str, html: str, text: str) -> None:
        self._flush()
        if text.strip():
            self.found.append(
                Piece(tag=tag, html=xml_safe(html), text=xml_safe(text), around=tuple(self.around))
            )


def _is_caption(element: Element) -> bool:
    return not _CAPTION_NAMES.isdisjoint(classes.words(element.get("class") or ""))


def _tidy(html: str) -> str:
    """Empty inline elements go, as do spaces beside the ends of the paragraph."""
    previous = None
    while previous != html:
        previous = html
        html = re.sub(r"<(strong|em|code|sub|sup|a)(?: [^>]*)?>\s*</\1>", "", html)
    return html.strip()


# -- pictures


def picture_address(page: Page, element: Element) -> str | None:
    """The real address of a picture: a lazy attribute, the largest of ``srcset``, then a true ``src``."""
    for name in LAZY:
        value = (element.get(name) or "").strip()
        if value and _ADDRESS.search(value) and not _PLACEHOLDER.search(value):
            address = page.resolve(value)
            if address:
                return address
    for value in (*_srcsets(element), element.get("src") or ""):
        if value and not _PLACEHOLDER.search(value):
            address = page.resolve(value)
            if address:
                return address
    return None


def _srcsets(element: Element) -> Iterable[str]:
    sets = [element.get("data-srcset"), element.get("srcset")]
    parent = element.getparent()
    if parent is not None and parent.tag == "picture":
        sets += [source.get("data-srcset") or source.get("srcset") for source in parent.iter("source")]
    return [address for address in (_largest(value) for value in sets if value) if address]


def _largest(srcset: str) -> str | None:
    """Candidates are separated by a comma and white space, since addresses may hold commas."""
    best: tuple[float, str] | None = None
    for candidate in re.split(r",\s+|,(?=https?:|//|/)", squeeze(srcset)[:8000]):
        address, _, size = candidate.strip(" ,").partition(" ")
        number = re.match(r"\d+(\.\d+)?", size)
        width = float(number.group()) if number else 1.0
        if address and (best is None or width > best[0]):
            best = (width, address)
    return best[1] if best else None


def _is_icon(element: Element) -> bool:
    sizes = [element.get(name, "").removesuffix("px") for name in ("width", "height")]
    return any(size.isdecimal() and int(size) < 40 for size in sizes)


# -- tables and code


def is_data_table(table: Element) -> bool:
    """Rows of two cells or more, no table inside, no cell that is a column of the page."""
    if next((inner for inner in table.iter("table") if inner is not table), None) is not None:
        return False
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    wide = [cells for cells in rows if len(cells) >= 2]
    if len(wide) < 2 or len(wide) < len(rows) / 2:
        return False
    return all(len(text_in(cell)) < 400 for cells in rows[:60] for cell in cells)


def _table(table: Element) -> str:
    rows = []
    for row in table.iter("tr"):
        cells = [_cell(cell) for cell in row if cell.tag in ("td", "th")]
        if cells:
            rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _cell(cell: Element) -> str:
    spans = "".join(
        f' {name}="{cell.get(name)}"'
        for name in ("colspan", "rowspan")
        if (cell.get(name) or "").isdecimal() and len(cell.get(name) or "") < 4
    )
    return f"<{cell.tag}{spans}>{escape(text_in(cell), quote=False)}</{cell.tag}>"


def _table_text(table: Element) -> str:
    rows = (
        "\t".join(text_in(cell) for cell in row if cell.tag in ("td", "th")).strip()
        for row in table.iter("tr")
    )
    return "\n".join(row for row in rows if row)


def _raw_text(element: Element) -> str:
    return "".join(str(text) for text in element.itertext()).strip("\n")


def _pre(element: Element) -> str:
    return f"<pre><code>{escape(_raw_text(element), quote=False)}</code></pre>"


# -- serialising


def to_text(found: Sequence[Piece]) -> str:
    """A paragraph a line. Captions stay with their pictures, as copies of one text differ in them: but not those of a
    story that is told in pictures."""
    captions = sum(len(piece.text) for piece in found if piece.tag == "figcaption")
    told = captions > _PICTURE_STORY * sum(len(piece.text) for piece in found)
    return "\n".join(piece.text for piece in found if piece.text and (told or piece.tag != "figcaption"))


def to_html(found: Sequence[Piece]) -> str:
    """Elements around consecutive pieces are opened once; a list that would be bare of items is none."""
    out: list[str] = []
    open_: tuple[tuple[str, int], ...] = ()
    for piece in found:
        around = piece.around
        shared = _shared(open_, around)
        out.extend(f"</{tag}>" for tag, _ in reversed(open_[shared:]))
        out.extend(f"<{tag}>" for tag, _ in around[shared:])
        open_ = around
        out.append(_element(piece))
    out.extend(f"</{tag}>" for tag, _ in reversed(open_))
    return "".join(out)


def _shared(left: Sequence[tuple[str, int]], right: Sequence[tuple[str, int]]) -> int:
    count = 0
    while count < min(len(left), len(right)) and left[count] == right[count]:
        count += 1
    return count


def _element(piece: Piece) -> str:
    if piece.tag in ("img", "table", "pre", ""):
        return piece.html
    return f"<{piece.tag}>{piece.html}</{piece.tag}>"


def outside_lists(piece: Piece) -> Piece:
    """An item whose list was left out of the region becomes a paragraph."""
    if piece.around and piece.around[0][0] == "li":
        return replace(piece, around=piece.around[1:], tag=piece.tag or "p")
    return piece
