"""YAML's syntax errors in plain words: what PyYAML and libyaml say, and what a person should do."""

from __future__ import annotations

import re

import yaml

from aggregator.config.faults import Fault

#: (what the parser says, what the character at the place is, what we say). The first row that fits is taken;
#: {char} is the character at the place, {opened} the line where what is unfinished began.
_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        r"cannot start any token|tab character",
        "\t",
        "a tab: YAML is indented with spaces only; replace the tab by spaces",
    ),
    (r"cannot start any token", ".", "a text that begins with {char} must be put in quotes"),
    (
        r"scanning an alias|scanning an anchor",
        ".",
        "a text that begins with '*' or '&' must be put in quotes",
    ),
    (r"unknown escape", ".", "a backslash inside double quotes; put patterns in single quotes: '\\d+'"),
    (r"quoted scalar.*(end of stream|document)", ".?", "the quote opened in line {opened} is never closed"),
    (
        r"mapping values are not allowed",
        ".",
        "a ': ' where no key can stand; put a text that contains ': ' in quotes, "
        "and check that the line above ends its key with ': '",
    ),
    (r"could not find expected ':'", ".?", "the line from {opened} on is no 'key: value'; a ': ' is missing"),
    (
        r"expected ',' or '\]'",
        ".?",
        "the list opened with [ in line {opened} goes wrong here; a comma, a quote or the ] is missing",
    ),
    (
        r"expected ',' or '}'",
        ".?",
        "the map opened with {{ in line {opened} goes wrong here; a comma, a quote or the }} is missing",
    ),
    (
        r"block scalar",
        ".?",
        "after '|' or '>' the text begins in the next line; put a text that begins with them in quotes",
    ),
    (r"block mapping|expected key", "-", "a '-' where a key is expected; indent lists under their key"),
    (
        r"block (mapping|collection)|'-' indicator|expected key",
        ".?",
        "the indentation fits neither the lines above nor those of the block that began in line {opened}",
    ),
    (r"expected (the )?node content", "", "the file ends within a list or map; its ] or }} is missing"),
    (
        r"expected (the )?node content",
        ".?",
        "a value is expected here; put texts that begin with {char} in quotes",
    ),
    (r"(control|special) characters", ".", "a control character; remove it"),
    # libyaml since 0.2.6 gives up by itself, before the depth that we allow can be counted.
    (r"nesting depth", ".?", "nested more than any configuration is; a ] or }} is missing"),
    (r"directive", ".?", "a line that begins with % at the very left; indent it or put it in quotes"),
)
_IN_BRACES = "; inside {{ }} or [ ] put ${{NAME}} in quotes"


def explain(error: yaml.YAMLError, text: str, file: str) -> Fault:
    """The fault that a parser's exception stands for."""
    said, line, column, index, opened = _reading(error, text)
    char = text[index : index + 1]
    message = _sentence(said, char).format(char=f"'{char}'" if char.strip() else "it", opened=opened)
    return Fault(file, line, column, message + _hints(text, line, said))


def _reading(error: yaml.YAMLError, text: str) -> tuple[str, int, int, int, int]:
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        line = before.count("\n") + 1
        return error.reason, line, error.position - (before.rfind("\n") + 1) + 1, error.position, line
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return str(error), 0, 0, 0, 0
    said = f"{error.context or ''} {error.problem or ''}"
    mark = error.problem_mark
    opened = error.context_mark.line if error.context_mark else mark.line
    return said, mark.line + 1, mark.column + 1, mark.index, opened + 1


def _sentence(said: str, char: str) -> str:
    for pattern, place, words in _WORDS:
        if re.search(pattern, said) and re.fullmatch(place, char, re.DOTALL):
            return words
    return "this is no YAML: " + said.strip().replace("{", "{{").replace("}", "}}")


def _hints(text: str, line: int, said: str) -> str:
    lines = text.split("\n")
    here, above = (lines[at] if 0 <= at < len(lines) else "" for at in (line - 1, line - 2))
    if "mapping values" in said and any("：" in part and ":" not in part for part in (here, above)):
        return "; the full-width '：' is no colon to YAML, write ': '"
    if "${" in here and "expected ','" in said:
        return _IN_BRACES.format()
    return ""
