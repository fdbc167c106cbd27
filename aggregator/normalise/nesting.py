"""Markup that a parser would take long over, put in order before it comes to one.

What HTML says of badly nested tags makes work without measure: styles that are never closed are opened anew in each
paragraph (6 kB become 3 MB), and of what stands in a table outside of its cells each piece is put before it. Here tags
are told apart as a browser does, and written anew so that each closes what it should: nothing is hidden from the bounds
in a comment or an attribute. Only what is rendered is written; the parser behind it has the last word.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from aggregator.text.markup_rules import TAGS
from aggregator.text.portions import in_portions

#: Elements within each other: html5ever takes time by the square of that; browsers stop at 512.
MAX_DEPTH = 256
#: Pieces in tables, yet in no cell, that find their place before the table. Those behind them are taken for a cell.
MOST_MISPLACED = 200
#: What writing styles anew may cost, in characters: so many, and as many times the length of the whole.
STYLE_COST, STYLE_FACTOR = 2_000_000, 4
#: Styles in each other that honest text has; each beyond counts for so many characters more.
USUAL_STYLES, UNUSUAL_COST = 3, 200
MOST_STYLES, MOST_ALIKE = 64, 3
MOST_ATTRIBUTES = 50
#: Signs of one attribute that have to be escaped.
MOST_ESCAPED = 2_000


#: So many tags, and characters, cost little whatever they are. Of more tags as many again do if few of them nest.
FEW_TAGS, SOME_TAGS, FEW_NESTED, SHORT = 256, 1_000, 64, 1 << 16


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Elements whose content is no markup.
_RAW = _names("iframe noembed noframes script style textarea title xmp")
#: Those that go with their content, if they have an end.
_ENCLOSED = _names("applet button object option select svg template")
_VOID = _names("br col hr img source wbr")
#: Elements that outlast the block which they were opened in.
_STYLES = _names("a b code em i s small strike strong tt u")
_CELLS = _names("caption td th")
_PARTS = _CELLS | _names("col colgroup tbody tfoot thead tr")
_HEADINGS = _names("h1 h2 h3 h4 h5 h6")
#: Blocks, which end the paragraph before them.
_BLOCKS = _HEADINGS | _names(
    "address article aside blockquote center dd details div dl dt figcaption figure footer header hr li nav ol p pre "
    "section summary table ul"
)
#: Elements that end their like before them, and those that this is not seen through.
_ENDS = {name: _names(ended) for name, ended in {"li": "li", "dd": "dd dt", "dt": "dd dt"}.items()}
_BETWEEN = _BLOCKS - _names("address div p")

_REST = r"""(?:[^>"'=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|)|["'])*+"""
#: A text, and the tag behind it, or what no browser shows, or a sign of its own.
_PIECE = re.compile(
    rf"""([^<]*+)(?:<(/?)([a-zA-Z][^\s/>]*+)({_REST})(?:(>)|\Z)"""
    r"""|<!--(?:-?>|.*?(?:--!?>|\Z))|<(?:[!?]|/[^a-zA-Z])[^>]*+(?:>|\Z)|(<)|\Z)""",
    re.DOTALL,
)
#: A tag that may stand in its like without another between them, and that is shown.
_NESTING = re.compile(r"<(?!(?:a|br|hr|img|li|p|span|t[dhr])[\s/>])[a-zA-Z]")
_REGULAR = re.compile(r'(?: [a-z][a-z-]*="[^"<>]*")*')
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]+))?""")


def bounded(fragment: str) -> str:
    """The fragment, in order if it could be that a parser takes long over it."""
    tags = fragment.count("<")
    if len(fragment) <= SHORT and (tags <= FEW_TAGS or (tags <= SOME_TAGS and not _nests(fragment))):
        return fragment
    return in_order(fragment)


def _nests(fragment: str) -> bool:
    return len(_NESTING.findall(fragment)) > FEW_NESTED


def in_order(fragment: str) -> str:
    """The same to look at, where its tags nest as they should; else as near to it as the bounds allow."""
    return _Order(fragment).written()


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    tag: str
    cost: int  #: of writing it anew


class _Scope:
    """What is open in a cell, or in the whole; or in a table outside of its cells."""

    def __init__(self, cell: str = "", *, is_table: bool = False) -> None:
        self.cell = cell
        self.is_table = is_table
        self.opened: list[str] = []
        self.number: Counter[str] = Counter()  #: of each that is open
        self.styles: list[_Style] = []
        self.cost = 0  #: of all of them


class _Order:
    def __init__(self, fragment: str) -> None:
        self._fragment = fragment
        self._out: list[str] = []
        self._scope = _Scope()  #: the innermost
        self._around: list[_Scope] = []
        self._depth = 0
        self._misplaced = 0
        self._purse = STYLE_COST + STYLE_FACTOR * len(fragment)
        self._endless: set[str] = set()  #: elements that have no end in the rest

    def written(self) -> str:
        fragment, at = self._fragment, 0
        while at < len(fragment):
            found = _PIECE.match(fragment, at)
            assert found is not None  # whatever comes
            text, slash, name, rest, whole, sign = found.groups()
            at = found.end()
            if text:
                self._text(text)
            if whole:  # of a tag that is torn at the end nothing is shown
                name = name.lower()
                if slash:
                    self._end(name)
                elif name in TAGS:
                    self._start(name, rest)
                elif name in _RAW or name in _ENCLOSED:
                    at = self._behind(name, at)
            elif sign:
                self._text("&lt;")
        return "".join(self._out)

    def _behind(self, name: str, at: int) -> int:
        """Where an element ends that is left out with its content."""
        if name not in self._endless:
            if end := re.compile(rf"</{name}(?=[\s/>])[^>]*+(?:>|\Z)", re.IGNORECASE).search(
                self._fragment, at
            ):
                return end.end()
            self._endless.add(name)
        return len(self._fragment) if name in _RAW else at

    def _text(self, text: str) -> None:
        if self._scope.is_table and not text.isspace():
            self._place()
        self._out.append(in_portions(text))

    # -- opening

    def _start(self, name: str, rest: str) -> None:
        if name in _PARTS:
            self._part(name, rest)
            return
        if name == "table" and self._scope.is_table:
            self._close_table()
        if name in _STYLES:
            self._style(name, rest)
            return
        if name in _BLOCKS:
            self._end_before(name)
        if self._scope.is_table:
            self._place()
        if name in _VOID:
            self._out.append(_tag(name, rest))
        elif self._depth < MAX_DEPTH:
            self._out.append(_tag(name, rest))
            self._depth += 1
            if name == "table":
                self._enter(_Scope(is_table=True))
            else:
                self._scope.opened.append(name)
                self._scope.number[name] += 1
        self._pay()

    def _end_before(self, name: str) -> None:
        """End what the block ends."""
        scope = self._scope
        for other in reversed(scope.opened) if name in _ENDS else ():
            if other in _ENDS[name]:
                self._close(other)
                break
            if other in _BETWEEN:
                break
        if scope.number["p"]:
            self._close("p")
        if name in _HEADINGS and scope.opened and scope.opened[-1] in _HEADINGS:
            self._close(scope.opened[-1])

    def _style(self, name: str, rest: str) -> None:
        scope = self._scope
        tag = _tag(name, rest)
        if name == "a":
            self._end_style("a")
        elif self._purse <= 0 or len(scope.styles) >= MOST_STYLES or _is_idle(tag, scope.styles):
            return
        if scope.is_table or self._depth >= MAX_DEPTH:
            return
        self._out.append(tag)
        cost = len(tag) + (UNUSUAL_COST if len(scope.styles) >= USUAL_STYLES else 0)
        scope.styles.append(_Style(name, tag, cost))
        scope.cost += cost
        self._depth += 1

    def _part(self, name: str, rest: str) -> None:
        """Of a table; without one there is none."""
        if not self._back_to_table():
            return
        self._out.append(_tag(name, rest))
        if name in _CELLS:
            self._enter(_Scope(name))

    def _place(self) -> None:
        """Something is shown here: in a table that ought to be in a cell."""
        scope = self._scope
        if scope.is_table and not scope.opened:
            self._misplaced += 1
            if self._misplaced > MOST_MISPLACED:
                self._part("td", "")

    # -- closing

    def _end(self, name: str) -> None:
        scope = self._scope
        if name in _STYLES:
            self._end_style(name)
        elif name == "table":
            if self._back_to_table():
                self._close_table()
        elif name in _CELLS:
            if scope.cell == name:
                self._back_to_table()
        elif name in _PARTS:
            if self._back_to_table():
                self._out.append(f"</{name}>")
        elif name in _HEADINGS:
            if heading := next((one for one in reversed(scope.opened) if one in _HEADINGS), None):
                self._close(heading)
        elif scope.number[name]:
            self._close(name)
        elif name == "br":
            self._start("br", "")
        elif name == "p":
            self._place()
            self._out.append("<p></p>")  # as a browser does
        self._pay()

    def _end_style(self, name: str) -> None:
        styles = self._scope.styles
        for place in range(len(styles) - 1, -1, -1):
            if styles[place].name == name:
                self._out.append(f"</{name}>")
                self._scope.cost -= styles.pop(place).cost
                self._depth -= 1
                return

    def _close(self, name: str) -> None:
        """It, and what was opened in it."""
        scope = self._scope
        while True:
            top = scope.opened.pop()
            scope.number[top] -= 1
            self._depth -= 1
            self._out.append(f"</{top}>")
            if top == name:
                return

    def _back_to_table(self) -> bool:
        """End the cell, and what was begun between cells; False where there is no table."""
        scope = self._scope
        if not scope.is_table:
            if not scope.cell:
                return False
            self._leave(scope)
            self._out.append(f"</{scope.cell}>")
            self._scope = self._around.pop()
        self._leave(self._scope)
        return True

    def _close_table(self) -> None:
        self._leave(self._scope)
        self._scope = self._around.pop()
        self._out.append("</table>")
        self._depth -= 1

    def _enter(self, scope: _Scope) -> None:
        self._around.append(self._scope)
        self._scope = scope

    def _leave(self, scope: _Scope) -> None:
        self._depth -= len(scope.opened) + len(scope.styles)
        self._out += [f"</{name}>" for name in reversed(scope.opened)]
        scope.opened.clear()
        scope.number.clear()
        scope.styles.clear()
        scope.cost = 0

    # -- cost

    def _pay(self) -> None:
        """For the styles that are opened anew behind a tag; who cannot pay loses them."""
        scope = self._around[-1] if self._scope.is_table else self._scope
        if not scope.cost:
            return
        self._purse -= scope.cost
        if self._purse <= 0 and scope.styles and scope is self._scope:
            self._out += [f"</{style.name}>" for style in reversed(scope.styles)]
            self._depth -= len(scope.styles)
            scope.styles.clear()
            scope.cost = 0


def _is_idle(tag: str, styles: list[_Style]) -> bool:
    """Whether the style would be one in its like; browsers open three of a kind anew at most."""
    return len(styles) >= MOST_ALIKE and sum(style.tag == tag for style in styles) >= MOST_ALIKE


def _tag(name: str, rest: str) -> str:
    if not rest or (len(rest) < MOST_ESCAPED and _REGULAR.fullmatch(rest)):
        return f"<{name}{rest}>"
    found: dict[str, str] = {}
    for attribute, value in _ATTRIBUTE.findall(rest):
        found.setdefault(attribute.lower(), value[1:-1] if value[:1] in ("'", '"') else value)
        if len(found) == MOST_ATTRIBUTES:
            break
    written = (f' {attribute}="{_quoted(value)}"' for attribute, value in found.items())
    return f"<{name}{''.join(written)}>"


def _quoted(value: str) -> str:
    if value.count("&") + value.count("\u00a0") > MOST_ESCAPED:
        return ""
    return value.replace('"', "&quot;")
