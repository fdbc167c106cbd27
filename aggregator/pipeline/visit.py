"""One visit to a source: fetch its document, tell what came back, and read the items out of it.

A visit never raises for what a source does: a failure is an ``Outcome`` like any other. Only what is not to be asked
now is no visit: SiteHeld.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from aggregator.clock import Clock
from aggregator.config.model import Source
from aggregator.entry import Entry, FeedRead
from aggregator.fetch import Fetcher, FetchError, Request, Response, SiteHeld
from aggregator.item import ParsedFeed
from aggregator.jobs import entries_of, read_feed, relations_of
from aggregator.pipeline.answers import answered, body_hash, refusal
from aggregator.pipeline.articlepages import PageFault, PageReader
from aggregator.pipeline.harvest import YIELD, Harvest, judged, still
from aggregator.pipeline.known import SLICES, Known
from aggregator.pipeline.listing import HANDLED, PLACES, ListingRead, ListingReader
from aggregator.pipeline.offers import feed_offer, may_offer, page_offer
from aggregator.pipeline.plan import REFUSED, Plan
from aggregator.pipeline.readers import ReadingStopped
from aggregator.pipeline.repeats import cleared
from aggregator.pipeline.robots import Robots, RobotsRefusal
from aggregator.pipeline.staff import Staff
from aggregator.schedule import LENGTH, Outcome, validators_url
from aggregator.sources import MOST_ENTRIES, NotAFeed, NotASitemap, sniff
from aggregator.text.urls import looks_like_feed, looks_like_page
from storage.model import Article, SourceRecord, Validators

#: Under this key a record remembers in which manner its document was last read.
MANNER = "manner"
#: Under this key it remembers the address of what has turned out to be a page that is not to be read.
PAGE_AT = "page_at"
#: Of a sound document at least so many entries can be read.
READABLE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one visit brought, before anything is decided about it."""

    outcome: Outcome
    entries: tuple[Entry, ...] = ()  #: in the order of the document
    read_at: datetime | None = None  #: when they were seen
    format: str = ""  #: "rss", "atom", "json", "page" …; "" when nothing was read
    faults: tuple[str, ...] = ()  #: what was wrong and survived, for people
    #: What the source's record is to remember; a value of None is forgotten.
    memory: dict[str, Any] | None = None
    began: datetime | None = None
    pushed: bool = False  #: a hub brought it: it is no poll, and says nothing of what it does not hold
    put_off: tuple[datetime, str] | None = None  #: asking sooner is useless, and why
    own_site: bool = False  #: it lies inside ``allow_private``; looked up for a 503 only
    older: str | None = None  #: where the feed says that its older entries stand (RFC 5005)
    notes: dict[str, bytes] = field(default_factory=dict)  #: what is learnt beside the record, by name
    late: tuple[tuple[str, Article], ...] = ()  #: pages that came behind stored articles, by their uids
    left_out: int = 0  #: entries of the feed that were not read, being known
    known: Known = field(default_factory=Known)  #: the entries of the feed that were known before
    slices: tuple[bytes, ...] | None = None  #: digests of those that are known from now on; None: as before

    @property
    def whole(self) -> bool:
        """Whether the entries are, but for unreadable ones, all of the document.

        What older documents added does not make up for what was left out of it as known.
        """
        length = min(self.outcome.feed_length or 0, MOST_ENTRIES)
        complete = 0 < READABLE * length <= len(self.entries) and self.left_out <= (1 - READABLE) * length
        return complete and not self.outcome.partial


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one request: either a response or the reason why there is none."""

    request: Request
    began: datetime
    response: Response | None = None
    error: Exception | None = None  #: mostly a FetchError


class Visitor:
    """Visits sources. Holds no state of its own between visits."""

    def __init__(
        self,
        fetcher: Fetcher,
        robots: Robots,
        clock: Clock,
        known_urls: Callable[[str, list[str]], set[str]],
        note: Callable[[str, str], bytes | None],
        staff: Staff,
    ) -> None:
        self._note = note
        self._fetcher = fetcher
        self._robots = robots
        self._clock = clock
        self._staff = staff
        self.pages = PageReader(fetcher, robots, clock, staff)
        self._listings = ListingReader(self.pages, clock, known_urls, staff)

    def request(self, plan: Plan, source: Source, record: SourceRecord) -> Request:
        """What a visit begins with."""
        record = _to_read_anew(record, plan.manner(source))
        request = plan.request(source, record)
        permit = self._robots.permit_for(source, request, page=_promises_page(source, record))
        return request if permit is None else replace(request, permit=permit)

    async def ask(self, request: Request) -> Answer:
        """Fetch a source's document. Raises nothing."""
        began = self._clock()
        try:
            return Answer(request=request, began=began, response=await self._fetcher.fetch(request))
        except Exception as error:
            return Answer(request=request, began=began, error=error)

    async def visit(self, plan: Plan, source: Source, record: SourceRecord, *, answer: Answer) -> Visit:
        """Read the source's document as far as it is new, or as the rules for reading it are."""
        manner = plan.manner(source)
        visit = await self._visited(plan, source, _to_read_anew(record, manner), answer)
        refused = manner if visit.put_off is not None else None
        visit = replace(visit, began=answer.began, memory={**(visit.memory or {}), REFUSED: refused})
        if visit.outcome.kind != "taken" or visit.outcome.partial:  # a part was read: not yet the document
            return visit
        return replace(visit, memory={**(visit.memory or {}), MANNER: manner})

    async def read_pushed(
        self, plan: Plan, source: Source, record: SourceRecord, *, pushed: Response
    ) -> Visit:
        """Read a document that a hub brought. One that is no feed only says that something is new ("failed")."""
        kind = sniff(pushed.body, pushed.content_type)
        if kind not in ("feed", "json") or source.type in ("page", "sitemap"):
            return replace(_failed(pushed, f"pushed: {kind}"), pushed=True)
        visit = await self._read_feed(plan, source, record, pushed)
        if not (visit.entries or visit.left_out):
            visit = _failed(pushed, "pushed: a feed without entries")
        # What it leaves out stays known.
        slices = None if visit.slices is None else visit.known.joined(visit.slices)
        return replace(visit, pushed=True, memory=None, older=None, slices=slices)

    async def _visited(self, plan: Plan, source: Source, record: SourceRecord, answer: Answer) -> Visit:
        response, error = answer.response, answer.error
        if isinstance(error, FetchError) and not isinstance(error, SiteHeld):
            return _without_answer(error)
        if response is None:
            raise error or RuntimeError("an answer without a response must say why")
        if response.not_modified and not answer.request.validators:
            return _failed(response, "304 Not Modified, though nothing was asked conditionally")
        refused = refusal(response)
        if refused is not None:
            return Visit(
                outcome=refused, own_site=response.status == 503 and await self._is_own(source, response)
            )
        if response.not_modified or (record.body_hash and body_hash(response) == record.body_hash):
            return await self._unchanged(plan, source, record, response)
        return await self._read(plan, source, record, response)

    async def _is_own(self, source: Source, response: Response) -> bool:
        try:
            return await self._fetcher.is_own(response.url, source.allow_private)
        except FetchError:
            return False

    async def _unchanged(self, plan: Plan, source: Source, record: SourceRecord, response: Response) -> Visit:
        """The document is what it was. A listing may still owe article pages that did not come last time."""
        outcome = answered(response, "not_modified" if response.not_modified else "unchanged")
        if not self._listings.owes(record):
            return Visit(outcome=still(record, outcome))
        read = await self._listings.read_owed(plan, source, record)
        return await self._of_pages(plan, source, record, outcome, "page", read)

    async def _read(self, plan: Plan, source: Source, record: SourceRecord, response: Response) -> Visit:
        found = sniff(response.body, response.content_type)
        if found == "empty":
            return _failed(response, "an empty body: no feed, no page; it is tried again by itself")
        if source.type == "page" or (found == "page" and _may_be_page(source, record)):
            return await self._read_listing(plan, source, record, response)
        if source.type == "sitemap" or (found == "sitemap" and _may_be(source, record, "sitemap")):
            return await self._read_sitemap(plan, source, record, response)
        return await self._read_feed(plan, source, record, response)

    async def read_older(
        self, plan: Plan, source: Source, record: SourceRecord, url: str, now: datetime
    ) -> FeedRead:
        """An older document of a feed. Raises PageFault."""
        response = await self.pages.fetch(plan, source, url, kind="feed")
        try:
            return await self._parsed(plan, source, record, response, now)
        except NotAFeed as error:
            raise PageFault(str(error), final=True) from error
        except ReadingStopped as error:
            raise PageFault(str(error)) from error

    async def _parsed(
        self,
        plan: Plan,
        source: Source,
        record: SourceRecord,
        response: Response,
        now: datetime,
        known: Known | None = None,
    ) -> FeedRead:
        """The document, read, without the entries that are known. Raises NotAFeed and ReadingStopped."""
        return await self._staff.reading.run(
            read_feed,
            response.body,
            plan.context(source, record),
            now=now,
            url=response.url,
            content_type=response.content_type,
            zone=plan.zone(source),
            encoding=source.encoding,
            entry_id=source.entry_id,
            known=frozenset(known.digests if known else ()),
        )

    async def _known(self, plan: Plan, source: Source, record: SourceRecord) -> Known:
        """The entries that need not be read again: those that were read in the manner of now."""
        if record.memory.get(MANNER) != plan.manner(source):
            return Known()
        return Known.of(await self._staff.store.run(self._note, source.id, SLICES))

    async def _read_feed(self, plan: Plan, source: Source, record: SourceRecord, response: Response) -> Visit:
        now = self._clock()
        try:
            known = await self._known(plan, source, record)
            read = await self._parsed(plan, source, record, response, now, known)
        except (NotAFeed, ReadingStopped) as error:
            return _failed(response, str(error))
        feed = read.feed
        if feed.torn and not feed.length:
            return _failed(response, "the document breaks off before its first entry; it is asked for again")
        outcome = answered(
            response,
            "taken",
            hints=feed.hints,
            feed_length=None if response.partial else feed.length,
            title=feed.title,
            kind_found="json" if feed.format == "json" else "feed",
        )
        if feed.torn:
            # Its validators would be those of the whole document, of which the rest would never come.
            outcome = replace(outcome, validators=_validators_before(record, response))
        return Visit(
            outcome=outcome,
            entries=read.entries,
            read_at=now,
            format=feed.format,
            faults=(*feed.faults, *_emptied(feed, record, response)),
            memory=feed_offer(response, feed),
            older=feed.older,
            left_out=len(set(known.digests).intersection(feed.digests)),
            known=known,
            slices=known.after(feed, whole=not (response.partial or feed.torn)),
        )

    async def _read_listing(
        self, plan: Plan, source: Source, record: SourceRecord, response: Response
    ) -> Visit:
        if (refusal := await self._refused(plan, source, response)) is not None:
            return replace(_without_answer(refusal), memory={PAGE_AT: record.url})
        try:
            read = await self._listings.read_listing(plan, source, record, response)
            offer = page_offer(response, await self._relations(response))
        except ReadingStopped as error:
            return _failed(response, str(error))
        if read.links == 0:
            return _failed(
                response,
                f"an HTML page, not a feed, and no article links were found on it{_where(record)}; "
                "check the address, or give selectors under page:",
            )
        outcome = answered(response, "taken", feed_length=read.links, title=read.title, kind_found="page")
        read = replace(read, memory={**read.memory, **offer})
        return await self._of_pages(plan, source, record, outcome, "page", read)

    async def _relations(self, response: Response) -> dict[str, str]:
        """What a page says of a hub."""
        if not may_offer(response):
            return {}
        return await self._staff.reading.run(
            relations_of, response.body, response.url, response.content_type, ("hub", "self")
        )

    async def _read_sitemap(
        self, plan: Plan, source: Source, record: SourceRecord, response: Response
    ) -> Visit:
        if (refusal := await self._refused(plan, source, response)) is not None:
            return replace(_without_answer(refusal), memory={PAGE_AT: record.url})
        try:
            read = await self._listings.read_sitemap(plan, source, record, response)
        except (NotASitemap, ReadingStopped) as error:
            return _failed(response, str(error))
        if read.links == 0:
            return _failed(response, "; ".join(("a sitemap that names no page", *read.faults)))
        outcome = answered(response, "taken", feed_length=read.links, kind_found="sitemap")
        return await self._of_pages(plan, source, record, outcome, "sitemap", read)

    async def _of_pages(
        self,
        plan: Plan,
        source: Source,
        record: SourceRecord,
        outcome: Outcome,
        form: str,
        read: ListingRead,
    ) -> Visit:
        now, context = self._clock(), plan.context(source, record)
        outcome, harvest = judged(record, outcome, read, form if read.links else "")
        items, notes = await cleared(self._staff, self._note, source.id, read.items)
        entries = await self._staff.reading.run(entries_of, items, context, now=now) if items else ()
        return Visit(
            outcome=outcome,
            entries=entries,
            read_at=now,
            format=form,
            faults=read.faults,
            memory={**read.memory, **harvest},
            notes=notes,
        )

    async def _refused(self, plan: Plan, source: Source, response: Response) -> FetchError | None:
        """What robots.txt has against reading what has turned out to be a page."""
        request = plan.side_request(source, response.url, kind="page")
        permit = self._robots.permit_for(source, request, page=True)
        try:
            if permit is not None:
                await permit(response.url)
        except FetchError as refusal:
            return refusal
        return None


def _promises_page(source: Source, record: SourceRecord) -> bool:
    """Whether what will come is a page, as far as one can tell before it has come."""
    if source.type != "auto" or record.kind != "auto":
        return bool({"page", "sitemap"} & {source.type, record.kind})
    return record.memory.get(PAGE_AT) == record.url or looks_like_page(record.url)


def _without_answer(error: FetchError) -> Visit:
    until = error.until if isinstance(error, RobotsRefusal) else None
    return Visit(
        outcome=Outcome(kind="failed", status=error.status, error=error.reason, fault=error.kind),
        put_off=(until, "robots.txt is asked for again then") if until else None,
    )


def _to_read_anew(record: SourceRecord, manner: str) -> SourceRecord:
    """Where the configuration reads the source in another way than last time, nothing of it counts as known.

    Without this a rule that is taken back would have no effect until the publisher changes the document.
    """
    if record.memory.get(MANNER, manner) == manner:
        return record
    learnt = (HANDLED, PLACES, YIELD)
    memory = {key: value for key, value in record.memory.items() if key not in learnt}
    return replace(record, validators=Validators(), body_hash=None, memory=memory)


def _emptied(feed: ParsedFeed, record: SourceRecord, response: Response) -> Iterator[str]:
    """A feed that held entries and holds none is suspicious, and no more: nothing is taken away for it."""
    if not (feed.length or response.partial or not record.memory.get(LENGTH)):
        yield f"a feed without entries, where {record.memory[LENGTH]} were; what is known of it stays"


def _where(record: SourceRecord) -> str:
    return f", where {usual} were" if (usual := Harvest.of(record).usual) else ""


def _may_be(source: Source, record: SourceRecord, kind: str) -> bool:
    """Whether a source whose kind is to be found out may turn out to be this; what it was once, it stays."""
    return source.type == "auto" and record.kind in ("auto", kind)


def _may_be_page(source: Source, record: SourceRecord) -> bool:
    """Where the address promises a feed, a page is a fault: maintenance, a consent form, a log-in.

    However often it comes, since it would be scraped, and its links be printed; ``type: page`` says otherwise.
    """
    promised = any(map(looks_like_feed, (record.url, str(source.url))))
    return _may_be(source, record, "page") and (record.kind == "page" or not promised)


def _validators_before(record: SourceRecord, response: Response) -> Validators:
    """Those from before this answer, where they are of the address that gave it."""
    return record.validators if validators_url(record) == response.url else Validators()


def _failed(response: Response, reason: str) -> Visit:
    return Visit(outcome=answered(response, "failed", error=reason))
