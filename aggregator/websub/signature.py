"""Whether a pushed document is from the hub that knows our secret (WebSub §7)."""

from __future__ import annotations

import hmac
import re

METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})
_SIGNATURE = re.compile(r"\s*([A-Za-z0-9]+)=([0-9A-Fa-f]+)\s*")


def is_signed(secret: str, header: str | None, body: bytes) -> bool:
    """Whether X-Hub-Signature is that of the raw body under the secret; compared in constant time.

    Without a header, and with a method that the recommendation does not name, it is not.
    """
    found = _SIGNATURE.fullmatch(header or "")
    if found is None or found[1].lower() not in METHODS:
        return False
    right = hmac.new(secret.encode(), body, found[1].lower()).hexdigest()
    return hmac.compare_digest(right, found[2].lower())
