"""An article page, read. The order of the steps; each module named here answers one question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator.config.model import ArticlePage
from aggregator.extract import clean, embedded, furniture
from aggregator.extract.body import Region, find_body
from aggregator.extract.breadcrumb import Breadcrumb, find_breadcrumb
from aggregator.extract.byline import Place, find_byline
from aggregator.extract.clean import Piece
from aggregator.extract.dateline import Clock, Dateline, find_dateline
from aggregator.extract.language import find_language, zone_of
from aggregator.extract.metadata import Declared, declared
from aggregator.extract.model import Extracted
from aggregator.extract.outline import Outline, survey
from aggregator.extract.override import Overrides, overrides
from aggregator.extract.paging import next_article_page
from aggregator.extract.site import find_image, find_section, find_site, find_tags
from aggregator.extract.title import Title, find_title, title_above
from aggregator.extract.tree import Page, parse, reparse

#: A body that says less is looked for in the page's scripts and its JSON-LD as well.
_THIN = 120.0
#: Paragraphs at the beginning of a body in which its reporters are named.
_LEAD = 6


def extract_article(
    html: bytes,
    url: str,
    *,
    content_type: str | None = None,
    zone: ZoneInfo | None = None,
    now: datetime | None = None,
    selectors: ArticlePage | None = None,
    encoding: str | None = None,
) -> Extracted:
    """The article on a page; never raises, whatever the bytes are. What cannot be found stays empty.

    ``zone``: of dates that name none; left out, the one that the language makes likely. ``now``: for relative dates.
    ``selectors``: go before what is found automatically; one that finds nothing is named in ``notes``.
    """
    page = parse(html, url, content_type=content_type, encoding=encoding)
    try:
        return _read(page, zone, now, selectors or ArticlePage())
    except Exception as error:
        # A page is hostile input: whatever it hits costs this one article, and the note says so.
        return Extracted(notes=(f"{url}: could not be read: {error!r}",))


def _read(page: Page, zone: ZoneInfo | None, now: datetime | None, selectors: ArticlePage) -> Extracted:
    given = overrides(page, selectors)
    claims = declared(page)
    outline = survey(page)
    title = find_title(claims, outline)
    if given.title:
        title = Title(text=given.title, at=_at(outline, given.title))
    region = given.region(outline) or find_body(page, outline, title.at if title.sure else None)
    if not title.sure and region.nodes:
        title = title_above(title, outline, outline.nodes[region.nodes[0]].first)
    language = _language(page, claims, outline, region)
    clock = Clock(zone=zone or zone_of(language), now=now, chinese=(language or "").startswith("zh") or None)
    around = _Surroundings(page=page, claims=claims, outline=outline, title=title, region=region, clock=clock)
    return _assemble(around, given, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surroundings:
    """What the later steps share."""

    page: Page
    claims: Declared
    outline: Outline
    title: Title
    region: Region
    clock: Clock

    @property
    def anchor(self) -> int | None:
        """The block near which date and byline stand: the title, else where the body begins."""
        if self.title.at is not None:
            return self.title.at
        return self.body_at if self.region.nodes else None

    @property
    def body_at(self) -> int:
        return self.outline.nodes[self.region.nodes[0]].first if self.region.nodes else 0

    @property
    def body_end(self) -> int:
        return self.outline.nodes[self.region.nodes[-1]].last if self.region.nodes else 0


def _assemble(around: _Surroundings, given: Overrides, language: str | None) -> Extracted:
    page, claims, outline, title = around.page, around.claims, around.outline, around.title
    crumb = find_breadcrumb(claims, outline, title.text, title.at)
    line = _dateline(around, given)
    site = find_site(claims, crumb, title.text)
    raw = _pieces_of(around, given)
    found = _cleared(around, raw, crumb, line, given)
    place = Place(
        title_at=title.at, date_at=line.at, body_at=around.body_at, body_end=around.body_end, lead=_lead(raw)
    )
    section = given.section or find_section(claims, crumb, line.rest, title.text, site)
    by = find_byline(claims, outline, place, title.text, site, sections=(section or "", *crumb.names))
    return Extracted(
        title=title.text,
        text=clean.to_text(found),
        html=clean.to_html(found),
        published=line.published,
        updated=next(filter(None, map(around.clock.read, claims.updated)), None),
        authors=given.authors or by.authors,
        breadcrumb=crumb.names,
        section=section,
        site=site,
        origin=by.origin,
        image=find_image(page, claims, found),
        language=language,
        canonical_url=next(filter(None, map(page.resolve, claims.canonical)), None),
        next_page=given.next_page or next_article_page(page),
        tags=find_tags(claims, title.text, site),
        notes=given.notes,
    )


def _at(outline: Outline, text: str) -> int | None:
    return next((at for at, block in enumerate(outline.blocks) if block.text == text), None)


def _language(page: Page, claims: Declared, outline: Outline, region: Region) -> str | None:
    body = [
        block.text
        for index in region.nodes
        for block in outline.blocks[outline.nodes[index].first : outline.nodes[index].last][:60]
    ]
    sample = " ".join(body) or " ".join(block.text for block in outline.blocks[:80])
    own = (
        page.root.get("lang")
        or page.root.get("{http://www.w3.org/XML/1998/namespace}lang")
        or page.root.get("xml:lang")
    )
    return find_language(filter(None, (own, *claims.languages)), sample)


def _dateline(around: _Surroundings, given: Overrides) -> Dateline:
    claims, region = around.claims, around.region
    line = find_dateline(
        around.page, claims.published, around.outline, around.anchor, around.clock, region.dropped
    )
    chosen = around.clock.find(given.date) if given.date else None
    return replace(line, published=chosen) if chosen else line


def _lead(found: list[Piece]) -> list[str]:
    texts = [piece.text for piece in found if piece.text]
    return [*texts[:_LEAD], *texts[_LEAD:][-3:]]


def _pieces_of(around: _Surroundings, given: Overrides) -> list[Piece]:
    found = _pieces(around.page, around.outline, around.region)
    thin = sum(len(piece.text) for piece in found) < _THIN
    return _from_script(around, found) if thin and not given.region_found else found


def _cleared(
    around: _Surroundings, found: list[Piece], crumb: Breadcrumb, line: Dateline, given: Overrides
) -> list[Piece]:
    """Without furniture; where a selector chose the body, only what the configuration names is taken from it."""
    if given.region_found:
        return given.clear(found)
    outline = around.outline
    repeated = [outline.blocks[at].text for at in crumb.blocks]
    if line.at is not None and line.at < len(outline.blocks) and len(outline.blocks[line.at].text) < 120:
        repeated.append(outline.blocks[line.at].text)
    return given.clear(furniture.clear(found, around.title.text, repeated))


def _pieces(page: Page, outline: Outline, region: Region) -> list[Piece]:
    return [clean.outside_lists(piece) for piece in clean.pieces(page, outline, region.nodes, region.dropped)]


def _from_script(around: _Surroundings, found: list[Piece]) -> list[Piece]:
    """The body out of JSON-LD or a script, where it says clearly more than what the page shows."""
    least = max(2.0 * sum(len(piece.text) for piece in found), 80.0)
    html = embedded.embedded_body(around.page, least) or max(
        (body for body in around.claims.bodies if len(body) >= least), key=len, default=None
    )
    if not html:
        return found
    inner = reparse(around.page, embedded.as_document(html))
    outline = survey(inner)
    region = find_body(inner, outline, None)
    return _pieces(inner, outline, region) or found
