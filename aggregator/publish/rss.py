"""RSS 2.0 (rssboard.org/rss-specification), made by feedgen and mended where feedgen errs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from feedgen.entry import FeedEntry

from aggregator.publish import markup
from aggregator.publish.edition import Paper, PrintedArticle, modified
from aggregator.publish.entry import (
    Imprint,
    authors,
    content,
    headline,
    imprint_of,
    language_tag,
    line,
    link_of,
    summary,
    tags,
)
from aggregator.publish.fragments import FragmentCache, Rendered, gather
from aggregator.publish.guesses import bare, said_as_html
from aggregator.publish.heads import FEED_TYPES, FeedHead
from aggregator.publish.links import (
    enclosures,
    entry_id,
    media_type,
    public_url,
    section_scheme,
    source_address,
)
from aggregator.publish.markup import ATOM, DC, DCTERMS, RSS_NAMESPACES, SY, add

_CLOSING = b"</channel></rss>"
_IMAGE_TYPES = ("image/gif", "image/jpeg", "image/png")


def render_rss(
    paper: Paper, head: FeedHead, articles: Sequence[PrintedArticle], cache: FragmentCache
) -> Rendered:
    """The articles as RSS 2.0. What cannot be rendered is left out and named in ``faults``."""
    imprint = imprint_of(paper, head.language, head.suffix)
    gathered = gather(
        f"{head.name}.rss",
        articles,
        cache,
        hash(("rss", imprint)),
        lambda printed: rss_item(printed, imprint),
    )
    channel = _channel(paper, head, gathered.changed)
    return Rendered(document=markup.document(channel, _CLOSING, gathered.fragments), faults=gathered.faults)


def _channel(paper: Paper, head: FeedHead, changed: datetime | None) -> Any:
    """The root element of the feed, without items."""
    feed = markup.new_feed(paper)
    title = said_as_html(head.title)
    feed.title(title)
    feed.description(said_as_html(head.description or head.title))
    feed.language(language_tag(head.language) or "en")
    if head.category:
        term, label = head.category
        feed.category(term=term, label=bare(label), scheme=section_scheme(paper.id_authority))
    feed.image(url=_image(paper), title=title, link=head.page)
    feed.ttl(_minutes(paper))
    if paper.site.editor:
        feed.managingEditor(bare(paper.site.editor))
    if rights := line(paper.site.copyright):
        feed.rights(said_as_html(rights))
    feed.link(href=head.address("rss"), rel="self", type=FEED_TYPES["rss"])
    # Last: feedgen takes the last link for <link> (defect 2).
    feed.link(href=head.page, rel="alternate", type="text/html")
    root, _ = feed._create_rss()
    _mend_channel(root[0], paper, head, changed)
    return root


def _mend_channel(channel: Any, paper: Paper, head: FeedHead, changed: datetime | None) -> None:
    if changed is not None:
        add(channel, "lastBuildDate", rfc822(changed))  # defect 4
    if head.hub:
        add(channel, f"{{{ATOM}}}link", href=head.hub, rel="hub")  # defect 3
    for relation, url in head.linked("rss"):
        add(channel, f"{{{ATOM}}}link", href=url, rel=relation, type=FEED_TYPES["rss"])
    if head.is_archive:
        markup.add_archive_mark(channel)
    add(channel, f"{{{SY}}}updatePeriod", "hourly")  # defect 6: feedgen writes sy:UpdatePeriod
    add(channel, f"{{{SY}}}updateFrequency", str(max(1, 60 // _minutes(paper))))


def _image(paper: Paper) -> str:
    """The logo where it is of a kind that RSS knows, else the icon."""
    logo = markup.logo_url(paper)
    return logo if media_type(logo) in (None, *_IMAGE_TYPES) else markup.icon_url(paper)


def _minutes(paper: Paper) -> int:
    return max(1, int(paper.refresh.total_seconds() // 60))


def rss_item(printed: PrintedArticle, imprint: Imprint) -> bytes:
    """One ``<item>``. A function of its arguments alone."""
    article = printed.article
    entry = FeedEntry()
    entry.title(said_as_html(headline(article, imprint.language)))
    entry.link(href=link_of(printed, imprint))
    entry.guid(entry_id(article.uid, imprint.authority, imprint.feed), permalink=False)
    words, whole = summary(article), content(printed, imprint)
    if words:
        # Readers take a description for HTML, so plain text is escaped once more.
        entry.description(escape(words, quote=False))
    if whole:
        entry.content(whole)
    _categorise(entry, printed, imprint)
    source = source_address(printed.source_url)
    if source:
        entry.source(url=source, title=bare(line(printed.source_name)) or source)
    files = enclosures(article)
    if files:  # RSS has one enclosure; 0 stands for an unknown length
        entry.enclosure(url=files[0].url, length=files[0].length or 0, type=files[0].type)
    return markup.fragment(_mend_item(entry.rss_entry(), printed))


def _mend_item(item: Any, printed: PrintedArticle) -> Any:
    article = printed.article
    markup.mount(item, RSS_NAMESPACES)
    for name in authors(printed):  # defect 9: feedgen drops an author without an e-mail address
        add(item, f"{{{DC}}}creator", bare(name))
    add(item, "pubDate", rfc822(article.date))  # defect 15
    if modified(article) > article.date:
        add(item, f"{{{DCTERMS}}}modified", rfc3339(modified(article)))
    picture = public_url(article.image or "")
    if picture:
        markup.add_picture(item, picture, media_type(picture))
    return item


def _categorise(entry: Any, printed: PrintedArticle, imprint: Imprint) -> None:
    scheme = section_scheme(imprint.authority)
    for section_id, title in printed.sections:
        entry.category(term=section_id, label=bare(line(title)) or section_id, scheme=scheme)
    for tag in tags(printed):
        entry.category(term=bare(tag))


def rfc822(when: datetime) -> str:
    """The date as RSS wants it. Not by feedgen, which sets the locale of the process for it (defect 15)."""
    return format_datetime(when.replace(microsecond=0))


def rfc3339(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")
