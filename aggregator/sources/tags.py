"""Text of a damaged document to its tags and what stands between them. Nothing is believed of how they nest.

Every step goes forward only, whatever is in the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Literal

#: "aside": a comment, an instruction, or what has no business in a feed; "entry": a whole one, that is mended already.
Kind = Literal["text", "cdata", "start", "empty", "end", "aside", "entry"]

_NAME = r"[A-Za-z_][\w.:-]*+"
_TAG = re.compile(
    rf"<(?P<end>/?)(?P<name>{_NAME})(?P<rest>(?=[\s/>\"'])(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>"
    # A quotation mark that has no fellow, or a closing tag that lacks its bracket.
    rf"|<(?P<end2>/?)(?P<name2>{_NAME})(?P<rest2>(?=[\s/>\"'=])[^<>]*+)>"
    rf"|<(?P<end3>/)(?P<name3>{_NAME})(?P<rest3>\s*+)(?=<|\Z)"
)
_SOUND_ATTRIBUTES = re.compile(rf"(?:\s++{_NAME}\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*+\s*+/?")
_ATTRIBUTE = re.compile(r"([^\s=\"'<>/]++)(?:\s*+=\s*+(\"[^\"]*+\"|'[^']*+'|[^\s<>]++))?")
_ATTRIBUTE_NAME = re.compile(_NAME)
_INSTRUCTION = re.compile(r"<\?(?!xml[\s?])[A-Za-z_][\w.-]*+(?=\s|\?>)", re.IGNORECASE)
_JUNK = re.compile(r"<[!?][^<>]*+>")
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
#: Ends that are looked for through the whole text in vain.
_MOST_MISSING = 50
_QUOTES = "\"'“”„‟″‘’′`"


@dataclass(slots=True)
class Token:
    kind: Kind
    raw: str  #: as XML wants it, as far as one token goes
    name: str = ""  #: of a tag
    written: str = ""  #: of a tag that had to be mended, as it was

    @property
    def key(self) -> str:
        """A name by which an opening and a closing tag find each other: some are written in two ways."""
        return self.name.lower()

    @property
    def local(self) -> str:
        return self.key.rpartition(":")[2]

    @property
    def original(self) -> str:
        return self.written or self.raw


def tokens_of(text: str) -> list[Token]:
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    missing: set[str] = set()  #: ends that are not in the rest of the text: they are not looked for again
    opened = ""  #: the element that was opened last
    at = 0
    while at < len(text):
        less = text.find("<", at)
        if less < 0:
            less = len(text)
        if less > at:
            yield Token("text", text[at:less].replace(_CDATA_END, "]]&gt;"))
            at = less
            continue
        found = _TAG.match(text, at)
        if found:
            token = _tag(found)
            if token.kind == "start":
                opened = token.name
            at = found.end()
        elif text.startswith("<!", at):
            token, at = _declaration(text, at, opened, missing)
        elif _INSTRUCTION.match(text, at) and (end := _find(text, "?>", at, missing)) >= 0:
            token, at = Token("aside", text[at : end + 2]), end + 2
        elif junk := _JUNK.match(text, at):
            token, at = Token("aside", "", "", junk[0]), junk.end()
        else:
            token, at = Token("text", "&lt;"), at + 1
        yield token


def _declaration(text: str, at: int, opened: str, missing: set[str]) -> tuple[Token, int]:
    """A CDATA section, a comment, or something that has no business here."""
    if text.startswith(_CDATA, at):
        end = _end_of_cdata(text, at + len(_CDATA), opened, missing)
        if end >= 0:
            content = text[at + len(_CDATA) : end]
            after = end + len(_CDATA_END) * text.startswith(_CDATA_END, end)
            return Token("cdata", f"{_CDATA}{content}{_CDATA_END}"), after
        return Token("aside", "", "", _CDATA), at + len(_CDATA)
    if text.startswith("<!--", at):
        end = _find(text, "-->", at + 4, missing)
        if end >= 0:
            content = text[at + 4 : end]
            sound = "--" not in content and not content.endswith("-")
            whole = text[at : end + 3]
            return (Token("aside", whole) if sound else Token("aside", "", "", whole)), end + 3
    elif junk := _JUNK.match(text, at):
        return Token("aside", "", "", junk[0]), junk.end()
    return Token("text", "&lt;"), at + 1


def _end_of_cdata(text: str, start: int, opened: str, missing: set[str]) -> int:
    """Where a section ends. One that would reach into another has lost its end: it goes as far as its element."""
    end = _find(text, _CDATA_END, start, missing)
    if end >= 0 and text.find(_CDATA, start, end) < 0:
        return end
    if end >= 0:
        close = text.find(f"</{opened}", start, end) if opened else -1
        return close if 0 <= close < text.find(_CDATA, start, end) else end
    return _find(text, f"</{opened}", start, missing) if opened else -1


def _find(text: str, wanted: str, start: int, missing: set[str]) -> int:
    if wanted in missing or len(missing) > _MOST_MISSING:
        return -1
    found = text.find(wanted, start)
    if found < 0:
        missing.add(wanted)
    return found


def _tag(found: re.Match[str]) -> Token:
    which = "" if found["name"] else "2" if found["name2"] else "3"
    name, rest = found["name" + which], found["rest" + which]
    if found["end" + which]:
        sound = found[0].endswith(">") and not rest.strip()
        return Token("end", found[0], name) if sound else Token("end", f"</{name}>", name, found[0])
    kind: Kind = "empty" if rest.endswith("/") else "start"
    if _SOUND_ATTRIBUTES.fullmatch(rest) and _each_once(rest):
        return Token(kind, found[0], name)
    return Token(kind, f"<{name}{_attributes(rest)}{'/' * (kind == 'empty')}>", name, found[0])


def _each_once(rest: str) -> bool:
    names = [name for name, _ in _ATTRIBUTE.findall(rest)]
    return len(names) == len(set(names))


def _attributes(rest: str) -> str:
    """As XML wants them: each once, in quotation marks. Those without a value are left out."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(rest.removesuffix("/")):
        if value and _ATTRIBUTE_NAME.fullmatch(name):
            found.setdefault(name, value.strip(_QUOTES).replace('"', "&quot;").replace("<", "&lt;"))
    return "".join(f' {name}="{value}"' for name, value in found.items())


def with_attribute(tag: str, name: str, value: str | None) -> str:
    """An opening tag, sound, with this attribute instead of its own; None: without it."""
    rest = re.sub(rf"\s{name}\s*=\s*(?:\"[^\"]*\"|'[^']*')", "", tag.removesuffix(">"))
    return f"{rest}>" if value is None else f'{rest} {name}="{escape(value)}">'


def pairs(
    tokens: Sequence[Token], start: int, end: int, lasting: Collection[str] = frozenset()
) -> dict[int, int]:
    """Which closing tag belongs to which opening one, by their names alone.

    Over an entry only what ``lasting`` names is open.
    """
    waiting: dict[str, list[int]] = {}
    found: dict[int, int] = {}
    for at in range(start, end):
        token = tokens[at]
        if token.kind == "start":
            waiting.setdefault(token.key, []).append(at)
        elif token.kind == "end" and (opened := waiting.get(token.key)):
            found[opened.pop()] = at
        elif token.kind == "entry":
            waiting = {name: opened for name, opened in waiting.items() if name.rpartition(":")[2] in lasting}
    return found


def is_sound(tokens: Iterable[Token]) -> bool:
    """Whether XML would take them as they are."""
    opened: list[str] = []
    for token in tokens:
        if token.written:
            return False
        if token.kind == "start":
            opened.append(token.name)
        elif token.kind == "end" and (not opened or opened.pop() != token.name):
            return False
    return not opened


#: Elements of HTML that have no end.
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
#: Elements of HTML that need not be closed.
_CLOSED_OF_THEMSELVES = frozenset(
    "p li dt dd tr td th thead tbody tfoot option optgroup rp rt colgroup".split()
)
_MARKUP_WRITTEN_OUT = re.compile(r"&lt;[A-Za-z/!]")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def html_of(tokens: Sequence[Token]) -> str:
    """What stands in a text whose tags do not nest, as HTML, whose readers mind that less.

    What was closed and never opened is left out, what stays open is closed.
    """
    escaped = any(
        token.kind == "cdata" or (token.kind == "text" and _MARKUP_WRITTEN_OUT.search(token.raw))
        for token in tokens
    )
    pieces: list[str] = []
    opened: list[str] = []
    open_now: Counter[str] = Counter()
    for token in tokens:
        key = token.key
        if token.kind == "cdata":
            pieces.append(token.raw[len(_CDATA) : -len(_CDATA_END)])
        elif token.kind == "text":
            pieces.append(_read(token.raw) if escaped else token.raw)
        elif token.kind == "end":
            if not open_now[key]:
                continue
            while True:
                name = opened.pop()
                open_now[name] -= 1
                if name == key:
                    break
            pieces.append(token.original)
        elif token.kind in ("start", "empty"):
            if token.kind == "start" and key not in VOID:
                opened.append(key)
                open_now[key] += 1
            pieces.append(token.original)
    pieces += (f"</{name}>" for name in reversed(opened) if name not in _CLOSED_OF_THEMSELVES)
    return "".join(pieces).strip()


def _read(text: str) -> str:
    """Text as an XML parser would give it."""
    return _REFERENCE.sub(lambda found: unescape(found[0]), text)
