"""The HTML pages: the front page, a page a section, a page an article.

They need no script, and ask nobody for anything but the articles' pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from aggregator.config.model import Script
from aggregator.publish import markup
from aggregator.publish.edition import Paper, PrintedArticle, SectionEdition, modified, newest
from aggregator.publish.entry import (
    Imprint,
    also_line,
    attribution_line,
    authors,
    copies_of,
    cut,
    headline,
    imprint_of,
    language_tag,
    line,
    link_of,
    page_body,
    summary,
)
from aggregator.publish.fragments import FragmentCache, Rendered, fragment_key, gather
from aggregator.publish.front import columns_across, front_page, has_picture, takes_everything
from aggregator.publish.heads import combined_head
from aggregator.publish.links import enclosures, public_url
from aggregator.publish.looks import Look
from aggregator.publish.named import named_authors, named_tags
from aggregator.publish.words import Words, direction, long_date, short_time, words_for

_FORMS = (("atom", "Atom", "application/atom+xml"), ("rss", "RSS", "application/rss+xml"),
          ("json", "JSON Feed", "application/feed+json"))  # fmt: skip

#: What each script is called by those who read it, and its language tag.
_SCRIPT_NAMES: dict[Script, tuple[str, str]] = {
    "hans": ("简体", "zh-Hans"),
    "hant": ("繁體", "zh-Hant"),
    "hant-tw": ("臺灣正體", "zh-TW"),
    "hant-hk": ("香港繁體", "zh-HK"),
}

# A style clamps summaries to a few lines; what no screen shows need not be sent.
_FRONT_BLURB, _SECTION_BLURB = 160, 320


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed of a section, as a page links to it."""

    label: str
    mime: str
    href: str  #: relative to the page
    url: str  #: absolute, to be copied
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLink:
    """The same page in one of the scripts of Chinese."""

    name: str
    lang: str
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a page sets its items."""

    words: Words
    zone: tzinfo
    year: int  #: goes without saying; 0 where every date names its year
    root: str  #: "" on the front page, "../" one folder down
    blurb: int  #: characters of a summary
    imprint: Imprint
    look: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """An article as a page shows it in a list."""

    href: str
    title: str
    summary: str
    image: str  #: "" for none
    source: str
    source_href: str  #: the article at its source; "" when it has no address
    byline: str  #: "" when the source names nobody
    iso: str
    time: str
    lang: str  #: "" when it is the page's
    also: tuple[tuple[str, str, str], ...]


def render_front(paper: Paper) -> Rendered:
    """index.html."""
    front = front_page(paper)
    latest = max(filter(None, (newest(edition.articles) for edition in paper.sections)), default=None)
    setting = setting_of(paper, paper.site.language, "", latest)
    faults: list[str] = []

    def teasers(stories: Sequence[PrintedArticle]) -> list[Teaser]:
        shown, missing = _teasers(stories, setting, "index.html")
        faults.extend(missing)
        return shown

    leads = teasers([front.lead] if front.lead else [])
    columns = [
        (column.edition, _section_link(column.edition, ""), teasers(column.articles), column.bare)
        for column in front.columns
    ]
    page = paper.look.page(
        "front.html",
        **common(paper, setting),
        date=_masthead_date(latest, setting),
        feeds=[
            *combined_feeds(paper)[:1],
            *(feed for edition in paper.sections for feed in feeds_of(paper, edition, "")[:1]),
        ],
        lead=leads[0] if leads else None,
        seconds=teasers(front.seconds),
        columns=columns,
        across=columns_across(len(columns)),
    )
    return Rendered(document=page.encode(), faults=tuple(faults))


def render_section_page(paper: Paper, edition: SectionEdition, cache: FragmentCache) -> Rendered:
    """<section>/index.html: every article of the section, in the order of its feeds.

    Of the other sections it takes only id and title, so that news in one leaves their pages alone.
    """
    changed = newest(edition.articles)
    root = "../" * (edition.folder.count("/") + 1)
    setting = setting_of(paper, edition.language, root, changed)
    gathered = gather(
        f"{edition.folder}/index.html",
        edition.articles,
        cache,
        hash(("item", setting)),
        lambda printed: _item(printed, setting),
    )
    page = paper.look.page(
        "section.html",
        **{**common(paper, setting), "scripts": _scripts(edition, root)},
        section=edition,
        title=markup.title_of(edition),
        description=line(edition.description),
        feeds=feeds_of(paper, edition, root),
        changed=_stamp(changed, setting),
        items=Markup(b"\n".join(gathered.fragments).decode()),  # rendered by our own template, which escapes
    )
    return Rendered(document=page.encode(), faults=gathered.faults)


def _scripts(edition: SectionEdition, root: str) -> list[ScriptLink]:
    """The section's page in each script that it is published in; none where there is nothing to choose."""
    scripts = edition.section.script
    if len(scripts) < 2:
        return []
    main, *others = scripts
    folders = {main: edition.id, **{script: f"{edition.id}/{script}" for script in others}}
    return [
        ScriptLink(
            name=_SCRIPT_NAMES[script][0],
            lang=_SCRIPT_NAMES[script][1],
            href=f"{root}{folder}/",
            chosen=script == (edition.variant or main),
        )
        for script, folder in folders.items()
    ]


def render_article_page(paper: Paper, printed: PrintedArticle, cache: FragmentCache) -> bytes:
    """a/<uid>.html: the article in full, with where it comes from and who else has it.

    The same from whichever section it is rendered, and unchanged by any other article.
    """
    setting = setting_of(paper, paper.site.language, "../", None)
    sections = tuple((edition.id, markup.title_of(edition)) for edition in paper.sections)
    around = (
        paper.site.title,
        paper.site.description,
        sections,
        paper.output.formats,
        paper.output.search,
        paper.generator_version,
    )
    key = ("article", fragment_key(printed), setting.imprint, setting.look, setting.zone, around)
    return cache.get(key, lambda: _article_page(paper, printed, setting))


def _article_page(paper: Paper, printed: PrintedArticle, setting: Setting) -> bytes:
    article, words = printed.article, setting.words
    html = page_body(article, words)
    home = _home(paper, printed)
    copies = f"../story/{article.uid}.html" if printed.story else ""
    page = paper.look.page(
        "article.html",
        **common(paper, setting),
        article=teaser_of(printed, setting),
        home=home,
        home_title=markup.title_of(home) if home else "",
        feeds=feeds_of(paper, home, "../") if home else [],
        html=Markup(html),  # cleaned by nh3
        picture="" if "<img" in html else public_url(article.image or ""),
        authors=named_authors(paper, article.authors, setting.root),
        updated=_stamp(modified(article), setting) if modified(article) > article.date else None,
        tags=named_tags(paper, printed, setting.root),
        files=[file for file in enclosures(article) if file.url != public_url(article.image or "")],
        also=Markup(also_line(printed, setting.imprint.language, copies)),  # escaped where it is made
        attribution=Markup(attribution_line(printed, setting.imprint)),
    )
    return page.encode()


def _home(paper: Paper, printed: PrintedArticle) -> SectionEdition | None:
    """The section that a breadcrumb leads back to: its first, rather not one that takes everything."""
    theirs = [edition for edition in paper.sections if edition.id in dict(printed.sections)]
    return min(theirs, key=takes_everything, default=None)


def _item(printed: PrintedArticle, setting: Setting) -> bytes:
    return setting.look.page("item.html", item=teaser_of(printed, setting), words=setting.words).encode()


def setting_of(paper: Paper, language: str, root: str, latest: datetime | None) -> Setting:
    """``latest`` is the date of the page; without one every date on it names its year."""
    zone = ZoneInfo(paper.site.timezone)
    return Setting(
        words=words_for(language),
        zone=zone,
        year=latest.astimezone(zone).year if latest else 0,
        root=root,
        blurb=_SECTION_BLURB if root else _FRONT_BLURB,
        imprint=imprint_of(paper, language),
        look=paper.look,
    )


def common(paper: Paper, setting: Setting) -> dict[str, Any]:
    """What every page shows: the paper's name, the sections, the feeds at its foot."""
    return {
        "words": setting.words,
        "root": setting.root,
        "language": setting.imprint.language,
        "site_title": line(paper.site.title),
        "site_description": line(paper.site.description),
        "base_url": paper.base_url,
        "sections": [
            (edition.id, markup.title_of(edition), feeds_of(paper, edition, setting.root))
            for edition in paper.sections
        ],
        "opml": "opml" in paper.output.formats,
        "search": paper.output.search,
        "query": "",
        "scripts": [],
        "paper_lang": _other_language(paper.site.language, setting.imprint.language),
        "right_to_left": direction(setting.imprint.language) == "rtl",
        "look": paper.look,
        "generator": f"{markup.GENERATOR} {paper.generator_version}".strip(),
    }


def feeds_of(paper: Paper, edition: SectionEdition, root: str) -> list[Feed]:
    """The section's feeds in the order in which a page offers them."""
    title = markup.title_of(edition)
    return [
        Feed(
            label=label,
            mime=mime,
            href=f"{root}{edition.stem}.{form}",
            url=markup.feed_url(paper, edition, form),
            title=f"{title} ({label})",
        )
        for form, label, mime in _FORMS
        if form in paper.output.formats
    ]


def combined_feeds(paper: Paper) -> list[Feed]:
    """Those of the whole paper, where it has them."""
    if paper.combined is None:
        return []
    head = combined_head(paper)
    return [
        Feed(
            label=label,
            mime=mime,
            href=f"{head.name}.{form}",
            url=f"{head.stem}.{form}",
            title=f"{head.title} ({label})",
        )
        for form, label, mime in _FORMS
        if form in paper.output.formats
    ]


def _section_link(edition: SectionEdition, root: str) -> str:
    return f"{root}{edition.id}/"


def _teasers(
    stories: Sequence[PrintedArticle], setting: Setting, page: str
) -> tuple[list[Teaser], list[str]]:
    shown, faults = [], []
    for printed in stories:
        try:
            shown.append(teaser_of(printed, setting))
        except Exception as error:  # one article never kills the front page
            faults.append(f"article {printed.article.uid} left out of {page}: {error!r}")
    return shown, faults


def teaser_of(printed: PrintedArticle, setting: Setting, *, own_page: bool = True) -> Teaser:
    """``own_page``: whether the article has a page here, where the paper has pages of articles at all."""
    article, imprint = printed.article, setting.imprint
    ours = f"{setting.root}a/{article.uid}.html" if imprint.article_pages and own_page else ""
    return Teaser(
        href=ours or link_of(printed, imprint),
        title=headline(article, imprint.language),
        summary=cut(_blurb(printed), setting.blurb),
        image=public_url(article.image or "") if has_picture(printed) else "",
        source=line(printed.source_name) or article.source,
        source_href=public_url(article.url),
        byline=setting.words.author_between.join(authors(printed)) if article.authors else "",
        iso=article.date.isoformat(timespec="seconds"),
        time=short_time(article.date, setting.zone, setting.words, this_year=setting.year),
        lang=_other_language(article.language, imprint.language),
        also=tuple(copies_of(printed)),
    )


def _other_language(tag: str | None, around: str) -> str:
    """The language, where it is another than that around it; "" where nothing has to be said."""
    found = language_tag(tag) or around
    return "" if found == around else found


def _blurb(printed: PrintedArticle) -> str:
    """The summary, unless it only says the title again."""
    words = summary(printed.article)
    return "" if words.rstrip("….") == headline(printed.article).rstrip("….") else words


def _masthead_date(when: datetime | None, setting: Setting) -> tuple[str, str] | None:
    """(for machines, for people)"""
    if when is None:
        return None
    return when.astimezone(setting.zone).date().isoformat(), long_date(when, setting.zone, setting.words)


def _stamp(when: datetime | None, setting: Setting) -> tuple[str, str] | None:
    """(for machines, for people)"""
    if when is None:
        return None
    return when.isoformat(timespec="seconds"), short_time(
        when, setting.zone, setting.words, this_year=setting.year
    )
