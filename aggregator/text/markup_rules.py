"""Which HTML is harmless: what articles are cleaned by when they come in, and again when they are printed."""

from __future__ import annotations

#: Elements that are kept. Others go, and leave their content; span and font say nothing without a style.
TAGS = frozenset(
    """
    a abbr address article aside audio b bdi bdo blockquote br caption center cite code col colgroup dd
    del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li mark
    nav ol p pre q rp rt ruby s samp section small source strike strong sub summary sup table tbody td tfoot th
    thead time tr tt u ul var video wbr
    """.split()
)
#: Of addresses in links; those of pictures and recordings are of the web besides.
SCHEMES = frozenset({"http", "https", "mailto"})
#: What a link is to the page that it stands on.
REL = "noopener noreferrer"
