"""feeds.opml: every section's feed in one file, for a reader to import (OPML 2.0)."""

from __future__ import annotations

from lxml import etree

from aggregator.publish import markup
from aggregator.publish.edition import Paper
from aggregator.publish.entry import line


def render_opml(paper: Paper) -> bytes:
    """One outline a section, with one feed each: a reader given both forms would show each article twice."""
    root = etree.Element("opml", version="2.0")
    markup.add(markup.add(root, "head"), "title", line(paper.site.title))
    body = markup.add(root, "body")
    form = "rss" if "rss" in paper.output.formats and "atom" not in paper.output.formats else "atom"
    for edition in paper.sections:
        title = markup.title_of(edition)
        markup.add(
            body,
            "outline",
            type="rss",
            text=title,
            title=title,
            xmlUrl=markup.feed_url(paper, edition, form),
            htmlUrl=markup.section_url(paper, edition),
        )
    raw: bytes = etree.tostring(root, encoding="utf-8", pretty_print=True)
    return markup.DECLARATION + raw
