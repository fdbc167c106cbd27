"""One entry, as feedparser leaves it, to an item.

feedparser's dictionaries hold whatever the document held: a field may be a text, the attributes of an element of the
same name, or absent. Everything is therefore asked for by shape; nothing of it goes further than this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.item import Item
from aggregator.sources.identity import identify
from aggregator.sources.people import people
from aggregator.text.dates import is_chinese_zone, parse_date
from aggregator.text.html import fold_space, text_of, xml_safe
from aggregator.text.urls import absolute
from storage.model import Enclosure

Parsed = dict[str, Any]

_PLAIN_TYPES = frozenset({"text/plain"})
_PAGE_TYPES = frozenset({"", "text/html", "application/xhtml+xml"})
#: Relations of Atom that lead to something else than the article.
_OTHER_RELATIONS = frozenset(
    {
        "self",
        "edit",
        "edit-media",
        "enclosure",
        "replies",
        "license",
        "hub",
        "next",
        "prev",
        "previous",
        "first",
        "last",
    }
    | {"via", "related", "service", "search", "payment", "author", "icon", "stylesheet"}
)
_CUT_MAIL = re.compile(r"\.[A-Za-z]{4}$")
_REST_OF_MAIL = re.compile(r"^[a-z]+\s*(?=[(<])|\s*<[a-z]+>?$")
#: feedparser writes every element with both its tags; HTML takes </br> for one more break.
_CLOSED_VOID = re.compile(
    r"(<(area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)(?:\s[^<>]*)?>)</\2>"
)
_XHTML = "application/xhtml+xml"
_HTTP = ("http://", "https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContext:
    """What of the feed bears on its entries."""

    format: str
    url: str  #: of the document
    base: str  #: against which relative links are resolved where the entry has no base of its own
    language: str | None
    authors: tuple[str, ...]
    zone: ZoneInfo
    now: datetime
    entry_id: tuple[str, ...]

    def date(self, raw: str) -> datetime | None:
        chinese = is_chinese_zone(self.zone) or (self.language or "").lower().startswith("zh")
        return parse_date(raw, zone=self.zone, now=self.now, chinese=chinese) if raw else None


def read_entry(entry: Parsed, feed: FeedContext, raw_guid: str | None = None, digest: bytes = b"") -> Item:
    """``raw_guid`` is the guid as the document has it, where feedparser has resolved it against a base."""
    base = _base(entry, feed)
    guid = text(entry, "id") if raw_guid is None else raw_guid
    link = _link(entry, base)
    title = _unclosed(text(entry, "title"), _type(entry, "title_detail"))
    summary, content = _bodies(entry)
    published, updated = _dates(entry, feed)
    enclosures = tuple(enclosures_of(entry, base))
    return Item(
        guid=identify(
            feed.entry_id, guid=guid, link=link, date=published, title=title, content=content or summary
        ),
        url=link,
        title=title,
        title_is_html=feed.format != "atom" or _type(entry, "title_detail") not in _PLAIN_TYPES,
        summary=summary,
        content=content,
        base_url=_declared_base(entry, feed) or link or base,
        authors=authors_of(entry) or (feed.authors if feed.format == "atom" else ()),
        published=published,
        updated=updated,
        tags=tags_of(text(tag, "label") or text(tag, "term") for tag in objects(entry, "tags")),
        language=_language(entry) or feed.language,
        image=image_of(entry, enclosures, base),
        enclosures=enclosures,
        origin=_origin(entry),
        digest=digest,
    )


def field(parsed: Parsed, key: str) -> Any:
    """The value under exactly this key. feedparser's own ``get`` invents.

    An update from the publication, and more.
    """
    return dict.get(parsed, key)


def text(parsed: Parsed, key: str) -> str:
    """The text of a field; "" where it is absent or no text."""
    value = field(parsed, key)
    return xml_safe(value).strip() if isinstance(value, str) else ""


def objects(parsed: Parsed, key: str) -> list[Parsed]:
    value = field(parsed, key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list | tuple) else []


def authors_of(parsed: Parsed) -> tuple[str, ...]:
    """Names of people, each once."""
    names = [_name_of(person) for person in objects(parsed, "authors")]
    if len(names) < 2:
        names = [text(parsed, "author")]  # the one author's own words
    return people(names)


def _name_of(person: Parsed) -> str:
    """Undoes what feedparser's taking apart of a name and an address does to the name.

    It knows no top-level domain above four letters, and leaves the rest of it with the name; and it takes a bracket
    from the end, whatever the bracket holds.
    """
    name = text(person, "name")
    if "email" not in person:
        return name
    if _CUT_MAIL.search(text(person, "email")):
        name = _REST_OF_MAIL.sub("", name)
    return f"{name})" if name.count("(") == name.count(")") + 1 else name


def _type(parsed: Parsed, key: str) -> str:
    detail = field(parsed, key)
    return text(detail, "type") if isinstance(detail, dict) else ""


def _details(entry: Parsed) -> Iterator[Parsed]:
    yield from objects(entry, "content")
    for key in ("summary_detail", "title_detail"):
        if isinstance(detail := field(entry, key), dict):
            yield detail


def _declared_base(entry: Parsed, feed: FeedContext) -> str | None:
    """xml:base, where the document has one.

    Feedparser's own base is empty, since it is not told the address.
    """
    declared = next((base for detail in _details(entry) if (base := text(detail, "base"))), "")
    return absolute(feed.url, declared) if declared else None


def _base(entry: Parsed, feed: FeedContext) -> str:
    return _declared_base(entry, feed) or feed.base


def _language(entry: Parsed) -> str | None:
    own = text(entry, "language")
    return own or next(
        (language for detail in _details(entry) if (language := text(detail, "language"))), None
    )


def _link(entry: Parsed, base: str) -> str:
    """Where people read the article: never a proxy's counting address if the original is known."""
    original = text(entry, "feedburner_origlink")
    for candidate in (original, *_links(entry)):
        if candidate and (address := absolute(base, candidate)):
            return address
    return address_in(text(entry, "id"), base) if field(entry, "guidislink") else ""


def address_in(guid: str, base: str) -> str:
    return (absolute(base, guid) or "") if guid.startswith(_HTTP) else ""


def _links(entry: Parsed) -> Iterator[str]:
    links = [link for link in objects(entry, "links") if text(link, "rel") not in _OTHER_RELATIONS]
    alternates = [link for link in links if text(link, "rel") in ("", "alternate")]
    pages = [link for link in alternates if text(link, "type") in _PAGE_TYPES]
    guid = text(entry, "id")
    for link in (*pages, *alternates, *links, entry):
        address = text(link, "href" if link is not entry else "link")
        if leads_on(address, guid):
            yield address


def leads_on(link: str, guid: str) -> bool:
    """Not so a guid that is no address but was not marked so: it stands among the links."""
    return link != guid or link.startswith(_HTTP)


def _bodies(entry: Parsed) -> tuple[str, str]:
    """Summary and body as HTML."""
    types = {text(one, "value"): text(one, "type") for one in objects(entry, "content")}
    contents = [_as_html(value, media_type) for value, media_type in types.items()]
    summary = text(entry, "summary")
    # feedparser copies a body into an absent summary, without its type.
    copied = _XHTML if types.get(summary) == _XHTML else "text/html"
    return bodies(_as_html(summary, _type(entry, "summary_detail") or copied), contents)


def bodies(summary: str, contents: list[str]) -> tuple[str, str]:
    """What is the summary and what the body: of several bodies the longest.

    A "summary" that is longer than the body is the body.
    """
    content = max(contents, key=len, default="")
    if summary in contents or summary == content:
        # feedparser copies a body into an absent summary.
        others = [one for one in contents if one != content]
        return (others[0] if others and len(others[0]) < len(content) else ""), content
    return (content, summary) if content and len(summary) > len(content) else (summary, content)


def _as_html(value: str, media_type: str) -> str:
    """RSS calls everything plain text, and fills it with HTML; feedparser has told the two apart by then."""
    if media_type not in _PLAIN_TYPES:
        return _unclosed(value, media_type)
    return "".join(
        f"<p>{escape(line.strip(), quote=False)}</p>" for line in value.splitlines() if line.strip()
    )


def _unclosed(value: str, media_type: str) -> str:
    """Markup without the end tags of what has no end."""
    return _CLOSED_VOID.sub(r"\1", value) if media_type == _XHTML else value


def _dates(entry: Parsed, feed: FeedContext) -> tuple[datetime | None, datetime | None]:
    """Published and updated, from the document's own words.

    An entry with one date of any kind was published then.
    """
    published = feed.date(text(entry, "published")) or feed.date(text(entry, "created"))
    updated = feed.date(text(entry, "updated"))
    if published is None and feed.format != "atom":
        return updated, None  # dc:date, which feedparser counts among the updates
    return published or updated, updated


def tags_of(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folded for name in names if (folded := fold_space(name))))


def enclosures_of(entry: Parsed, base: str) -> Iterator[Enclosure]:
    seen: set[str] = set()
    attached = [link for link in objects(entry, "links") if text(link, "rel") == "enclosure"]
    for source, key, size in (
        *((link, "href", "length") for link in attached),
        *((media, "url", "filesize") for media in objects(entry, "media_content")),
    ):
        address = absolute(base, text(source, key)) if text(source, key) else None
        if address and address not in seen:
            seen.add(address)
            yield Enclosure(url=address, type=_media_type(source), length=_length(text(source, size)))


def _media_type(source: Parsed) -> str | None:
    """Media RSS may give the medium alone: "image"."""
    given = text(source, "type").lower()
    medium = text(source, "medium").lower()
    return given or (f"{medium}/*" if medium in ("image", "audio", "video") else None)


def _length(digits: str) -> int | None:
    return (
        int(digits)
        if digits.isascii() and digits.isdigit() and len(digits) < 16 and int(digits) > 0
        else None
    )


def image_of(entry: Parsed, enclosures: tuple[Enclosure, ...], base: str) -> str | None:
    """The picture that stands for the entry.

    A large one before a thumbnail, a thumbnail before that of a recording.
    """
    pictures = [one.url for one in enclosures if (one.type or "").startswith("image/")]
    thumbnails = [text(one, "url") for one in objects(entry, "media_thumbnail")]
    own = field(entry, "image")
    named = text(own, "href") or text(own, "url") if isinstance(own, dict) else ""
    return next(
        (found for one in (*pictures, *thumbnails, named) if one and (found := absolute(base, one))), None
    )


def _origin(entry: Parsed) -> str | None:
    source = field(entry, "source")
    if isinstance(source, dict):
        return fold_space(text_of(text(source, "title"))) or None
    return None
