"""A table for people at a terminal, or for programs behind a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from rich.console import Console

#: Cells that the last column has at least, however narrow the terminal: words would be cut to letters.
_PROSE = 24
_GAP = "  "


def for_people(headings: Sequence[str], rows: Sequence[Sequence[str]], console: Console) -> None:
    """As wide as the terminal; the last column, which is prose, is wrapped, so that nothing is lost."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings[:-1]:
        table.add_column(heading, no_wrap=True, overflow="ellipsis")
    table.add_column(headings[-1], overflow="fold", min_width=_PROSE)
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table)


def for_programs(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A line a row, whole, and nothing behind it."""
    table = [headings, *rows]
    widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]
    widths[-1] = 0
    return "\n".join(
        _GAP.join(
            set_cell_size(cell, max(width, cell_len(cell))) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in table
    )
