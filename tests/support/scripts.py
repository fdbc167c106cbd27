"""Scripts on pages: which of them are ours."""

from __future__ import annotations

import re
from typing import Any

from aggregator.publish.looks import our_scripts

_ADDRESS = re.compile(r"(\.\./)*assets/(choices|fresh)\.js\?[0-9a-f]{8}")


def strange_scripts(page: Any) -> list[Any]:
    """All in a parsed page but our two by their addresses, in the head, and the one that the server writes out."""
    return [script for script in page.iter("script") if not _is_ours(script)]


def _is_ours(script: Any) -> bool:
    if script.getparent().tag != "head":
        return False
    if script.get("src") is None:
        return bool((script.text or "").encode() == our_scripts()["choices.js"])
    return not script.text and _ADDRESS.fullmatch(script.get("src")) is not None
