"""Heads of answers that h11 refuses for a line that is no field, as browsers and curl read them: without that line.

What might tell where the body ends is never passed over: written oddly it stays a fault. Whatever was passed over, the
connection ends with the answer, so that nothing of it can be taken for the next one.
"""

from __future__ import annotations

import re

_END = re.compile(rb"\n\r?\n")
#: curl takes HTTP/2 for a slip of the pen too; "ICY 200" it refuses, as it does "HTTP/3".
_VERSION = re.compile(rb"HTTP/(?:1\.[01]|2(?:\.0)?)(?= [0-9]{3}(?: |$))")
_ENDING = b"HTTP/1.0"  #: after which the connection ends
_INTERIM = re.compile(rb"HTTP/\S+ 1")
_FIELD = re.compile(rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+:[^\0\r\n\v\f]*")  # as h11 has it
_FRAMING = re.compile(rb"contentlength|transferencoding|connection|chunked")


def mended(received: bytes) -> bytes | None:
    """What came up to now, with its head in order; None unless it is whole and may be mended."""
    heads: list[bytes] = []
    begin = 0
    while True:
        end = _END.search(received, begin)
        lines = received[begin : end.start()].split(b"\n") if end else []
        kept = _kept([line.removesuffix(b"\r") for line in lines])
        if end is None or kept is None:
            return None
        heads.append(b"\r\n".join(kept) + b"\r\n\r\n")
        begin = end.end()
        if not _INTERIM.match(kept[0]):  # the final one
            return b"".join(heads) + received[begin:]


def _kept(lines: list[bytes]) -> list[bytes] | None:
    if not lines or not _VERSION.match(lines[0]):
        return None
    kept = [_VERSION.sub(_ENDING, lines[0], count=1)]
    dropping = False
    for line in lines[1:]:
        if not line.startswith((b" ", b"\t")):  # else it goes on with the line before
            dropping = _FIELD.fullmatch(line) is None
        if not dropping:
            kept.append(line)
        elif _may_frame(line):
            return None
    return kept


def _may_frame(line: bytes) -> bool:
    """Whether some reader might see in it where the body, or the head, ends."""
    letters = re.sub(rb"[^a-z]", b"", line.lower())
    return b"\0" in line or b"\r" in line or _FRAMING.search(letters) is not None
