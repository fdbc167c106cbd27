"""One pass of expat over a document, before anything slower looks at it.

It tells whether the document is well-formed, refuses what is made to exhaust its reader, and finds where the entries
of a feed begin and end: exactly, since it is a parser that finds them, whatever stands in comments and CDATA.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from xml.parsers import expat

from aggregator.sources.errors import NotAFeed

#: Attributes of one element; 100,000 take feedparser more than a minute.
MOST_ATTRIBUTES = 1_000
#: Elements in whose text feedparser looks for a mail address, in a time that grows with the square of its length,
#: and the sum of those squares in one document: 200,000 characters take it more than a minute.
AUTHOR_ELEMENTS = frozenset({"author", "creator", "managingeditor", "webmaster", "publisher", "owner"})
AUTHOR_BUDGET = 100_000_000

#: Root elements whose children, or whose channel's children, are entries.
_ROOTS = frozenset({"rss", "rdf", "feed"})
_ENTRIES = frozenset({"item", "entry"})
#: Namespaces of the feed formats themselves; elsewhere an "item" is something else.
_OWN_NAMESPACES = frozenset(
    {
        "",
        "http://www.w3.org/2005/Atom",
        "http://purl.org/atom/ns#",
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://channel.netscape.com/rdf/simple/0.9/",
        "http://backend.userland.com/rss2",
    }
)
#: What a feed says of itself that bears on how its entries are read: their language, authors, what their links are
#: relative to. Its dates, counters and descriptions do not.
_BEARING = frozenset({"language", "link", "author", "creator", "managingeditor"})
#: Elements of an entry that hold text or markup.
TEXTS = frozenset(
    "title content encoded summary description subtitle tagline copyright rights info abstract fullitem body".split()
)
#: Elements that feedparser has a hand for, at whose end it forgets that it is inside a text. Inside of one, they
#: change how all entries after this one are read.
_HANDLED = TEXTS | frozenset(
    "category contributor created credit date email explicit expirationdate feed generator guid height homepage id "
    "image issued keywords language lastbuilddate license link modified name newlocation player published pubdate "
    "rating source subject tags textinput thumbnail updated uri url valid where width".split()
)
#: Prefixes that entries declare themselves. feedparser keeps one table of prefixes for the whole document, so that only
#: those which mean there what they mean everywhere leave other entries as they are.
_USUAL_PREFIXES = {
    "app": "http://www.w3.org/2007/app",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "gd": "http://schemas.google.com/g/2005",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "xlink": "http://www.w3.org/1999/xlink",
}
_MEDIA_FILES = frozenset({"http://search.yahoo.com/mrss/ content", "http://search.yahoo.com/mrss content"})

_ATOM_CONTENT = frozenset({"http://www.w3.org/2005/Atom content", "http://purl.org/atom/ns# content"})
#: Types of content that is a text (RFC 4287 §4.1.3): the others are documents of their own, or bytes in Base64.
_TEXT_TYPES = frozenset({"", "text", "html", "xhtml", "application/xhtml+xml"})

#: What an entry's body may be in without a prefix.
_MARKUP = frozenset(
    {"http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"}
)

_OTHER, _AUTHOR, _ENTRY, _CHANNEL, _TEXT, _FIELD = range(6)
_NAME = re.compile(rb"[^\s/>]+")

Binding = tuple[str | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    code: int  #: of expat
    line: int  #: the declaration, which is ours, not counted
    offset: int  #: in bytes of the encoded document, declaration included
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Where the entries of a well-formed document stand, in bytes of it as encoded."""

    encoded: bytes  #: the document, declaration included
    entries: tuple[tuple[int, int], ...]  #: begin and end of each, in order
    bearing: bytes  #: digest of what stands outside the entries and bears on how they are read
    foreign: tuple[tuple[int, int], ...]  #: what stands in them and is no part of the feed
    sound: bool  #: each entry is read as it would be alone; where not, the document is one piece


def survey(encoded: bytes) -> Outline | Fault:
    """Raises NotAFeed for what is made to exhaust its reader."""
    surveyor = _Surveyor(encoded)
    try:
        surveyor.parser.Parse(encoded, True)
    except expat.ExpatError as error:
        return Fault(
            code=error.code,
            line=error.lineno - 1,
            offset=max(0, surveyor.parser.ErrorByteIndex),
            message=expat.ErrorString(error.code),
        )
    finally:
        # The two hold each other. Until the garbage collector came by, the document would stay, and expat's copy of it.
        del surveyor.parser
    return surveyor.outline()


class _Surveyor:
    def __init__(self, encoded: bytes) -> None:
        self._encoded = encoded
        self._kinds: dict[str, int] = {}
        self._depth = 0
        self._is_feed = False
        self._channel_at = 0  #: depth of the open channel; 0: none is open
        self._entry: int | None = None  #: where the open entry begins
        self._entry_depth = 0
        self._text_at = 0  #: depth of the open element of it that holds text
        self._based = 0  #: depth of the element that gives all that is in it a base; 0: there is none
        self._foreign_at = 0  #: depth of the open element that is no part of the feed
        self._foreign_from = 0
        self._entries: list[tuple[int, int]] = []
        self._foreign: list[tuple[int, int]] = []
        self._bearing = blake2b(digest_size=16)
        self._bearing_from: int | None = None
        self._outside: set[Binding] = set()  #: namespaces bound outside the entries
        self._inside: set[Binding] = set()
        self._pending: set[Binding] = set()  #: of the element that begins next
        self._sound = True
        self._author_at = 0  #: depth of the author element that is open
        self._length = 0
        self._spent = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.StartNamespaceDeclHandler = self._bound
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def outline(self) -> Outline:
        for binding in sorted(self._outside, key=str):
            self._bearing.update(repr(binding).encode())
        return Outline(
            encoded=self._encoded,
            entries=tuple(self._entries),
            bearing=self._bearing.digest(),
            foreign=tuple(self._foreign),
            sound=self._sound and self._is_feed and _bound_alike(self._outside, self._inside),
        )

    # -- what expat calls, for every element: nothing here may be slow

    def _bound(self, prefix: str | None, uri: str | None) -> None:
        self._pending.add((prefix, uri or ""))

    def _start(self, name: str, attributes: list[str]) -> None:
        self._depth += 1
        kind = self._kinds.get(name)
        if kind is None:
            kind = self._kinds[name] = _kind(name)
        if len(attributes) > 2 * MOST_ATTRIBUTES:
            raise NotAFeed(
                f"an element has {len(attributes) // 2} attributes: that is made to exhaust its reader"
            )
        if kind == _ENTRY:
            self._begin_entry(name)
        elif self._entry is not None:
            self._begin_inside(name, kind, attributes)
        elif self._depth < 4:
            self._begin_outside(name, kind, attributes)
        if attributes and self._entry is not None and not self._based and _gives_base(attributes):
            self._sound = False  # it would hold for the entries after it, too
        if kind == _AUTHOR and not self._author_at:
            self._author_at, self._length = self._depth, 0
            self.parser.CharacterDataHandler = self._text
        if self._pending:
            (self._outside if self._entry is None else self._inside).update(self._pending)
            self._pending.clear()

    def _text(self, text: str) -> None:
        self._length += len(text)

    def _end(self, name: str) -> None:
        depth = self._depth
        if depth == self._author_at:
            self._end_author()
        if self._entry is not None:
            if depth == self._text_at:
                self._text_at = 0
            if depth == self._foreign_at:
                self._foreign_at = 0
                self._foreign.append((self._foreign_from, self._end_of(self._foreign_from)))
            if depth == self._entry_depth:
                self._end_entry()
        elif depth < 4:
            self._end_outside(depth)
        self._depth -= 1

    # -- entries

    def _begin_entry(self, name: str) -> None:
        level = 3 if self._channel_at else 2
        namespace = name.rpartition(" ")[0]
        if self._entry is None and self._depth == level and namespace in _OWN_NAMESPACES:
            self._entry, self._entry_depth = self.parser.CurrentByteIndex, level
        else:
            self._sound = False
            if self._entry is not None and self._depth > self._entry_depth + 1:
                self._begin_foreign()

    def _begin_inside(self, name: str, kind: int, attributes: list[str]) -> None:
        if self._text_at:
            self._sound = self._sound and kind == _OTHER
        elif kind == _TEXT:
            self._text_at = self._depth
            if attributes and name in _ATOM_CONTENT and _is_no_text(attributes):
                self._begin_foreign()

    def _begin_foreign(self) -> None:
        if not self._foreign_at:
            self._foreign_at, self._foreign_from = self._depth, self.parser.CurrentByteIndex

    def _end_entry(self) -> None:
        assert self._entry is not None
        self._entries.append((self._entry, self._end_of(self._entry)))
        self._entry = None

    def _end_of(self, start: int) -> int:
        """Of the element that began there, at whose end the parser is."""
        at = self.parser.CurrentByteIndex
        tag = _NAME.match(self._encoded, start + 1)
        if tag is not None and self._encoded.startswith(b"</" + tag[0], at):
            return self._encoded.index(b">", at) + 1
        return at  # it is an empty element, and this is already the end of it

    # -- what stands outside of them

    def _begin_outside(self, name: str, kind: int, attributes: list[str]) -> None:
        local = name.rpartition(" ")[2].lower()
        if self._depth == 1:
            self._is_feed = local in _ROOTS
            self._based = int(_gives_base(attributes))
            self._bearing.update(repr((name, attributes)).encode("utf-8", "replace"))
        elif kind == _CHANNEL and self._depth == 2:
            self._channel_at = self._depth
            self._based = self._based or 2 * _gives_base(attributes)
            self._bearing.update(repr((name, attributes)).encode("utf-8", "replace"))
        elif self._depth == (self._channel_at or 1) + 1 and local in _BEARING:
            self._bearing_from = self.parser.CurrentByteIndex

    def _end_outside(self, depth: int) -> None:
        if depth == self._channel_at:
            self._channel_at = 0
            self._based = 0 if self._based == depth else self._based
        elif self._bearing_from is not None and depth == (self._channel_at or 1) + 1:
            self._bearing.update(self._encoded[self._bearing_from : self.parser.CurrentByteIndex])
            self._bearing_from = None

    # -- limits

    def _end_author(self) -> None:
        self._author_at = 0
        self.parser.CharacterDataHandler = None
        self._spent += self._length**2
        if self._spent > AUTHOR_BUDGET:
            raise NotAFeed("names of authors without end: that is made to exhaust its reader")


def _kind(name: str) -> int:
    local = name.rpartition(" ")[2].lower()
    if local in AUTHOR_ELEMENTS:
        return _AUTHOR
    if name in _MEDIA_FILES:
        return _OTHER  # a file with its title, not a text
    if local in TEXTS:
        return _TEXT
    if local in _HANDLED:
        return _FIELD
    return _ENTRY if local in _ENTRIES else _CHANNEL if local == "channel" else _OTHER


def _gives_base(attributes: list[str]) -> bool:
    """xml:base, or what feedparser takes for it: any attribute of that name."""
    pairs = zip(attributes[::2], attributes[1::2], strict=True)
    return any(name[-4:].lower() == "base" and value for name, value in pairs)


def _is_no_text(attributes: list[str]) -> bool:
    found = dict(zip(attributes[::2], attributes[1::2], strict=True))
    media_type = found.get("type", "").partition(";")[0].strip().lower()
    # Atom 0.3 names no types but media types, and says apart how it is written.
    return media_type not in _TEXT_TYPES and not media_type.startswith("text/")


def _bound_alike(outside: set[Binding], inside: set[Binding]) -> bool:
    """Whether what entries bind leaves every other entry's prefixes as they are."""
    added = inside - outside
    if not added:
        return True
    bound: dict[str | None, set[str]] = {}
    for prefix, uri in outside | inside:
        bound.setdefault(prefix, set()).add(uri)
    return all(
        uri in _MARKUP if prefix is None else _USUAL_PREFIXES.get(prefix) == uri and bound[prefix] == {uri}
        for prefix, uri in added
    )
