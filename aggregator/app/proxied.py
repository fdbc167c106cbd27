"""Pictures that are fetched for readers, as the server gives them."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.pipeline.pictureproxy import Elsewhere, PictureProxy
from aggregator.serve.images import Served


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxiedPictures:
    """Pictures that are fetched for readers (the ``Pictures`` of aggregator.serve)."""

    proxy: PictureProxy

    async def serve(self, signature: str, source: str, coded: str) -> Served | None:
        found = await self.proxy.picture(signature, source, coded)
        if found is None or isinstance(found, Elsewhere):
            return Served(elsewhere=found.address) if found else None
        return Served(body=found.body, type=found.type.type)
