"""HTML to plain text, and text that XML can carry."""

from __future__ import annotations

import re
from html import unescape

from lxml import etree


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Elements that begin and end a line of their own.
BLOCKS = _names(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre section "
    "summary table tbody tfoot thead tr ul"
)
#: Elements whose content is no text for people.
HIDDEN = _names("script style noscript template head title iframe object svg math select textarea")
#: Elements that a title may carry; any other `<word>` in a title is text, as in "Box<int> explained".
TITLE_MARKUP = _names(
    "a abbr b bdi bdo big br center cite code del div em font h1 h2 h3 h4 i img ins kbd mark nobr p q s small span "
    "strike strong sub sup tt u var wbr"
)

#: Characters of a title that are looked at; what is longer is none, and costs time.
LONGEST_TITLE = 5_000

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: The rest, which is looked for in half the time: of its ranges the first holds most characters.
_ALLOWED = re.compile("[ -\ud7ff\t\n\r\ue000-\ufffd\U00010000-\U0010ffff]*")
#: Ideographs, kana, CJK punctuation, full-width forms: between these a line break in the source is no space.
_WIDE = (
    "\u2e80-\u2fdf\u3001-\u303f\u3040-\u30ff\u3100-\u312f\u31c0-\u31ef\u3400-\u9fff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff01-\uffef\U00020000-\U0003ffff"
)
_WRAPPED = re.compile(rf"(?<=[{_WIDE}])[^\S\r\n]*[\r\n]\s*(?=[{_WIDE}])")
_LINE_END = re.compile(r"\r\n?|\n")
_TITLE_TAG = re.compile(
    rf"<!--.*?-->|<(script|style)\b[^<>]*>.*?</\1\s*>|</?(?:{'|'.join(sorted(TITLE_MARKUP))})(?:\s[^<>]*)?/?>",
    re.IGNORECASE | re.DOTALL,
)
#: A tag of a sanitised fragment: its name, after a slash where it is a closing one.
_REGULAR_TAG = re.compile(r'<(/?[a-z][^ <>"]*)[^<>"]*(?:"[^"]*"[^<>"]*)*>')
_BREAKS = {f"{slash}{name}": "\0" for name in (*BLOCKS, "br") for slash in ("", "/")}
#: Elements that do more than break a line or not.
_NOT_PLAIN = HIDDEN | {"pre", "td", "th"}
#: Tags of the document around a fragment: what follows a closing one of them would be lost.
_FRAME_TAG = re.compile(r"</?(?:html|body)\b[^<>]*>", re.IGNORECASE)
_TITLE_BREAK = re.compile(r"</?(?:br|p|div|h[1-4])\b[^<>]*>", re.IGNORECASE)


def xml_safe(text: str) -> str:
    """Without what XML 1.0 forbids (§2.2): control characters, lone surrogates, U+FFFE and U+FFFF."""
    # Python calls none of them printable, and sees so ten times as fast.
    return text if text.isprintable() or _ALLOWED.fullmatch(text) else _FORBIDDEN.sub("", text)


def fold_space(text: str) -> str:
    """One line.

    White space folded, and none where a line break stood between two Chinese or Japanese characters.
    """
    # Of all white space Python calls the space alone printable, and sees so sooner than it takes words apart.
    if text.isprintable() and "  " not in text:
        return text.strip(" ")
    if "\n" in text or "\r" in text:
        text = _WRAPPED.sub("", text)
    return " ".join(text.split())


def single_spaced(text: str) -> str:
    """One line, a space for each stretch of white space."""
    flat = text.replace("\n", " ")
    return flat.strip(" ") if flat.isprintable() and "  " not in flat else " ".join(flat.split())


def text_of(fragment: str) -> str:
    """Plain text of an HTML fragment, a block or a broken line a line, in document order. Never raises."""
    if "<" not in fragment and "&" not in fragment:
        return fold_space(xml_safe(fragment))
    tree = _tree(fragment)
    return "" if tree is None else _Lines().of(tree)


def text_of_regular(fragment: str) -> str:
    """``text_of`` a fragment whose every tag is written out in lower case, as sanitised ones are.

    Such a fragment need not be parsed to be read: it takes a fifth of the time.
    """
    if "<" not in fragment and "&" not in fragment:
        return fold_space(fragment)
    pieces = _REGULAR_TAG.split(fragment)
    tags = pieces[1::2]
    if not _NOT_PLAIN.isdisjoint(tags):
        return _walked(pieces)
    pieces[1::2] = [_BREAKS.get(tag, "") for tag in tags]
    written = unescape("".join(pieces)).split("\0")  # of which clean text has none
    lines = [line for one in written if (line := one.strip())]
    text = "\n".join(lines)
    # As a rule nothing is left in a line to be folded.
    plain = "  " not in text and all(map(str.isprintable, lines))
    return text if plain else "\n".join(map(fold_space, lines))


def _walked(pieces: list[str]) -> str:
    lines = _Lines()
    text, *rest = pieces
    lines.text(unescape(text))
    for name, text in zip(rest[::2], rest[1::2], strict=True):
        (lines.end if name[0] == "/" else lines.start)(name.lstrip("/"))
        lines.text(unescape(text))
    return lines.joined()


def plain_title(title: str, is_html: bool) -> str:
    """A title as one line of plain text. Only known markup is taken out of it: "I <3 you" keeps its heart."""
    text = xml_safe(title[:LONGEST_TITLE])
    if is_html and ("<" in text or "&" in text):
        text = xml_safe(unescape(_TITLE_TAG.sub("", _TITLE_BREAK.sub(" ", text))))
    return fold_space(text)


def _tree(fragment: str) -> etree._Element | None:
    # Bytes, because lxml refuses text that carries an encoding declaration; wrapped, so that bare text has a
    # parent.
    source = f"<div>{_FRAME_TAG.sub('', xml_safe(fragment))}</div>".encode()
    # huge_tree raises the depth below which text is lost from 256 to 2,048 elements.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        return etree.fromstring(source, parser)
    except (etree.LxmlError, ValueError):
        return None


class _Lines:
    """Collects the lines of one tree. Walks by events: a deep tree must not exhaust the stack."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._parts: list[str] = []
        self._hidden = 0
        self._verbatim = 0

    def of(self, tree: etree._Element) -> str:
        for event, element in etree.iterwalk(tree, events=("start", "end")):
            if event == "start":
                self.start(element.tag)
                self.text(element.text)
            else:
                self.end(element.tag)
                self.text(element.tail)
        return self.joined()

    def joined(self) -> str:
        self._break()
        return "\n".join(self._lines)

    def start(self, tag: object) -> None:
        if tag in HIDDEN:
            self._hidden += 1
        elif tag in BLOCKS or tag == "br":
            self._break()
        elif tag in ("td", "th"):
            self._parts.append(" ")
        if tag == "pre":
            self._verbatim += 1

    def end(self, tag: object) -> None:
        if tag in HIDDEN:
            self._hidden -= 1
        elif tag in BLOCKS:
            self._break()
        if tag == "pre":
            self._verbatim -= 1

    def text(self, text: str | None) -> None:
        if not text or self._hidden:
            return
        if not self._verbatim:
            self._parts.append(text)
            return
        first, *others = _LINE_END.split(text)
        self._parts.append(first)
        for line in others:
            self._break()
            self._parts.append(line)

    def _break(self) -> None:
        if not self._parts:
            return
        line = fold_space("".join(self._parts))
        self._parts.clear()
        if line:
            self._lines.append(line)
