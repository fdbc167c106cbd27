"""Selectors of feeds.yaml: CSS with ``@attribute``, XPath, and a pattern on what they find."""

from __future__ import annotations

import re
from functools import lru_cache

import re2
from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector

from aggregator.config.model import Selector
from aggregator.extract.tree import Element, Page, squeeze, text_in

_XPATH = ("/", "./", "(")
_ATTRIBUTE = re.compile(r"^(?P<css>.*?)\s*@(?P<name>[\w:-]+)\s*$", re.DOTALL)


class BadSelector(ValueError):
    """A selector that cannot be understood; says which and why."""


@lru_cache(maxsize=512)
def _compiled(select: str) -> tuple[etree.XPath, str | None]:
    attribute = None
    try:
        if select.strip().startswith(_XPATH):
            return etree.XPath(select.strip()), None
        match = _ATTRIBUTE.match(select)
        if match:
            select, attribute = match["css"] or "*", match["name"]
        return CSSSelector(select.replace(":-soup-contains(", ":contains("), translator="html"), attribute
    except (etree.XPathError, SelectorError, ValueError) as error:
        raise BadSelector(f"{select!r} is no CSS selector or XPath: {error}") from error


def elements(select: str, within: Element) -> list[Element]:
    """The elements a selector finds, in document order; an attribute at its end is left aside."""
    return [found for found in _evaluate(select, within) if not isinstance(found, str)]


def values(selector: Selector, within: Element) -> list[str]:
    """The texts, or attributes, that a selector finds; of those with a pattern only what it finds in them."""
    _, attribute = _compiled(selector.select)
    texts = [_value(found, attribute) for found in _evaluate(selector.select, within)]
    if selector.regex:
        texts = [_found(selector.regex, text) for text in texts]
    return [text for text in texts if text]


def first(selector: Selector, page: Page) -> str:
    return next(iter(values(selector, page.root)), "")


def _evaluate(select: str, within: Element) -> list[Element | str]:
    path, _ = _compiled(select)
    try:
        found = path(within)
    except etree.XPathError as error:
        raise BadSelector(f"{select!r} fails: {error}") from error
    if isinstance(found, list):
        return [each if isinstance(each, Element) else str(each) for each in found]
    return [str(found)]


def _value(found: Element | str, attribute: str | None) -> str:
    if isinstance(found, str):
        return squeeze(found)
    return squeeze(found.get(attribute) or "") if attribute else text_in(found)


def _found(pattern: str, text: str) -> str:
    try:
        match = re2.search(pattern, text)
    except re2.error as error:
        raise BadSelector(f"{pattern!r} is no pattern: {error}") from error
    if not match:
        return ""
    return squeeze((match.group(1) if match.re.groups else match.group(0)) or "")


def matches(pattern: str, text: str) -> bool:
    """Whether an RE2 pattern is found anywhere in a text."""
    try:
        return re2.search(pattern, text) is not None
    except re2.error as error:
        raise BadSelector(f"{pattern!r} is no pattern: {error}") from error
