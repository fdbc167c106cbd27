"""Item to Article: clean, absolute, dated in UTC, with an identity. Pure; read ``article.py`` first."""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily
from aggregator.normalise.context import (
    Dropped as Dropped,
    Normalised as Normalised,
    SourceContext as SourceContext,
)

if TYPE_CHECKING:
    from aggregator.normalise.article import normalise as normalise, normalise_all as normalise_all
    from aggregator.normalise.bounds import bounded as bounded
    from aggregator.normalise.identity import content_hash as content_hash, mint_uid as mint_uid
    from aggregator.normalise.markup import clean_html as clean_html
else:
    __getattr__ = lazily(__name__)
