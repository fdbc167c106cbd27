"""Conditions of feeds.yaml, made ready once and tried on articles.

Names are compared whole, folded by NFKC and letter case. Patterns are RE2: linear in the length of the text, whatever
the pattern. A condition holds when *every* key in it holds; ``block`` and the inner conditions when *one* does.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from aggregator.config.model import Condition
from aggregator.config.slugs import label_key
from storage.model import Article

#: Bytes for one pattern. More than RE2's own 8 MiB: with letter case folded a program is larger than the one checked.
MEMORY = 64 << 20


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a condition."""

    words: str  #: as an explanation names it: "title 央行|股市"
    holds: Callable[[Article], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition, ready to be tried."""

    keys: tuple[Key, ...]

    def all_hold(self, article: Article) -> bool:
        return all(key.holds(article) for key in self.keys)

    def first_held(self, article: Article) -> Key | None:
        return next((key for key in self.keys if key.holds(article)), None)

    def first_missed(self, article: Article) -> Key | None:
        return next((key for key in self.keys if not key.holds(article)), None)


def matches(condition: Condition, article: Article) -> bool:
    """Whether every key of the condition holds for the article. A condition without keys holds for all."""
    return rule_of(condition).all_hold(article)


@lru_cache(maxsize=4096)
def rule_of(condition: Condition) -> Rule:
    """The condition made ready; the same condition is made ready once."""
    return Rule(tuple(_keys(condition)))


def _keys(condition: Condition) -> Iterator[Key]:
    for field, make in _FIELDS.items():
        if wanted := getattr(condition, field):
            yield Key(f"{field} {'|'.join(wanted)}", make(wanted))
    # Two words for one thing: an article has the one or the other, never both.
    if tags := (*condition.tag, *condition.category):
        yield Key(f"tag {'|'.join(tags)}", _names(tags, lambda article: article.tags))
    if condition.any is not None:
        inner = rule_of(condition.any)
        yield Key(f"any of ({_words(inner)})", lambda article: inner.first_held(article) is not None)
    if condition.none is not None:
        barred = rule_of(condition.none)
        yield Key(f"none of ({_words(barred)})", lambda article: barred.first_held(article) is None)


def _words(rule: Rule) -> str:
    return ", ".join(key.words for key in rule.keys)


def _names(wanted: Iterable[str], of: Callable[[Article], Iterable[str]]) -> Callable[[Article], bool]:
    keys = frozenset(map(label_key, wanted))
    return lambda article: any(label_key(name) in keys for name in of(article))


def _languages(wanted: Iterable[str]) -> Callable[[Article], bool]:
    prefixes = tuple(f"{label_key(code).replace('_', '-')}-" for code in wanted)
    return lambda article: f"{(article.language or '').casefold()}-".startswith(prefixes)


def _patterns(wanted: Iterable[str], of: Callable[[Article], Iterable[str]]) -> Callable[[Article], bool]:
    compiled = [_compiled(pattern) for pattern in wanted]
    return lambda article: any(pattern.search(text) for text in of(article) for pattern in compiled)


def _keywords(wanted: Iterable[str]) -> Callable[[Article], bool]:
    compiled = [_compiled(_whole(_nfkc(word))) for word in wanted]
    return lambda article: any(
        pattern.search(text)
        for text in (_nfkc(article.title), _nfkc(article.summary))
        for pattern in compiled
    )


def _whole(word: str) -> str:
    """A pattern for the word as it stands; a Latin word is not found within another, "AI" not in "said"."""
    edges = (word[:1], word[-1:])
    before, after = (r"\b" if edge.isascii() and (edge.isalnum() or edge == "_") else "" for edge in edges)
    return f"{before}{re2.escape(word)}{after}"


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _compiled(pattern: str) -> Any:
    """The pattern, which the configuration has already proved to be one of RE2."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = MEMORY
    return re2.compile(pattern, options)


#: The keys that take names or patterns, and what of an article each looks at.
_FIELDS: dict[str, Callable[[Iterable[str]], Callable[[Article], bool]]] = {
    "source": lambda wanted: _names(wanted, lambda article: (article.source,)),
    "breadcrumb": lambda wanted: _names(wanted, lambda article: article.breadcrumb),
    "language": _languages,
    "keyword": _keywords,
    "title": lambda wanted: _patterns(wanted, lambda article: (article.title,)),
    "author": lambda wanted: _patterns(wanted, lambda article: article.authors),
    "url": lambda wanted: _patterns(wanted, lambda article: (article.url,)),
    "text": lambda wanted: _patterns(wanted, lambda article: (article.title, article.summary, article.text)),
}
