"""Pictures that are fetched for readers."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.config import Loaded
from aggregator.pipeline.picturecache import PictureCache
from aggregator.pipeline.pictureproxy import Elsewhere, PictureProxy
from aggregator.serve.images import Served

#: The folder of pictures that were fetched for readers.
PICTURE_CACHE = "picture-cache"
#: Pictures that are fetched at the same time.
PICTURES_AT_ONCE = 16


def picture_cache(loaded: Loaded) -> PictureCache:
    """Beside the published folder: what is fetched for readers is not published."""
    return PictureCache(loaded.output_dir.parent / PICTURE_CACHE, loaded.config.server.picture_cache)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxiedPictures:
    """Pictures that are fetched for readers (the ``Pictures`` of aggregator.serve)."""

    proxy: PictureProxy

    async def serve(self, signature: str, source: str, coded: str) -> Served | None:
        found = await self.proxy.picture(signature, source, coded)
        if found is None or isinstance(found, Elsewhere):
            return Served(elsewhere=found.address) if found else None
        return Served(body=found.body, type=found.type.type)
