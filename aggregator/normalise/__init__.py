"""Item to Article: clean, absolute, dated in UTC, with an identity. Pure; read ``article.py`` first."""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily
from aggregator.normalise.context import Dropped, Normalised, SourceContext

if TYPE_CHECKING:
    from aggregator.normalise.article import normalise, normalise_all
    from aggregator.normalise.bounds import bounded
    from aggregator.normalise.identity import content_hash, mint_uid
    from aggregator.normalise.markup import clean_html

__all__ = [
    "Dropped", "Normalised", "SourceContext",
    "bounded", "clean_html", "content_hash", "mint_uid", "normalise", "normalise_all",
]  # fmt: skip

__getattr__ = lazily(
    __name__,
    article="normalise normalise_all",
    bounds="bounded",
    identity="content_hash mint_uid",
    markup="clean_html",
)
