"""An item, raw, to an article of ours: the one way in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from aggregator.item import Item
from aggregator.normalise.context import Dropped, SourceContext
from aggregator.normalise.identity import hash_of, identity_of, mint_uid
from aggregator.normalise.language import language_of
from aggregator.normalise.markup import clean_all, lead_picture, markup_of
from aggregator.normalise.names import authors_of, breadcrumb_of, labels_of, tags_of
from aggregator.normalise.plain import cut_at_sentence, disarm, first_sentence, line
from aggregator.text.fold import hash_text
from aggregator.text.html import text_of, text_of_regular, xml_safe
from aggregator.text.mediatypes import plain_media_type
from aggregator.text.urls import absolute, canonical_url, host_of
from storage.model import Article, Enclosure

TITLE = 300  #: characters
MADE_TITLE = 60
SUMMARY = 500
MADE_SUMMARY = 200
URL = 4000
GUID = 1000
MAX_ENCLOSURES = 30

_HEADING = re.compile(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]>", re.DOTALL)
#: What blog software writes under every summary.
_FURNITURE = re.compile(
    r"\s*(?:The post .{1,300} appeared first on .{1,200}\."
    r"|\[?(?:…|\.\.\.)\]?\s*(?:Read more|Continue reading)\b.*"
    r"|\[(?:…|\.\.\.)\])\s*$",
    re.DOTALL,
)
_CREDENTIALS = re.compile(r"^(https?://)[^/?#]*@")
#: Second levels under which registries sell names: of these the third label tells one owner from another.
_PUBLIC_SECOND = frozenset("com net org gov edu co ac or ne go gob nom".split())


@dataclass(frozen=True, slots=True)
class Body:
    """What there is to read in an item."""

    base: str  #: what the item's addresses are relative to
    html: str
    text: str
    text_hash: str


def normalise(item: Item, source: SourceContext, *, now: datetime) -> Article | Dropped:
    """The item as an article first seen at ``now`` under a fresh uid; what is stored may overrule both.

    Never raises. An item with nothing to read and nowhere to go is dropped, as is one from the future where
    the source's configuration says so.
    """
    (body,) = bodies_of([item], source)
    return article_of(item, body, source, now=now)


def bodies_of(items: Sequence[Item], source: SourceContext) -> list[Body]:
    """Of each item its body, step by step for all of them: a step is done sooner right after its like."""
    bases = [_base(item, source) for item in items]
    fragments = clean_all(
        [(_markup(item), base) for item, base in zip(items, bases, strict=True)],
        lazy_images=source.lazy_images,
        no_referrer=source.no_referrer,
    )
    texts = [text_of_regular(html) for html in fragments]
    return list(map(Body, bases, fragments, texts, map(hash_text, texts)))


def article_of(item: Item, body: Body, source: SourceContext, *, now: datetime) -> Article | Dropped:
    """``normalise`` for an item whose body is known."""
    base, html, text = body.base, body.html, body.text
    url = _address(base, item.url)
    title = _title(item, text, url)
    if not title:
        return Dropped(reason=f"an entry without title, text and address (guid {item.guid[:80]!r})")
    published = _aware(item.published or item.updated, source)
    if published is not None and published > now and source.future_dates == "drop":
        return Dropped(
            reason=f"{title!r} is dated {published:%Y-%m-%d %H:%M} UTC, which is ahead of now", later=True
        )
    guid, canonical_url, shown = (
        _guid(item.guid),
        _identity_url(item, base, url),
        _published(published, source, now),
    )
    uid = mint_uid(
        source.id,
        identity_of(guid=guid, canonical_url=canonical_url, title=title, published=shown, text=text),
    )
    authors, enclosures, breadcrumb, tags = (
        authors_of(item),
        _enclosures(item, base),
        breadcrumb_of(item),
        tags_of(item),
    )
    image = _image(item, html, enclosures, base)
    site = line(item.site, 100) or None if item.site else None
    return Article(
        uid=uid,
        source=source.id,
        url=url,
        canonical_url=canonical_url,
        guid=guid,
        title=title,
        summary=_summary(item, html, text),
        html=html,
        text=text,
        authors=authors,
        published=shown,
        updated=_updated(_aware(item.updated, source), published, source, now),
        first_seen=now,
        breadcrumb=breadcrumb,
        tags=tags,
        labels=labels_of(source.label, item.section, breadcrumb, tags, site),
        language=language_of(item.language, source.language, f"{title}\n{text}"),
        image=image,
        enclosures=enclosures,
        site=site,
        origin=line(item.origin or _site_of_origin(item, base, url), 100) or None,
        content_hash=hash_of(
            title=title, html=html, authors=authors, image=image, url=url, enclosures=enclosures
        ),
        text_hash=body.text_hash,
        story=uid,
    )


# -- addresses


def _base(item: Item, source: SourceContext) -> str:
    """What the item's addresses are relative to; at worst, where the document came from."""
    return absolute(source.url, item.base_url or item.url) or source.url


def _address(base: str, given: str | None) -> str:
    """Absolute, without credentials, which are nobody's to republish; "" for what no browser would take."""
    if not given or not given.strip() or len(given) > URL:
        return ""
    bare = _CREDENTIALS.sub(r"\1", absolute(base, given) or "")
    return bare if len(bare) <= URL else ""


def _identity_url(item: Item, base: str, url: str) -> str:
    """The address by which copies are known: what the page declares where that is plausible, else its own."""
    own = canonical_url(url)
    if not item.canonical_url:
        return own
    declared = _address(base, item.canonical_url)
    identity = canonical_url(declared)
    # Templates that declare the front page on every page would make all articles of a site one.
    return identity if _deep(identity) and (not own or _one_site(declared, url)) else own


def _site_of_origin(item: Item, base: str, url: str) -> str:
    """The site of another owner whose page is declared to be the original of this one; "" for none."""
    if not item.canonical_url:
        return ""
    declared = _address(base, item.canonical_url)
    identity = canonical_url(declared)
    return host_of(declared) if url and _deep(identity) and not _one_site(declared, url) else ""


def _deep(identity: str) -> bool:
    return bool(identity.partition("/")[2] or identity.partition("?")[2] or identity.partition("#")[2])


def _one_site(one: str, other: str) -> bool:
    return _owner(host_of(one)) == _owner(host_of(other))


def _owner(host: str) -> str:
    """The part of a host name that its owner registered, closely enough to compare two of them."""
    labels = host.split(".")
    registered = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _PUBLIC_SECOND else 2
    return host if host.replace(".", "").isdigit() else ".".join(labels[-registered:])


def _guid(guid: str) -> str:
    """Raw, so that it compares equal tomorrow; only what a database cannot hold is taken out or hashed."""
    safe = xml_safe(guid)
    return safe if len(safe) <= GUID else f"blake2b:{blake2b(safe.encode(), digest_size=16).hexdigest()}"


def _enclosures(item: Item, base: str) -> tuple[Enclosure, ...]:
    found: dict[str, Enclosure] = {}
    for enclosure in item.enclosures[:MAX_ENCLOSURES]:
        url = _address(base, enclosure.url)
        length = enclosure.length if enclosure.length and 0 < enclosure.length < 2**62 else None
        if url:
            found.setdefault(url, Enclosure(url=url, type=plain_media_type(enclosure.type), length=length))
    return tuple(found.values())


def _image(item: Item, html: str, enclosures: tuple[Enclosure, ...], base: str) -> str | None:
    pictures = (file.url for file in enclosures if (file.type or "").startswith("image/"))
    return _address(base, item.image) or lead_picture(html) or next(pictures, None)


# -- words


def _markup(item: Item) -> str:
    return markup_of(item.content if item.content.strip() else item.summary)


def _title(item: Item, text: str, url: str) -> str:
    given = line(item.title, TITLE, is_html=item.title_is_html)
    return given or first_sentence(_first_line(text), MADE_TITLE) or url


def _first_line(text: str) -> str:
    """The first line of a text that says something."""
    return next((shown for written in text.splitlines()[:20] if (shown := disarm(written[:2000]))), "")


def _summary(item: Item, html: str, text: str) -> str:
    """Some sentences of plain text: the source's own where a body stands beside it, else the body's first."""
    own = disarm(text_of(markup_of(item.summary[: 40 * SUMMARY]))[: 8 * SUMMARY]) if item.summary else ""
    if "…" in own or "..." in own or " appeared first on " in own:
        own = _FURNITURE.sub("…", own).strip()
    if own and own != "…" and (item.content.strip() or len(own) <= SUMMARY):
        return cut_at_sentence(own, SUMMARY)
    return cut_at_sentence(disarm(_prose(html, text)), MADE_SUMMARY)


def _prose(html: str, text: str) -> str:
    """The beginning of the text without the sub-headings in it, which are no sentences."""
    headings = {text_of_regular(heading) for heading in _HEADING.findall(html[: 12 * MADE_SUMMARY])}
    lines = (line for line in text[: 6 * MADE_SUMMARY].splitlines() if line not in headings)
    return "\n".join(lines)[: 3 * MADE_SUMMARY] or text[: 3 * MADE_SUMMARY]


# -- dates


def _aware(date: datetime | None, source: SourceContext) -> datetime | None:
    """In UTC; None for dates that mean "none": the epoch, and what a calendar cannot shift."""
    if date is None:
        return None
    try:
        utc = (date if date.tzinfo else date.replace(tzinfo=source.zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return utc if utc.year >= 1900 and utc.timestamp() != 0 else None


def _published(published: datetime | None, source: SourceContext, now: datetime) -> datetime | None:
    if published is not None and published > now and source.future_dates == "clamp":
        return now
    return published


def _updated(
    updated: datetime | None, published: datetime | None, source: SourceContext, now: datetime
) -> datetime | None:
    """Only a date after publication says anything."""
    if updated is None or published is None or updated <= published:
        return None
    clamped = min(updated, now) if source.future_dates != "keep" else updated
    return clamped if clamped > published else None
