"""Patterns (RE2) and selectors (CSS, XPath) of a configuration: those that do not compile are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

import re2
from cssselect import HTMLTranslator, SelectorError
from lxml import etree

#: RE2's words → ours. RE2 takes time linear in the text, at the price of look-around and back-references.
_RE2_WORDS = (
    (
        r"\(\?<?[=!]|\(\?<?$",
        "look-ahead and look-behind are not supported; use 'keep' and 'block' together instead",
    ),
    (r"invalid escape sequence: \\[1-9]", "back-references are not supported"),
    (r"repetition size", "a repetition may be 1000 at most"),
)


def check_pattern(pattern: str) -> str:
    """The pattern itself. Raises ValueError when RE2 cannot compile it."""
    options = re2.Options()
    options.log_errors = False  # RE2 would write to standard error itself
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(f"pattern {pattern!r} does not compile: {_in_words(error)}") from error
    return pattern


def _in_words(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    said = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return next((words for sign, words in _RE2_WORDS if re.search(sign, said)), said)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledSelector:
    """A selector made ready: where to look, and which attribute of what is found counts (None: its text)."""

    xpath: str
    attribute: str | None = None


def compile_selector(selector: str) -> CompiledSelector:
    """XPath when it begins with ``/``, ``./`` or ``(``, else CSS with an optional ``@attribute`` at its end.

    ``:-soup-contains()`` is another name of ``:contains()``. Raises ValueError when it does not compile.
    """
    text = selector.strip()
    if text.startswith(("/", "./", "(")):
        return CompiledSelector(xpath=_xpath(text))
    found = re.fullmatch(r"(?P<css>.*?)@(?P<name>[A-Za-z_][\w:.-]*)", text, re.DOTALL)
    css, attribute = (found["css"].strip(), found["name"]) if found else (text, None)
    return CompiledSelector(xpath=_css(css or "*" if found else css), attribute=attribute)


def check_selector(selector: str) -> str:
    """The selector itself. Raises ValueError when it does not compile."""
    compile_selector(selector)
    return selector


def check_element(selector: str) -> str:
    """The selector itself. Raises ValueError when it does not compile, or takes an attribute."""
    name = compile_selector(selector).attribute
    if name:
        raise ValueError(
            f"selector {selector!r} takes the attribute {name}, but an element is wanted; leave out '@{name}'"
        )
    return selector


def _xpath(text: str) -> str:
    try:
        etree.XPath(text)
    except etree.XPathError as error:
        raise ValueError(f"XPath {text!r} does not compile: {error}") from error
    return text


def _css(text: str) -> str:
    try:
        return HTMLTranslator().css_to_xpath(text.replace(":-soup-contains(", ":contains("))
    except SelectorError as error:
        raise ValueError(f"CSS selector {text!r} does not compile: {error}") from error
