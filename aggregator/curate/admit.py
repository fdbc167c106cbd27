"""Which articles of a source are taken at all."""

from __future__ import annotations

from aggregator.config.model import Source
from aggregator.curate.rules import rule_of
from storage.model import Article


def admits(source: Source, article: Article) -> str | None:
    """None when the source's ``block`` and ``keep`` let the article in; else why not, in words."""
    if source.block is not None and (key := rule_of(source.block).first_held(article)):
        return f"blocked by the source's rule {key.words}"
    if source.keep is not None and (key := rule_of(source.keep).first_missed(article)):
        return f"the source keeps only {key.words}"
    return None
