"""A feed in the form that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aggregator.publish.atom import render_atom
from aggregator.publish.edition import Paper, PrintedArticle
from aggregator.publish.fragments import FragmentCache, Rendered
from aggregator.publish.heads import FeedForm, FeedHead, FeedQuery, query_head
from aggregator.publish.jsonfeed import render_json
from aggregator.publish.rss import render_rss

_RENDERERS: dict[FeedForm, Callable[[Paper, FeedHead, Sequence[PrintedArticle], FragmentCache], Rendered]] = {
    "rss": render_rss,
    "atom": render_atom,
    "json": render_json,
}


def render_feed(
    form: FeedForm,
    paper: Paper,
    head: FeedHead,
    articles: Sequence[PrintedArticle],
    cache: FragmentCache,
) -> Rendered:
    """The articles under this head, in the order given. A function of its arguments alone."""
    return _RENDERERS[form](paper, head, articles, cache)


def render_query_feed(
    form: FeedForm,
    paper: Paper,
    query: FeedQuery,
    articles: Sequence[PrintedArticle],
    cache: FragmentCache,
    *,
    title: str = "",
) -> Rendered:
    """The feed that answers ``/search.<form>?…``: articles chosen and ordered by the caller, newest first.

    ``FeedQuery.parameters`` are the query of its address, ``heads.FEED_TYPES[form]`` is its media type; ``title`` is
    what people call what was asked for, where its values say too little (the name of a source for its id).
    Same articles, same bytes: a strong ETag may be made of them.
    """
    return render_feed(form, paper, query_head(paper, query, title=title), articles, cache)
