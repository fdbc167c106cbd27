"""Tables of the commands: for people as wide as their terminal, for programs a line a row."""

import io

import pytest
from rich.console import Console

from aggregator.cli.table import for_people, for_programs

HEADINGS = ("source", "state", "next poll", "why")
WHY = "retry-after 7200; HTTP 429 Too Many Requests; it was asked too often and is left alone for a while"
ROWS = [("wire", "failing", "in 2 h", WHY), ("潮汐报", "ok", "in 12 min", "interval 15m")]


def shown(width: int) -> list[str]:
    file = io.StringIO()
    for_people(HEADINGS, ROWS, Console(file=file, width=width))
    return file.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 120, 300])
def test_a_long_reason_is_wrapped_and_pushes_no_column_off_the_terminal(width: int) -> None:
    lines = shown(width)
    assert all(len(line) <= width for line in lines)
    for words in ("source", "wire", "failing", "in 2 h", "潮汐报", "in 12 min", "interval 15m"):
        assert any(words in line for line in lines), words
    at = lines[0].index("why")
    assert "".join(line[at:].strip() for line in lines[1:-1]).replace(" ", "") == WHY.replace(" ", "")


def test_a_program_gets_a_line_a_row_whole_in_columns_without_blanks_behind() -> None:
    first, wire, tide = for_programs(HEADINGS, ROWS).splitlines()
    assert wire.endswith(WHY)
    assert tide.endswith("interval 15m")
    # A CJK character takes two cells.
    assert first.index("why") == wire.index(WHY) == tide.index("interval") + 3
    assert all(line == line.rstrip() for line in (first, wire, tide))


def test_what_looks_like_markup_is_shown_as_it_is() -> None:
    file = io.StringIO()
    for_people(("source", "why"), [("[b]", "[red]x[/]")], Console(file=file, width=80))
    assert "[red]x[/]" in file.getvalue()
