"""A strange body on a page of ours: its headings below our title, places for its pictures, no dead ends for keyboards.

What is done here is looked at once more by the cleaner of the pages (entry.py): nothing here can make it unsafe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from lxml import html as html_parser

#: What these have on our pages whatever the source says. The cleaner sets it too, but what it adds it adds in another
#: order in each process, and a page would be written anew after each start: so it stands there before.
ALWAYS = {
    "img": {"loading": "lazy", "decoding": "async", "referrerpolicy": "no-referrer"},
    "video": {"controls": "", "preload": "none"},
    "audio": {"controls": "", "preload": "none"},
}

_CONCERNED = re.compile(r"<(img|video|audio|h[1-6]|table|a|li|ul|ol|nav|aside)\b", re.IGNORECASE)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_FIRST, _DEEPEST = 2, 6  #: the page has its own h1
_INLINE = frozenset("a abbr b bdi bdo cite code del em i ins mark q s small strong sub sup time tt u".split())
_LISTS = frozenset({"ul", "ol"})
_SIZE = re.compile(r"[1-9]\d{0,4}\Z")


def laid_out(html: str, table: str) -> str:
    """The fragment with its elements in the order of a page; ``table`` names a table to who hears it."""
    if not _CONCERNED.search(html):
        return html
    root = html_parser.fragment_fromstring(html, create_parent="div")
    _place_headings(root)
    for picture in root.iter("img"):
        _place_picture(picture, root)
    for medium in root.iter(*ALWAYS):
        for name, value in ALWAYS[medium.tag].items():
            medium.set(name, value)
    for link in list(root.iter("a")):
        _name_link(link)
    for item in list(root.iter("li", "ul", "ol")):
        _mend_list(item)
    for landmark in root.iter("nav", "aside"):
        landmark.tag = "div"  # there is one main thing on the page, and this is within it
    for wide in [one for one in root.iter("table") if next(one.iterancestors("table"), None) is None]:
        _let_scroll(wide, table)
    inner: str = html_parser.tostring(root, encoding="unicode")
    return inner[len("<div>") : -len("</div>")]


def _place_headings(root: Any) -> None:
    """Each heading one deeper than the one it belongs to, whatever numbers the source gives them."""
    above: list[int] = []
    for heading in root.iter(*_HEADINGS):
        said = int(heading.tag[1])
        while above and above[-1] >= said:
            above.pop()
        above.append(said)
        heading.tag = f"h{min(_FIRST + len(above) - 1, _DEEPEST)}"


def _place_picture(picture: Any, root: Any) -> None:
    """Tell the style whether it stands alone and whether its size is known, so that nothing moves when it comes."""
    classes = []
    if _stands_alone(picture, root):
        classes.append("alone")
    if not all(_SIZE.match(picture.get(side, "")) for side in ("width", "height")):
        classes.append("unsized")
        picture.set("width", "900")
        picture.set("height", "600")
    picture.attrib.pop("class", None)
    if classes:
        picture.set("class", " ".join(classes))
    if picture.get("alt") is None:
        picture.set("alt", "")


def _stands_alone(picture: Any, root: Any) -> bool:
    block = picture
    while block is not root and (block is picture or block.tag in _INLINE):
        block = block.getparent()
    if block is root:
        return not _text_beside(picture, root)
    return block.tag == "figure" or not block.text_content().strip()


def _text_beside(picture: Any, root: Any) -> bool:
    """Whether there is text right before or behind it, outside of any paragraph."""
    step = picture
    while step.getparent() is not root:
        step = step.getparent()
    before = step.getprevious()
    text = root.text if before is None else before.tail
    return bool((text or "").strip() or (step.tail or "").strip() or step.text_content().strip())


def _name_link(link: Any) -> None:
    """A link that shows nothing is none; one that shows a picture without words is named by where it leads."""
    if link.text_content().strip() or any(picture.get("alt") for picture in link.iter("img")):
        return
    if next(link.iter("img", "video", "audio"), None) is None:
        link.drop_tag()
    elif not link.get("title"):
        link.set("title", _host(link.get("href", "")))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def _mend_list(element: Any) -> None:
    """Items stand in lists, and lists hold nothing else."""
    parent = element.getparent()
    if element.tag == "li" and parent.tag not in _LISTS:
        element.tag = "div"
    if element.tag in _LISTS:
        for child in [one for one in _children(element) if one.tag != "li"]:
            item = html_parser.Element("li")
            item.tail, child.tail = child.tail, None
            element.replace(child, item)
            item.append(child)


def _children(element: Any) -> Iterator[Any]:
    return (child for child in element if isinstance(child.tag, str))


def _let_scroll(table: Any, name: str) -> None:
    """A wide table is scrolled within the page; who has no mouse reaches it by the Tab key."""
    for cell in table.iter("td", "th"):
        cell.attrib.pop("headers", None)  # the ids they name are not kept
    frame = html_parser.Element("div")
    for attribute, value in (("class", "wide"), ("tabindex", "0"), ("role", "region"), ("aria-label", name)):
        frame.set(attribute, value)
    frame.tail, table.tail = table.tail, None
    table.getparent().replace(table, frame)
    frame.append(table)
