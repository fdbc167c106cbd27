"""Item to Article: clean, absolute, dated in UTC, with an identity. Pure; read ``article.py`` first."""

from aggregator.normalise.article import normalise
from aggregator.normalise.batch import normalise_all
from aggregator.normalise.context import Dropped, SourceContext
from aggregator.normalise.identity import content_hash, mint_uid
from aggregator.normalise.markup import clean_html

__all__ = ["Dropped", "SourceContext", "clean_html", "content_hash", "mint_uid", "normalise", "normalise_all"]
