"""A page test out of an article page that was found: the page as it came, and what comes out of it today."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePosixPath
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aggregator.config.model import ArticlePage
from aggregator.extract import Extracted, extract_article

#: Beside the configuration file; pages are kept there.
FOLDER = "pages"
#: Of a paragraph, so many characters are looked for.
_QUOTE = 40
#: A page that yields less is no good example.
_LEAST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """An article page to keep as a test."""

    url: str
    body: bytes
    found: Extracted
    date: str | None  #: as the page prints it

    @property
    def file(self) -> PurePosixPath:
        """Where it is kept; another page, another name."""
        host = (urlsplit(self.url).hostname or "page").replace(":", "-")
        return PurePosixPath(FOLDER) / f"{host}-{blake2b(self.url.encode(), digest_size=4).hexdigest()}.html"

    def test(self) -> dict[str, str]:
        """As it stands under ``test:``."""
        wanted = {
            "title": self.found.title,
            "date": self.date,
            "section": self.found.section,
            "contains": _quote(self.found.text),
        }
        return {"url": f"file:{self.file}", **{key: value for key, value in wanted.items() if value}}


def saved_page(
    url: str, body: bytes, source_url: str, zone: ZoneInfo, selectors: ArticlePage | None = None
) -> SavedPage | None:
    """None where nothing that is worth a test comes out. Read as ``check`` will read it: by its bytes alone."""
    found = extract_article(body, source_url, zone=zone, selectors=selectors)
    if len(found.text) < _LEAST or not found.title:
        return None
    date = found.published.astimezone(zone).date().isoformat() if found.published else None
    return SavedPage(url=url, body=body, found=found, date=date)


def _quote(text: str) -> str:
    """The beginning of the longest paragraph."""
    return max(text.splitlines(), key=len, default="")[:_QUOTE].strip()
