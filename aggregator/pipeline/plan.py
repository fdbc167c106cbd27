"""The configuration as the steps want it: worked out once at start or reload, immutable, swapped whole."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Literal, TypedDict, Unpack
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aggregator.config.model import Config, Source, SourceDefaults
from aggregator.curate import Router
from aggregator.fetch import HostManners, Request
from aggregator.normalise import SourceContext
from aggregator.schedule import Policy, brought_forward, first_polls, request_validators, validators_url
from storage.model import SourceRecord, SourceSeed, Validators

FetchKind = Literal["feed", "page", "picture"]
#: Under this key a record remembers in which manner its document was to be read when robots.txt was against it.
REFUSED = "refused"
#: Keys of a source by which its documents are read and its articles admitted.
_READING_KEYS = {
    *(
        "type",
        "encoding",
        "language",
        "entry_id",
        "page",
        "article",
        "block",
        "keep",
        "images",
        "max_length",
        "future_dates",
        "robots",
    ),
}


class Conditional(TypedDict, total=False):
    """What makes a request conditional; the fields of ``Request``."""

    validators: Validators
    validators_url: str
    a_im: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to poll and how, and where it goes."""

    config: Config
    program: str  #: name and version
    router: Router
    sources: Mapping[str, Source]  #: by id
    root: Path  #: where relative paths of the configuration begin
    pace: float | None = None  #: of the adaptive sources, by their budget; None: not reckoned yet
    #: Once worked out.
    _manners: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, config: Config, program: str, root: Path) -> Plan:
        return cls(
            config=config,
            root=root,
            program=program,
            router=Router(config.sections, config.sources),
            sources={source.id: source for source in config.sources},
        )

    def seeds(self, known: Collection[SourceRecord] = (), now: datetime | None = None) -> list[SourceSeed]:
        """The sources as the store is told of them; ``known`` are its records of them.

        What robots.txt kept from being read is tried at once where it is to be read in another manner now, and what
        waits longer than its interval as it is ``now`` waits no longer.
        """
        refused = {record.id: record.memory[REFUSED] for record in known if REFUSED in record.memory}
        sooner = {} if now is None else self._brought_forward(known, now)
        return [
            SourceSeed(
                id=source.id,
                url=source.url,
                kind=source.type,
                paused=not source.enabled,
                due=source.id in refused and refused[source.id] != self.manner(source),
                no_later=sooner.get(source.id),
            )
            for source in self.config.sources
        ]

    def _brought_forward(
        self, known: Iterable[SourceRecord], now: datetime
    ) -> dict[str, tuple[datetime, str]]:
        drawn = random.Random()
        found = {
            record.id: brought_forward(record, self.policy(self.sources[record.id]), now, drawn)
            for record in known
            if record.id in self.sources and REFUSED not in record.memory
        }
        return {source_id: next_poll for source_id, next_poll in found.items() if next_poll is not None}

    def seeds_beside(self, known: Collection[SourceRecord], now: datetime) -> list[SourceSeed]:
        """The same for a daemon, which has time: if many are new, their first polls are spread."""
        seeds, there = self.seeds(known, now), {record.id for record in known}
        new = [seed.id for seed in seeds if seed.id not in there]
        waits = dict(
            zip(new, first_polls([self.policy(self.sources[source_id]) for source_id in new]), strict=True)
        )
        return [replace(seed, wait=waits.get(seed.id, timedelta())) for seed in seeds]

    def zone(self, source: Source) -> ZoneInfo:
        return ZoneInfo(source.timezone or self.config.site.timezone)

    def source_name(self, source_id: str, record_title: str = "") -> str:
        """What people call the source: as configured, else as its document does, else its id."""
        source = self.sources.get(source_id)
        return (source.name if source else None) or record_title or source_id

    def context(self, source: Source, record: SourceRecord) -> SourceContext:
        return SourceContext(
            id=source.id,
            url=record.url,
            name=self.source_name(source.id, record.title),
            zone=self.zone(source),
            language=source.language,
            label=source.section if isinstance(source.section, str) else None,
            future_dates=source.future_dates,
            lazy_images=source.images.lazy == "resolve",
            no_referrer=source.images.hotlink == "no-referrer",
            max_length=source.max_length,
        )

    def policy(self, source: Source) -> Policy:
        interval = source.interval
        if source.freshness is not None:
            interval = interval.model_copy(update={"adaptive": True})
        return Policy(
            interval=interval,
            ignore_cache_hints=source.ignore_cache_hints,
            jitter=interval.jitter,
            pace=self.pace,
            freshness=source.freshness,
        )

    def manner(self, source: Source) -> str:
        """Another string whenever the same document would be read into other articles."""
        if source.id not in self._manners:
            keys = source.model_dump_json(include=_READING_KEYS)
            digest = blake2b(f"{self.zone(source)}\n{keys}".encode(), digest_size=8)
            self._manners[source.id] = digest.hexdigest()
        return self._manners[source.id]

    def lease(self, source: Source) -> timedelta:
        """Long enough for a listing and its article pages; it is renewed while a poll goes on."""
        return max(timedelta(minutes=1), 3 * source.timeout)

    @property
    def user_agent(self) -> str:
        """What we call ourselves: with the address of the paper, where there is one to show."""
        return self._called()

    def _called(self, source_id: str = "") -> str:
        about = self.config.site.base_url
        parts = [f"+{about}" if about else "", f"feed-id:{quote(source_id)}" if source_id else ""]
        comment = "; ".join(filter(None, parts))
        return f"{self.program} ({comment})" if comment else self.program

    def request(self, source: Source, record: SourceRecord) -> Request:
        """The conditional request of one poll. Of a feed its new entries will do (RFC 3229)."""
        kinds = (source.type, record.kind)
        return self.side_request(
            source,
            record.url,
            kind="page" if "page" in kinds else "feed",
            validators=request_validators(record),
            validators_url=validators_url(record),
            a_im="page" not in kinds and "sitemap" not in kinds,
        )

    def side_request(
        self, source: SourceDefaults, url: str, *, kind: FetchKind, **conditional: Unpack[Conditional]
    ) -> Request:
        """A request on the source's behalf: its document (conditional), or a page that it leads to."""
        source_id = source.id if isinstance(source, Source) else ""
        return Request(
            url=url,
            kind=kind,
            timeout=source.timeout,
            max_size=source.max_size,
            allow_private=source.allow_private,
            verify=source.verify,
            ca_file=self.root / source.ca_file.expanduser() if source.ca_file else None,
            user_agent=source.user_agent or self._called(source_id),
            on_behalf=source_id,
            per_host=HostManners(concurrency=source.per_host.concurrency, spacing=source.per_host.spacing),
            **conditional,
        )
