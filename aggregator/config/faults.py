"""What is wrong with a configuration, and where: faults with file, line and column, all in one error."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to put right. ``str()`` is the line that an editor or a terminal turns into a link."""

    file: str
    line: int  #: from 1; 0 when the file as a whole is meant
    column: int  #: from 1, in characters; 0 when the line as a whole is meant
    message: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        # A control character out of a file would steer the terminal or forge a line of the log.
        return "".join(
            char if char.isprintable() else repr(char)[1:-1] for char in f"{place}: {self.message}"
        )


class ConfigError(Exception):
    """The configuration cannot be used. ``faults`` holds every fault found, in the order of the files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def unique(faults: Iterable[Fault], first: str) -> tuple[Fault, ...]:
    """Each fault once (one in ``defaults`` is met again in every source), file by file from ``first`` on."""
    found = list(dict.fromkeys(faults))
    files = list(dict.fromkeys([first, *(fault.file for fault in found)]))
    return tuple(sorted(found, key=lambda fault: (files.index(fault.file), fault.line, fault.column)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None."""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` (did you mean 'interval'?)``, or nothing when no known word is near."""
    guess = nearest(word, known)
    return f" (did you mean {guess!r}?)" if guess else ""
