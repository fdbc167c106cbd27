"""Heads with nothing out of the ordinary: that of a request, and that of the 304 which answers most of them.

They take a tenth of what they take through h11. Whatever is not plain beyond doubt is left to h11, which reads it as
strictly as ever: nothing is taken here that h11 would refuse, or read otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

RawHeaders = list[tuple[bytes, bytes]]

#: Bytes; what is longer is not plain.
_LONGEST = 8192
_NAME = rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+"  # RFC 9110 §5.6.2
_FIELDS = rb"((?:" + _NAME + rb":[\t -~\x80-\xff]*\r\n)*)\r\n"
_REQUEST = re.compile(rb"[A-Z]+ [!-~]+ HTTP/1\.1\r\n" + _FIELDS)
_NOT_MODIFIED = re.compile(rb"HTTP/1\.1 304(?: [\t -~]*)?\r\n" + _FIELDS)
#: By these it may be that the answer, or the connection, does not end as it seems to.
_FRAMING = frozenset((b"connection", b"content-length", b"transfer-encoding"))
_KEPT = (b"connection", b"keep-alive")


def request_head(method: str, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The head as it goes over the wire. Raises ValueError where it would be read as anything else."""
    lines = [b"%b %b HTTP/1.1\r\n" % (method.encode("ascii"), target)]
    lines += [b"%b: %b\r\n" % field for field in headers]
    head = b"".join((*lines, b"\r\n"))
    if not _REQUEST.fullmatch(head) or head.count(b"\r\n") != len(lines) + 1:
        raise ValueError(f"no proper request: {head[:200]!r}")
    return head


def not_modified(received: bytes) -> RawHeaders | None:
    """The fields of a 304 after which the connection can be used again; None unless it is just that, and whole.

    The names are in lower case, as h11 gives them.
    """
    found = _NOT_MODIFIED.fullmatch(received) if len(received) <= _LONGEST else None
    if found is None:
        return None
    lines = (line.partition(b":") for line in found[1].split(b"\r\n")[:-1])
    fields = [(name.lower(), value.strip(b"\t ")) for name, _, value in lines]
    if any(name in _FRAMING and (name, value.lower()) != _KEPT for name, value in fields):
        return None
    return fields
