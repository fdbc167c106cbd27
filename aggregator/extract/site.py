"""Names that stand around an article: its site, section, tags and lead picture."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aggregator.extract.breadcrumb import Breadcrumb, find_breadcrumb
from aggregator.extract.clean import Piece
from aggregator.extract.metadata import Declared, declared
from aggregator.extract.outline import survey
from aggregator.extract.title import bare
from aggregator.extract.tree import Page

_TITLE_PARTS = re.compile(r"\s*(?:_+|\||｜|—{1,2}|--+|\s[-–]\s|-(?=[\u3400-\u9fff]))\s*")
_TAG_SEPARATORS = re.compile(r"\s*[,，;；、|]\s*")
_SOURCE = re.compile(r'src="([^"]+)"')
_LONGEST_TAG = 24


def find_site(declared: Declared, crumb: Breadcrumb, title: str) -> str | None:
    """The declared name, else the first of the breadcrumb, else the last part of ``<title>``."""
    names = [name for name in declared.sites if len(name) <= 40 and not name.startswith(("@", "http"))]
    if names:
        return names[0]
    if crumb.site:
        return crumb.site
    parts = _title_parts(declared, title)
    return parts[-1] if parts else None


def site_of_page(page: Page) -> str | None:
    """The site's name on a page that is no article: declared, else the breadcrumb's first, else ``<title>``'s last."""
    claims = declared(page)
    try:
        crumb = find_breadcrumb(claims, survey(page), claims.head_title, None)
    except Exception:  # hostile input, as in extract_article: a page without a name of its site
        return None
    parts = [part.strip() for part in _TITLE_PARTS.split(claims.head_title) if part.strip()]
    return find_site(claims, crumb, "") or (parts[-1] if len(parts) > 1 else None)


def _title_parts(declared: Declared, title: str) -> list[str]:
    """What follows the title in ``<title>``: as a rule section and site."""
    parts = [part.strip() for part in _TITLE_PARTS.split(declared.head_title) if part.strip()]
    if not parts or not bare(title).startswith(bare(parts[0])[:8]):
        return []
    return [part for part in parts[1:] if bare(part) and bare(part) not in bare(title) and len(part) <= 16]


def find_section(
    declared: Declared, crumb: Breadcrumb, beside_date: str, title: str, site: str | None
) -> str | None:
    """The breadcrumb's last name, else the declared section, else that beside the date, else one in ``<title>``."""
    if crumb.section:
        return crumb.section
    for name in declared.sections:
        if len(name) <= 30 and not re.search(r"https?:|^\d+$", name):
            return name
    if beside_date:
        return beside_date
    parts = [part for part in _title_parts(declared, title) if bare(part) != bare(site or "")]
    return parts[0] if len(parts) == 1 and len(_title_parts(declared, title)) >= 2 else None


def find_tags(declared: Declared, title: str, site: str | None) -> tuple[str, ...]:
    """Keywords that are words: not the title over again, not the site."""
    words = [word for claim in declared.tags for word in _TAG_SEPARATORS.split(claim)]
    kept = [
        word
        for word in words
        if 1 < len(word) <= _LONGEST_TAG and bare(word) not in ("", bare(title), bare(site or ""))
    ]
    return tuple(dict.fromkeys(kept))[:20]


def find_image(page: Page, declared: Declared, found: Sequence[Piece]) -> str | None:
    """The first picture of the body; the declared one where the body has none, since it often is the site's mark."""
    own = next(
        (match[1] for piece in found if piece.tag == "img" and (match := _SOURCE.search(piece.html))), None
    )
    claimed = next(filter(None, map(page.resolve, declared.images)), None)
    return claimed or own.replace("&amp;", "&") if own else claimed
