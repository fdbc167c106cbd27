"""Text of a feed to well-formed XML.

A well-formed document is read by expat, in one way. What is not would go to a parser that guesses, tag by tag; so the
faults that feeds really have are mended first, each by its own rule, and named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.entities import name2codepoint
from xml.parsers import expat

from lxml import etree

from aggregator.sources.outline import Fault, Outline, survey
from aggregator.sources.rebuild import breaks_off, rebuild
from aggregator.text.html import xml_safe

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
#: Faults mended in one document before it is left to a parser that recovers from anything.
MOST_REMEDIES = 12

#: Prefixes that feeds use without declaring them.
NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "a10": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "thr": "http://purl.org/rss/1.0/modules/threading/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "xlink": "http://www.w3.org/1999/xlink",
}

_XML_DECLARATION = re.compile(r"<\?xml\b[^<>]{0,300}?\?>", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE\b[^<>\[]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_VERBATIM = re.compile(r"<!\[CDATA\[|<!--")
_AMPERSAND = re.compile(r"&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?")
_START_TAG = re.compile(r"<[A-Za-z_][^<>]*")
_PREFIX_USED = re.compile(r"[<\s]/?([A-Za-z_][\w.-]*):[A-Za-z_]")
_PREFIX_DECLARED = re.compile(r"xmlns:([A-Za-z_][\w.-]*)\s*=")
_ENTRY_END = re.compile(r"</(?:[A-Za-z_][\w.-]*:)?(?:item|entry)\s*>", re.IGNORECASE)
_STRAY_LESS = re.compile(r"<(?![A-Za-z_/!?])")


_Remedy = Callable[[str, Fault], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A document that expat accepts, unless even recovery failed; and what had to be done to it."""

    text: str  #: without declaration and DOCTYPE
    encoded: bytes  #: the same in UTF-8, with a declaration
    faults: tuple[str, ...] = ()
    torn: bool = False  #: it broke off before its end
    outline: Outline | None  #: None: even recovery failed


def mend(text: str) -> Mended:
    """``text`` made well-formed.

    What XML forbids is looked for only where expat found fault, as it does with all of it. A document that breaks
    off keeps its whole entries and loses the torn one.
    """
    only = text.rfind("<?") == 0  # as in most documents: there is nothing behind it to be gone through
    text = _without_doctype(_XML_DECLARATION.sub("", text, count=int(only))).strip()
    faults: list[str] = []
    torn = False
    found = survey(_encoded(text))
    if isinstance(found, Fault) and (safe := xml_safe(text).strip()) != text:
        text = safe
        found = survey(_encoded(text))
    while isinstance(found, Fault) and len(faults) < MOST_REMEDIES:
        remedy = _REMEDIES.get(found.code, _rebuilt)
        if remedy in (_torn_entry_dropped, _rebuilt):
            off = breaks_off(text)
            torn |= off
            remedy = remedy if off else _rebuilt
        mended = _by_first(text, found, (remedy, _rebuilt, _recovered))
        faults.append(f"line {found.line}: {found.message}")
        if mended in ("", text):
            break
        text = mended
        found = survey(_encoded(text))
    if isinstance(found, Outline) and found.foreign:
        encoded = _without(found.encoded, found.foreign)
        text = encoded[len(DECLARATION) :].decode()
        found = survey(encoded)
    return Mended(
        text=text,
        encoded=_encoded(text) if isinstance(found, Fault) else found.encoded,
        faults=tuple(faults),
        torn=torn,
        outline=None if isinstance(found, Fault) else found,
    )


def _without(encoded: bytes, spans: tuple[tuple[int, int], ...]) -> bytes:
    starts = (0, *(end for _, end in spans))
    ends = (*(start for start, _ in spans), len(encoded))
    return b"".join(encoded[start:end] for start, end in zip(starts, ends, strict=True))


def _by_first(text: str, fault: Fault, remedies: tuple[_Remedy, ...]) -> str:
    """What the first of them makes of it that changes anything."""
    for remedy in remedies:
        mended = remedy(text, fault)
        if mended not in ("", text):
            return mended
    return ""


def _encoded(text: str) -> bytes:
    return (DECLARATION + text).encode("utf-8", "replace")


def _without_doctype(text: str) -> str:
    """Entities of a document's own are dropped with its DOCTYPE: no feed needs them, and bombs are made of them."""
    start = text[:2048].upper().find("<!DOCTYPE")
    found = _DOCTYPE.match(text, start) if start >= 0 else None
    return text[:start] + text[found.end() :] if found else text


def _escaped(text: str, fault: Fault) -> str:
    """Bare ampersands, HTML's entities and stray ``<`` written as XML wants them, outside CDATA and comments."""
    pieces: list[str] = []
    at = 0
    for start, end in _verbatim_spans(text):
        pieces += (_escaped_markup(text[at:start]), text[start:end])
        at = end
    return "".join(pieces) + _escaped_markup(text[at:])


def _verbatim_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where CDATA sections and comments stand. One that never ends is none, and nor is what would follow."""
    found = _VERBATIM.search(text)
    while found:
        close = "-->" if found[0] == "<!--" else "]]>"
        end = text.find(close, found.end())
        if end < 0:
            return
        yield found.start(), end + len(close)
        found = _VERBATIM.search(text, end + len(close))


def _escaped_markup(piece: str) -> str:
    return _STRAY_LESS.sub("&lt;", _AMPERSAND.sub(_reference, piece)).replace("]]>", "]]&gt;")


def _reference(found: re.Match[str]) -> str:
    name = found[1]
    if not name:
        return "&amp;"
    if name[0] == "#":
        return found[0] if _is_character(name) else ""
    if name[:-1] in ("amp", "lt", "gt", "quot", "apos"):
        return found[0]
    code = name2codepoint.get(name[:-1])
    return chr(code) if code else f"&amp;{name}"


def _is_character(reference: str) -> bool:
    """Whether a numeric reference names a character that XML allows (§2.2)."""
    digits = reference[1:-1]
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    return (
        code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    )


def _declared_prefixes(text: str, fault: Fault) -> str:
    """The prefixes that are used and not declared, declared at the root."""
    missing = sorted(set(_PREFIX_USED.findall(text)) - set(_PREFIX_DECLARED.findall(text)) - {"xml", "xmlns"})
    names = "".join(
        f' xmlns:{prefix}="{NAMESPACES.get(prefix, f"urn:undeclared:{prefix}")}"' for prefix in missing
    )
    root = _START_TAG.search(text)
    if not names or root is None:
        return text
    end = root.end() - text[: root.end()].endswith("/")
    return text[:end] + names + text[end:]


def _cut_at_fault(text: str, fault: Fault) -> str:
    """What follows the end of the root element is cut off."""
    encoded = text.encode("utf-8", "replace")
    return encoded[: fault.offset - len(DECLARATION)].decode("utf-8", "ignore").rstrip()


def _torn_entry_dropped(text: str, fault: Fault) -> str:
    """A document that breaks off, up to its last whole entry; what is open there is closed."""
    ends = [found.end() for found in _ENTRY_END.finditer(text)]
    if not ends:
        return _recovered(text, fault)
    whole = text[: ends[-1]]
    return whole + "".join(f"</{name}>" for name in reversed(_open_elements(whole)))


def _open_elements(text: str) -> list[str]:
    opened: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: opened.append(name)
    parser.EndElementHandler = lambda name: opened.pop()
    try:
        parser.Parse(_encoded(text), False)
    except expat.ExpatError:
        return []
    return opened


def _rebuilt(text: str, fault: Fault) -> str:
    return rebuild(text)


def _recovered(text: str, fault: Fault) -> str:
    """What a recovering parser makes of it.

    Elements closed where they must be, what cannot be read left out.
    """
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(_encoded(_declared_prefixes(text, fault)), parser)
    except (etree.LxmlError, ValueError):
        return ""
    return "" if root is None else etree.tostring(root, encoding="unicode")


_CODES = expat.errors.codes
_REMEDIES: dict[int, _Remedy] = {
    _CODES[expat.errors.XML_ERROR_INVALID_TOKEN]: _escaped,
    _CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: _escaped,
    _CODES[expat.errors.XML_ERROR_BAD_CHAR_REF]: _escaped,
    _CODES[expat.errors.XML_ERROR_UNBOUND_PREFIX]: _declared_prefixes,
    _CODES[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]: _cut_at_fault,
    _CODES[expat.errors.XML_ERROR_NO_ELEMENTS]: _torn_entry_dropped,
    _CODES[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: _torn_entry_dropped,
    _CODES[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION]: _torn_entry_dropped,
}
