"""What is said of a feed in the Link header field: its hub, and its own address (WebSub §4 prefers it there)."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

#: What stands in an address as it is; anything else is escaped, so that the field stays one line of ASCII.
_PLAIN = ":/?#[]@!$&'()*+,;=%~"


@lru_cache(maxsize=4096)
def hub_links(base_url: str, hub: str, name: str) -> bytes:
    """The field for the feed of this name; empty where no hub is told of it."""
    if not hub:
        return b""
    own = f"{base_url.rstrip('/')}/{name}"
    return f'<{quote(hub, safe=_PLAIN)}>; rel="hub", <{quote(own, safe=_PLAIN)}>; rel="self"'.encode("ascii")


def hub_address(setting: str, base_url: str) -> str:
    """The hub that ``output.websub.hub`` names; empty for none."""
    return {"off": "", "self": f"{base_url.rstrip('/')}/hub"}.get(setting, setting)
