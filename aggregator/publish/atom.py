"""Atom 1.0 (RFC 4287), made by feedgen and mended where feedgen errs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from feedgen.entry import FeedEntry

from aggregator.publish import markup
from aggregator.publish.edition import Paper, PrintedArticle, modified
from aggregator.publish.entry import (
    Imprint,
    authors,
    content,
    copies_of,
    headline,
    imprint_of,
    instant,
    language_tag,
    line,
    link_of,
    origins_of,
    summary,
    tags,
)
from aggregator.publish.fragments import FragmentCache, Rendered, gather
from aggregator.publish.guesses import bare, declare
from aggregator.publish.heads import FEED_TYPES, FeedHead
from aggregator.publish.links import (
    enclosures,
    entry_id,
    media_type,
    public_url,
    section_scheme,
    source_address,
)
from aggregator.publish.markup import ATOM_NAMESPACES, XML_LANG, add

_CLOSING = b"</feed>"
MIME = FEED_TYPES["atom"]


def render_atom(
    paper: Paper, head: FeedHead, articles: Sequence[PrintedArticle], cache: FragmentCache
) -> Rendered:
    """The articles as Atom 1.0. What cannot be rendered is left out and named in ``faults``."""
    imprint = imprint_of(paper, head.language, head.suffix)
    gathered = gather(
        f"{head.name}.atom",
        articles,
        cache,
        hash(("atom", imprint)),
        lambda printed: atom_entry(printed, imprint, cache.cleaned),
    )
    root = feed_root(
        paper,
        id=head.id,
        title=head.title,
        subtitle=head.description,
        language=head.language,
        updated=gathered.changed or head.opened,
        links=[
            {"href": head.address("atom"), "rel": "self", "type": MIME},
            {"href": head.page, "rel": "alternate", "type": "text/html"},
            *([{"href": head.hub, "rel": "hub"}] if head.hub else []),
            *({"href": url, "rel": relation, "type": MIME} for relation, url in head.linked("atom")),
        ],
    )
    if head.is_archive:
        markup.add_archive_mark(root)
    for one in head.withdrawn:
        id = entry_id(one.uid, imprint.authority, imprint.feed)
        markup.add_tombstone(root, id, one.at)
    return Rendered(document=markup.document(root, _CLOSING, gathered.fragments), faults=gathered.faults)


def feed_root(
    paper: Paper,
    *,
    id: str,
    title: str,
    subtitle: str = "",
    language: str,
    updated: datetime,
    links: Sequence[Mapping[str, str]],
) -> Any:
    """The root element of a feed of ours, without entries."""
    feed = markup.new_feed(paper)
    feed.id(id)
    feed.title(title)
    if subtitle:
        feed.subtitle(subtitle)
    feed.updated(updated)
    feed.author(_author(paper))
    feed.icon(markup.icon_url(paper))
    feed.logo(markup.logo_url(paper))
    if rights := line(paper.site.copyright):
        feed.rights(rights)
    feed.link([dict(link) for link in links])
    root, _ = feed._create_atom()
    root.set(XML_LANG, language_tag(language) or "en")
    declare(root, "title", "subtitle", "rights")
    return root


def _author(paper: Paper) -> dict[str, str]:
    email, _, _ = (paper.site.editor or "").partition(" ")
    author = {"name": bare(line(paper.site.title)) or markup.GENERATOR, "uri": f"{paper.base_url}/"}
    return {**author, "email": email} if email else author


def atom_entry(printed: PrintedArticle, imprint: Imprint, clean: Callable[[str], str]) -> bytes:
    """One ``<entry>``. A function of its arguments alone."""
    article = printed.article
    links = _links(printed, imprint)
    entry = FeedEntry()
    entry.id(entry_id(article.uid, imprint.authority, imprint.feed))
    entry.title(headline(article, imprint.language))
    entry.updated(instant(modified(article), article.uid))
    entry.published(article.date.replace(microsecond=0))
    entry.author([{"name": bare(name)} for name in authors(printed)])
    entry.link([{"href": link["href"]} for link in links])
    words, whole = summary(article), content(printed, imprint, clean)
    if words or not whole:  # an entry without any text is told by its title (MissingTextualContent)
        entry.summary(words or headline(article, imprint.language))
    if whole:
        entry.content(whole, type="html")  # never CDATA, which feedgen writes as the type (defect 5)
    _categorise(entry, printed, imprint)
    if printed.source_name or printed.source_url:
        entry.source(
            url=source_address(printed.source_url), title=line(printed.source_name) or article.source
        )
    return markup.fragment(_mend_entry(entry.atom_entry(), printed, imprint, links))


def _links(printed: PrintedArticle, imprint: Imprint) -> list[dict[str, str]]:
    links = [{"href": link_of(printed, imprint), "rel": "alternate", "type": "text/html"}]
    for file in enclosures(printed.article):
        length = {} if file.length is None else {"length": str(file.length)}
        links.append({"href": file.url, "rel": "enclosure", "type": file.type or "", **length})
    links += [
        {"href": url, "rel": "related", "title": bare(title or name)}
        for url, name, title in copies_of(printed)
    ]
    # Readers list what is related; what the words were taken from is said to programs as well (RFC 4287 §4.2.7.2).
    links += [{"href": url, "rel": "via", "title": bare(name)} for url, name, _ in origins_of(printed)]
    return links


def _mend_entry(entry: Any, printed: PrintedArticle, imprint: Imprint, links: list[dict[str, str]]) -> Any:
    markup.mount(entry, ATOM_NAMESPACES)
    for element, attributes in zip(entry.findall("link"), links, strict=True):
        for name, value in attributes.items():  # defect 1: feedgen keeps the href alone
            element.set(name, value)
    declare(entry, "title", "summary")
    language = language_tag(printed.article.language)
    if language and language != imprint.language:
        entry.set(XML_LANG, language)
    source = entry.find("source")
    if source is not None:
        _mend_source(source, printed, imprint)
    picture = public_url(printed.article.image or "")
    if picture:
        markup.add_picture(entry, picture, media_type(picture))
    return entry


def _mend_source(source: Any, printed: PrintedArticle, imprint: Imprint) -> None:
    """Defect 8: a source has an id and a date (RFC 4287 §4.2.11); the date is the entry's, to be stable."""
    address = source_address(printed.source_url)
    whole = address == public_url(printed.source_url)  # without its query an address may be that of several
    tag = f"tag:{imprint.authority}:source:{printed.article.source}"
    add(source, "id", address if address and whole else tag)
    add(source, "updated", modified(printed.article).isoformat())


def _categorise(entry: Any, printed: PrintedArticle, imprint: Imprint) -> None:
    scheme = section_scheme(imprint.authority)
    for section_id, title in printed.sections:
        entry.category(term=section_id, label=bare(line(title)) or section_id, scheme=scheme)
    for tag in tags(printed):
        entry.category(term=bare(tag))
