"""A damaged feed, its tags put in order entry by entry: damage in one leaves all others as they are, to the byte.

Entries are told by their own tags, and each is mended by itself. What stands in it is an element of a feed or a text
for people; a text whose tags do not nest is written out as HTML, as most feeds write it from the start.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from aggregator.sources.outline import TEXTS
from aggregator.sources.tags import Token, html_of, is_sound, pairs, tokens_of, with_attribute

#: Root elements, and what their entries are called.
_ROOTS = {"rss": "item", "rdf": "item", "feed": "entry"}
#: Elements at which a text ends that has lost its end.
_FIELDS = TEXTS | frozenset(
    "author category comments contributor created creator date email enclosure generator guid height icon id image "
    "issued keywords language lastbuilddate link logo managingeditor modified name pubdate published source subject "
    "ttl updated uri url webmaster width".split()
)
#: What makes an entry of fields whose first tag is lost.
_IDENTIFYING = frozenset({"title", "link", "guid", "id"})
#: Elements that last to the end of all that is in them, closed or not.
STRUCTURE = frozenset({"rss", "rdf", "feed", "channel"})
#: Tags of entries that are looked at for the end of one that holds others.
_NESTED = 20

_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")


def breaks_off(text: str) -> bool:
    """Whether the root is never closed."""
    root = _ROOT.search(text)
    return root is not None and not re.search(rf"</(?:[\w.-]+:)?{re.escape(root[1])}\b", text, re.IGNORECASE)


def rebuild(text: str) -> str:
    """``text`` with tags that nest; "" for what is no feed that has entries of its own."""
    tokens = tokens_of(text)
    root = next((token for token in tokens if token.name), None)
    if root is None or root.local not in _ROOTS:
        return ""
    return _Rebuilding(tokens, root).text()


@dataclass(slots=True)
class _Open:
    """An element that is open, or what all of them stand in."""

    name: str
    end: int  #: the token at which it ends
    closed: bool  #: by that token, which is its own
    since: int  #: the first token after its last whole field
    written: int  #: pieces that were written until there
    fields: set[str] = field(default_factory=set)


class _Rebuilding:
    def __init__(self, tokens: list[Token], root: Token) -> None:
        self._is_atom = root.local == "feed"
        # Entries stand in the namespace of what holds them.
        holder = root if self._is_atom else next((one for one in tokens if one.local == "channel"), None)
        self._prefix = holder.key.rpartition(":")[0] if holder else ""
        self._entry = f"{self._prefix}:{_ROOTS[root.local]}".removeprefix(":")
        self._root = root.key
        self._tokens = tokens

    def text(self) -> str:
        skeleton: list[Token] = []
        at = 0
        for start, end in self._entries():
            skeleton += self._tokens[at:start]
            skeleton.append(Token("entry", self._mended_entry(start, end)))
            at = end
        skeleton += self._tokens[at:]
        return "".join(self._in_order(self._with_one_end(skeleton))).strip()

    def _mended_entry(self, start: int, end: int) -> str:
        tokens = self._tokens[start:end]
        if is_sound(tokens):
            return "".join(token.raw for token in tokens)
        opening = Token("start", f"<{self._entry}>", self._entry)
        if self._is_own(tokens[0]):
            opening = tokens.pop(0)
        if tokens and self._is_own(tokens[-1]):
            tokens.pop()
        return "".join((opening.raw, *self._in_order(tokens), f"</{opening.name}>"))

    def _with_one_end(self, skeleton: list[Token]) -> list[Token]:
        """The end of the root is the one behind all entries."""
        last = max((at for at, token in enumerate(skeleton) if token.kind == "entry"), default=0)
        kept: list[Token] = []
        for at, token in enumerate(skeleton):
            is_end = token.kind == "end" and token.key == self._root
            if not is_end or at > last:
                kept.append(token)
            if is_end and at > last:
                break
        return kept

    # -- where the entries stand

    def _is_own(self, token: Token) -> bool:
        return token.key == self._entry

    def _entries(self) -> list[tuple[int, int]]:
        """Begin and end of each. What is left of one at which the document breaks off is cut off."""
        marks = [at for at, token in enumerate(self._tokens) if self._is_own(token)]
        found: list[tuple[int, int]] = []
        number = 0
        free = -1  #: where one may begin that has lost its beginning
        while number < len(marks):
            at = marks[number]
            kind = self._tokens[at].kind
            last = number
            if kind == "empty":
                found.append((at, at + 1))
            elif kind == "end":  # of one that has lost its beginning, or a stray one
                if free >= 0 and self._is_entry(free, at):
                    found.append((free, at + 1))
            elif (last := self._last_mark(marks, number)) > number:
                found.append((at, marks[last] + 1))
            elif number + 1 < len(marks):  # it has lost its end
                found.append((at, marks[number + 1]))
            else:
                end = self._end_of_all(at)
                if end is None:
                    del self._tokens[at:]
                else:
                    found.append((at, end))
            free = max(found[-1][1], at + 1) if found else -1
            number = last + 1
        return found

    def _last_mark(self, marks: Sequence[int], first: int) -> int:
        """Which tag closes the entry that this one opens; the same where none does.

        One that stands in an element of an entry is a part of this.
        """
        depth = 0
        for number in range(first, min(len(marks), first + _NESTED)):
            kind = self._tokens[marks[number]].kind
            depth += (kind == "start") - (kind == "end")
            if not depth:
                nested = number > first + 1
                return number if not nested or self._holds(marks[first : number + 1]) else first
        return first

    def _holds(self, marks: Sequence[int]) -> bool:
        outer, inner, last, end = marks[0], marks[1], marks[-2], marks[-1]
        return any(
            start < inner and close > last for start, close in pairs(self._tokens, outer + 1, end).items()
        )

    def _is_entry(self, start: int, end: int) -> bool:
        return any(
            token.kind in ("start", "empty") and token.local in _IDENTIFYING
            for token in self._tokens[start:end]
        )

    def _end_of_all(self, start: int) -> int | None:
        tokens = self._tokens
        ends = (at for at in range(start, len(tokens)) if tokens[at].kind == "end")
        return next((at for at in ends if tokens[at].local in STRUCTURE), None)

    # -- what stands in an entry, or in the document beside the entries

    def _in_order(self, tokens: Sequence[Token]) -> list[str]:
        closing = pairs(tokens, 0, len(tokens), lasting=STRUCTURE)
        pieces: list[str] = []
        opened = [_Open("", len(tokens), closed=False, since=0, written=0)]
        at = 0
        while at < len(tokens) or len(opened) > 1:
            inside = opened[-1]
            if at >= inside.end:
                opened.pop()
                pieces.append(f"</{inside.name}>")
                at += inside.closed
                _note(opened[-1], inside.name, at, pieces)
                continue
            token = tokens[at]
            end = closing.get(at, inside.end)
            closed = end < inside.end
            if token.kind == "end":
                self._write_restored(tokens, at, inside, pieces)
                at += 1
            elif token.kind != "start":
                pieces.append(token.raw)
                at += 1
                if token.kind in ("entry", "empty"):
                    _note(inside, token.name or self._entry, at, pieces)
            elif _holds_text(token):
                end = end if closed else _next_field(tokens, at + 1, inside.end)
                pieces.append(self._text_field(token, tokens[at + 1 : end]))
                at = end + closed
                _note(inside, token.name, at, pieces)
            elif closed or token.local in STRUCTURE:
                pieces.append(token.raw)
                at += 1
                opened.append(_Open(token.name, end if closed else inside.end, closed, at, len(pieces)))
            else:
                at = _write_unclosed(tokens, at, inside, pieces)
        return pieces

    def _write_restored(self, tokens: Sequence[Token], at: int, inside: _Open, pieces: list[str]) -> None:
        """A field whose first tag is lost, which is what came since the last one. Else the tag is a stray one."""
        token = tokens[at]
        if token.local not in _FIELDS:
            return
        before = tokens[inside.since : at]
        if token.key in inside.fields or not _has_words(before):
            inside.since, inside.written = at + 1, len(pieces)
            return
        del pieces[inside.written :]
        opening = Token("start", f"<{token.name}>", token.name)
        if _holds_text(token):
            pieces.append(self._written_out(opening, before))
        else:
            pieces += (opening.raw, *_words(before), f"</{token.name}>")
        _note(inside, token.name, at + 1, pieces)

    def _text_field(self, opening: Token, inside: Sequence[Token]) -> str:
        if is_sound(inside):
            return "".join((opening.raw, *(token.raw for token in inside), f"</{opening.name}>"))
        return self._written_out(opening, inside)

    def _written_out(self, opening: Token, inside: Sequence[Token]) -> str:
        tag = opening.raw
        is_typed = self._is_atom and opening.key.rpartition(":")[0] == self._prefix
        if is_typed or re.search(r"\stype\s*=", tag):
            tag = with_attribute(with_attribute(tag, "mode", None), "type", "html")
        return f"{tag}{escape(html_of(inside), quote=False)}</{opening.name}>"


def _is_field(name: str) -> bool:
    prefix, _, local = name.lower().rpartition(":")
    return bool(prefix) or local in _FIELDS


def _holds_text(token: Token) -> bool:
    return token.local in TEXTS and token.key != "media:content"


def _note(inside: _Open, name: str, at: int, pieces: Sequence[str]) -> None:
    """That a field is whole."""
    if _is_field(name):
        inside.since, inside.written = at, len(pieces)
        inside.fields.add(name.lower())


def _next_field(tokens: Sequence[Token], start: int, end: int) -> int:
    for at in range(start, end):
        token = tokens[at]
        if token.kind == "entry" or (token.kind in ("start", "empty") and _is_field(token.name)):
            return at
    return end


def _words(tokens: Sequence[Token]) -> list[str]:
    return [token.raw for token in tokens if token.kind in ("text", "cdata")]


def _has_words(tokens: Sequence[Token]) -> bool:
    return any(words.strip() for words in _words(tokens))


def _write_unclosed(tokens: Sequence[Token], at: int, inside: _Open, pieces: list[str]) -> int:
    """A field that is never closed ends with its words; of anything else the tag is left out."""
    token = tokens[at]
    end = at + 1
    while end < inside.end and tokens[end].kind in ("text", "cdata"):
        end += 1
    words = tokens[at + 1 : end]
    if not _is_field(token.name) or not _has_words(words):
        return at + 1
    pieces += (token.raw, *_words(words), f"</{token.name}>")
    _note(inside, token.name, end, pieces)
    return end
