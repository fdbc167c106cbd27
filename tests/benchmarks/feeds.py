"""What a feed costs to make, and feedgen by itself beside it: ``python -m tests.benchmarks.feeds``.

All are taken in turns, in CPU time of this process: the machine's moods fall on all alike.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from feedgen.feed import FeedGenerator

from aggregator.publish.edition import PrintedArticle
from aggregator.publish.feeds import render_feed
from aggregator.publish.fragments import FragmentCache
from aggregator.publish.heads import FEED_TYPES, FeedForm, section_head
from tests.publish.samples import NOON, article, edition, paper, printed

SIZES = (50, 500, 5000)
ROUNDS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Milliseconds of CPU, the best of the rounds: what else the machine does only adds to them."""

    form: FeedForm
    entries: int
    unchanged_ms: float  #: every entry as it was
    one_new_ms: float  #: one entry more, one less
    feedgen_ms: float | None  #: feedgen by itself, of the same articles; it has no JSON Feed

    @property
    def times(self) -> float | None:
        """How many feeds of ours with one new article are made while feedgen makes one."""
        return self.feedgen_ms / self.one_new_ms if self.feedgen_ms else None

    def __str__(self) -> str:
        beside = f", feedgen {self.feedgen_ms:6.1f}: {self.times:4.1f} times" if self.feedgen_ms else ""
        return (
            f"{self.form:4} {self.entries:5} entries: unchanged {self.unchanged_ms:6.2f} ms, "
            f"one new {self.one_new_ms:6.2f}{beside}"
        )


def measure(entries: int) -> list[Figure]:
    return [_figure(form, _articles(entries + ROUNDS)) for form in FEED_TYPES]


def _figure(form: FeedForm, articles: list[PrintedArticle]) -> Figure:
    entries = len(articles) - ROUNDS
    whole, cache = paper(), FragmentCache()
    head = section_head(whole, edition())
    own = _FEEDGEN.get(form)
    unchanged, one_new, feedgen = [], [], []
    for newest in range(ROUNDS, -1, -1):  # the articles come in one by one, the newest first
        shown = articles[newest : newest + entries]
        cache.begin()
        render = partial(render_feed, form, whole, head, shown, cache)
        one_new.append(_cpu_ms(render))
        unchanged.append(_cpu_ms(render))
        feedgen.append(_cpu_ms(partial(own, shown)) if own else 0.0)
    return Figure(
        form=form,
        entries=entries,
        unchanged_ms=min(unchanged[1:]),
        one_new_ms=min(one_new[1:]),  # at the first, all were new
        feedgen_ms=min(feedgen[1:]) if own else None,
    )


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def _articles(count: int) -> list[PrintedArticle]:
    return [
        printed(
            article(
                title=f"第{n}号闸门今日启用",
                url=f"https://harbour.example/{n}",
                html="".join(f"<p>{text}</p>" for text in _paragraphs(random.Random(n))),
                published=NOON - timedelta(minutes=n),
            )
        )
        for n in range(count)
    ]


def _paragraphs(chance: random.Random) -> Iterator[str]:
    """Some 6 kB of characters without sense."""
    for _ in range(10):
        yield "".join(chr(chance.randrange(0x4E00, 0x6E00)) for _ in range(200)) + "。"


def _feedgen(articles: list[PrintedArticle], form: FeedForm) -> FeedGenerator:
    feed = FeedGenerator()
    feed.load_extension("dc", atom=False, rss=True)
    feed.id("tag:harbour.example,2026:world")
    feed.title("World")
    feed.description("World")
    feed.link(href="https://harbour.example/")
    for one in articles:
        entry = feed.add_entry(order="append")
        entry.id(one.article.uid)
        entry.title(one.article.title)
        entry.link(href=one.article.url)
        entry.summary(one.article.summary)
        entry.content(one.article.html, type="html" if form == "atom" else None)
        entry.published(one.article.date)
        entry.updated(one.article.date)
        if form == "atom":
            entry.author(name=one.source_name)
        else:
            entry.dc.dc_creator(one.source_name)
    return feed


_FEEDGEN: dict[FeedForm, Callable[[list[PrintedArticle]], bytes]] = {
    "rss": lambda articles: _feedgen(articles, "rss").rss_str(),
    "atom": lambda articles: _feedgen(articles, "atom").atom_str(),
}


if __name__ == "__main__":
    for size in SIZES:
        print(*measure(size), sep="\n")
