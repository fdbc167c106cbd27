"""``aggregator split`` and ``aggregator join``: stories, set right by hand. They work beside a running daemon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from aggregator.app.desk import press_of
from aggregator.app.plan import plan_of
from aggregator.cli.common import FAILED, fail, json_option, load, print_json, with_config
from aggregator.cli.facts import NO_ARTICLE, article_facts, articles_at
from aggregator.clock import system_clock
from aggregator.config import Loaded
from aggregator.pipeline import Regrouped, Stories
from storage import ArticleStore, StoreBusy, open_store
from storage.model import Article


@click.command()
@click.argument("article")
@json_option
@with_config
def split(path: Path, article: str, as_json: bool) -> None:
    """Take an article (uid or address) out of its story: printed by itself, and never merged with that story again.

    Of the article whose entry is printed, the others are taken away: the earliest of them gets an entry of its own.
    """
    with changing(load(path)) as change:
        found = only(articles_at(change.store, article), article, among_copies=True)
        done = _done(change.stories.split(found.uid), article)
        printed = done.changed and change.publish()
    if as_json:
        print_json(_facts(done, printed))
        return
    if not done.changed:
        click.echo(f"{named(done.article)} is no copy and has none: nothing to do")
        return
    click.echo(f"{named(done.article)} is printed by itself from now on")
    if done.story is not None:
        others = f", with {len(done.moved)} more" if done.moved else ""
        click.echo(f"the story goes on without it: {named(done.story)}{others}")
    say_when(printed)


@click.command()
@click.argument("article")
@click.argument("other")
@json_option
@with_config
def join(path: Path, article: str, other: str, as_json: bool) -> None:
    """Let ARTICLE, with its copies, be a copy in the story of OTHER (uids or addresses), whose entry stays."""
    with changing(load(path)) as change:
        found = only(articles_at(change.store, article), article, among_copies=False)
        there = only(articles_at(change.store, other), other, among_copies=False)
        if found.uid == there.uid:
            fail(f"{article} and {other} are one article", FAILED)
        done = _done(change.stories.join(found.uid, there.uid), article)
        printed = done.changed and change.publish()
    if as_json:
        print_json(_facts(done, printed))
        return
    assert done.story is not None
    if not done.changed:
        click.echo(f"{named(done.article)} is in one story with {named(done.story)}: nothing to do")
        return
    click.echo(f"{named(done.article)} is a copy of {named(done.story)} from now on")
    say_when(printed)


class Change:
    """The store while it is changed, and how the change gets into print."""

    def __init__(self, loaded: Loaded, store: ArticleStore, *, alone: bool) -> None:
        self._loaded = loaded
        self._plan = plan_of(loaded)
        self._alone = alone
        self.store = store
        self.stories = Stories(store, self._plan, system_clock())

    def publish(self) -> bool:
        """Print what changed, unless another process is at work: that one will."""
        if self._alone:
            report = press_of(self._loaded, self._plan, self.store, system_clock).publish()
            if report.error is not None:
                fail(f"changed, but not printed: {report.error}")
        return self._alone


@contextmanager
def changing(loaded: Loaded) -> Iterator[Change]:
    try:
        store, alone = open_store(loaded.storage_url), True
    except StoreBusy:
        store, alone = open_store(loaded.storage_url, beside=True), False
    try:
        yield Change(loaded, store, alone=alone)
    finally:
        store.close()


def only(found: Sequence[Article], wanted: str, *, among_copies: bool) -> Article:
    """The one that is meant. Where copies share an address: the only copy, or the one that is printed."""
    if not found:
        fail(NO_ARTICLE.format(wanted), FAILED)
    meant = list(found)
    if len(found) > 1 and len({one.copy_of or one.uid for one in found}) == 1:
        meant = [one for one in found if (one.copy_of is not None) == among_copies]
    if len(meant) != 1:
        listed = "".join(f"\n  {named(one)}" for one in found)
        fail(f"{len(found)} articles stand at {wanted}; name one by its uid:{listed}", FAILED)
    return meant[0]


def _done(outcome: Regrouped | None, wanted: str) -> Regrouped:
    if outcome is None:
        fail(NO_ARTICLE.format(wanted), FAILED)
    assert outcome is not None
    if outcome.fault is not None:
        fail(outcome.fault, FAILED)
    return outcome


def named(article: Article) -> str:
    return f"{article.uid} {article.title} [{article.source}]"


def say_when(printed: bool) -> None:
    if not printed:
        click.echo("the running aggregator prints it within seconds", err=True)


def _facts(done: Regrouped, printed: bool) -> dict[str, object]:
    return {
        "article": article_facts(done.article),
        "story": article_facts(done.story) if done.story else None,
        "moved": [one.uid for one in done.moved],
        "changed": done.changed,
        "printed": printed,
    }
