"""``aggregator explain``: all that is known of one article and its story. Looks, and changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from aggregator.app.plan import plan_of
from aggregator.cli.common import FAILED, fail, json_option, load, print_json, reading, with_config
from aggregator.cli.facts import NO_ARTICLE, article_facts, articles_at, decision_facts, rfc3339
from aggregator.curate import Placement, Score
from aggregator.dedup import Shown
from aggregator.pipeline import Plan
from aggregator.pipeline.stories import Bylines, Relation, merged_by, related_to, scored, shown_of
from storage.interface import ArticleStore
from storage.model import Article, Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """An article, its story, and why they are as they are."""

    article: Article
    first: Article | None  #: of the story: the entry is printed under its uid; None where the store lost it
    copies: Sequence[Article]  #: the others, expired ones included
    shown: Shown | None
    names: Mapping[str, str]  #: of the sources, by id
    decisions: Mapping[str, Sequence[Decision]]  #: by uid
    placement: Placement
    related: Sequence[Relation]  #: about the same, and not merged
    score: Score | None  #: of the story, as sections may ask for it; None where it cannot be printed
    too_light: Sequence[str]  #: a line for each of its sections that asks for more points than it has

    @property
    def members(self) -> list[Article]:
        """The whole story, the first article before the others."""
        return [*([self.first] if self.first else []), *self.copies]


@click.command()
@click.argument("article")
@json_option
@with_config
def explain(path: Path, article: str, as_json: bool) -> None:
    """Tell where an article (uid or address) came from, what was decided, its copies, and why it is in each section."""
    loaded = load(path)
    with reading(loaded) as store:
        found = next(iter(articles_at(store, article)), None)
        if found is None:
            fail(NO_ARTICLE.format(article), FAILED)
            return
        told = _told(store, plan_of(loaded), found)
    if as_json:
        print_json(_facts(told))
        return
    for line in _lines(told):
        click.echo(line)


def _told(store: ArticleStore, plan: Plan, article: Article) -> _Told:
    first = store.article(article.copy_of) if article.copy_of else article
    copies = store.copies([first.uid]).get(first.uid, []) if first else []
    bylines = Bylines(plan, store, store.sources())
    present = [copy for copy in copies if not copy.expired]
    story = [first, *copies] if first else [article]
    related = related_to(store, {story[0].uid: story}).get(story[0].uid, [])
    members = {one.uid: one for one in (article, *story, *(kin for kin, _ in related))}
    score = scored(plan, first, present) if first and not first.expired else None
    return _Told(
        article=article,
        first=first,
        copies=copies,
        shown=shown_of(plan, bylines, first, present) if first and not first.expired else None,
        names={one.source: bylines.of(one.source)[0] for one in members.values()},
        decisions=store.decided(members),
        placement=plan.router.route(article),
        related=related,
        score=score,
        too_light=_too_light(plan, first.sections if first else (), score),
    )


def _too_light(plan: Plan, sections: Collection[str], score: Score | None) -> list[str]:
    return [
        f"{section.title}: not printed, it asks for {section.min_score} points"
        for section in plan.config.sections
        if score is not None and section.id in sections
        if section.min_score is not None and score.points < section.min_score
    ]


# -- for programs


def _facts(told: _Told) -> dict[str, Any]:
    return {
        "article": article_facts(told.article),
        "decisions": [decision_facts(one) for one in told.decisions.get(told.article.uid, ())],
        "printed": told.first.uid if told.first else None,
        "shown": told.shown.of if told.shown else None,
        "why_shown": told.shown.why if told.shown else "",
        "copies": [_copy_facts(told, copy) for copy in told.copies],
        "related": [
            {
                "uid": one.uid,
                "source": one.source,
                "url": one.url,
                "title": one.title,
                "similarity": round(similarity, 4),
            }
            for one, similarity in told.related
        ],
        "sections": list(told.article.sections),
        "reasons": [*told.placement.reasons, *told.too_light],
        "score": {"points": told.score.points, "reasons": list(told.score.reasons)} if told.score else None,
    }


def _copy_facts(told: _Told, copy: Article) -> dict[str, Any]:
    decisions = told.decisions.get(copy.uid, ())
    merged = merged_by(decisions)
    return {
        "uid": copy.uid,
        "source": copy.source,
        "url": copy.url,
        "title": copy.title,
        "published": rfc3339(copy.published),
        "first_seen": rfc3339(copy.first_seen),
        "verdict": merged.verdict if merged else None,
        "similarity": round(merged.similarity, 4) if merged else None,
        "clause": merged.clause if merged else None,
        "shown": told.shown is not None and told.shown.of == copy.uid,
        "origin": told.shown is not None and copy.uid in told.shown.origins,
        "expired": copy.expired,
        "decisions": [decision_facts(one) for one in decisions],
    }


# -- for people


def _lines(told: _Told) -> Iterator[str]:
    article = told.article
    yield article.title
    yield f"  uid        {article.uid}"
    yield f"  source     {_source(told, article)}"
    yield f"  address    {article.url or '-'}"
    yield f"  guid       {article.guid or '-'}"
    yield f"  published  {rfc3339(article.published) or 'the source does not say'}"
    yield f"  first seen {rfc3339(article.first_seen)}, revision {article.revision}"
    yield f"  breadcrumb {' > '.join(article.breadcrumb) or '-'}"
    yield f"  labels     {', '.join(article.labels) or '-'}"
    for one in told.decisions.get(article.uid, ()):
        yield f"  decided    {_decided(one)}"
    yield from _story(told)
    for kin, similarity in told.related:
        yield f"  related    {kin.uid}  {_when(kin)}  {_source(told, kin)}  {similarity:.2f} alike, not merged"
        yield f"             {kin.title}  {kin.url}".rstrip()
    if told.score:
        yield f"  score      {told.score}"
    for reason in (*told.placement.reasons, *told.too_light):
        yield f"  section    {reason}"
    for section in sorted(set(article.sections) - set(told.placement.sections)):
        yield f"  section    {section}: in, a copy brought it there"


def _story(told: _Told) -> Iterator[str]:
    if told.first is None or not told.copies:
        return
    yield f"  story      {len(told.members)} articles, printed as {told.first.uid}"
    for one in told.members:
        yield f"  {_mark(told, one)} {one.uid}  {_when(one)}  {_source(told, one)}  {_because(told, one)}"
        yield f"             {one.title or '(past its retention)'}  {one.url}".rstrip()


def _mark(told: _Told, one: Article) -> str:
    return "shown     " if told.shown and told.shown.of == one.uid else "copy      "


def _because(told: _Told, one: Article) -> str:
    merged = merged_by(told.decisions.get(one.uid, ())) if one.copy_of else None
    said = [f"{merged.similarity:.2f} {merged.clause}" if merged and merged.similarity else ""]
    said += [
        merged.clause if merged and not merged.similarity else "",
        "came first" if not one.copy_of else "",
    ]
    if told.shown and told.shown.of == one.uid and told.shown.why:
        said.append(f"its words are printed: {told.shown.why}")
    return "; ".join(filter(None, said))


def _when(one: Article) -> str:
    return f"{rfc3339(one.published) or f'undated, seen {rfc3339(one.first_seen)}'}"


def _source(told: _Told, one: Article) -> str:
    name = told.names.get(one.source, one.source)
    return one.source if name == one.source else f"{one.source} ({name})"


def _decided(decision: Decision) -> str:
    against = f" of {decision.of}" if decision.of else ""
    similarity = f", similarity {decision.similarity:.2f}" if decision.of and decision.similarity else ""
    return f"{rfc3339(decision.at)} {decision.verdict}{against}{similarity}: {decision.clause}"
