"""Pictures that are fetched for readers."""

from __future__ import annotations

from aggregator.config import Loaded
from aggregator.pipeline.picturecache import PictureCache

#: The folder of pictures that were fetched for readers.
PICTURE_CACHE = "picture-cache"
#: Pictures that are fetched at the same time.
PICTURES_AT_ONCE = 16


def picture_cache(loaded: Loaded) -> PictureCache:
    """Beside the published folder: what is fetched for readers is not published."""
    return PictureCache(loaded.output_dir.parent / PICTURE_CACHE, loaded.config.server.picture_cache)
