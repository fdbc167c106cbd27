"""What sites ask for, and what belongs to one source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, BindParameter, bindparam, case, delete, func, select, type_coerce, update

from storage.columns import Key, Moment
from storage.dialect import Backend
from storage.rows import ROBOTS_COLUMNS
from storage.tables import note, robots, site_hold, source

if TYPE_CHECKING:
    from storage.dialect import Insert

_SITE: Final[BindParameter[str]] = bindparam("site", type_=Key)
SITE_HOLD = select(site_hold.c.until, site_hold.c.reason).where(site_hold.c.site == _SITE)
SITE_HOLDS = select(site_hold.c.site, site_hold.c.until, site_hold.c.reason).where(
    site_hold.c.until > bindparam("now", type_=Moment)
)
#: Of a clock that was set back; ``by`` is in microseconds.
SHORTEN_HOLDS = (
    update(site_hold)
    .where(site_hold.c.until > bindparam("now", type_=Moment))
    .values({"until": type_coerce(site_hold.c.until, BigInteger) - bindparam("by", type_=BigInteger)})
)
FORGET_HOLDS = delete(site_hold).where(site_hold.c.until <= bindparam("now", type_=Moment))
BUSY_SOURCES = select(func.count()).where(
    source.c.site == _SITE,
    source.c.position.is_not(None),
    source.c.id != bindparam("besides"),
    source.c.last_status == 503,
    source.c.hold_until > bindparam("now", type_=Moment),
)
_UNTIL = bindparam("until", type_=Moment)
#: What storage.sites.put_off says, for every active source at a site.
PUT_OFF = (
    update(source)
    .where(source.c.site == bindparam("at"), source.c.position.is_not(None))
    .values(
        hold_until=case((source.c.hold_until > _UNTIL, source.c.hold_until), else_=_UNTIL),
        next_poll=case((source.c.next_poll < _UNTIL, _UNTIL), else_=source.c.next_poll),
        next_poll_reason=case(
            (source.c.next_poll < _UNTIL, bindparam("why")), else_=source.c.next_poll_reason
        ),
    )
)
NOTE = select(note.c.value).where(note.c.source == bindparam("source"), note.c.name == bindparam("name"))
DROP_NOTE = delete(note).where(note.c.source == bindparam("of"), note.c.name == bindparam("called"))
DROP_NOTES = delete(note).where(note.c.source == bindparam("of"))
ROBOTS = select(*ROBOTS_COLUMNS).where(robots.c.site == _SITE)
FORGET_ROBOTS = delete(robots).where(robots.c.expires < bindparam("before", type_=Moment))
FORGET_ROBOTS_OF_LATER = delete(robots).where(robots.c.at > bindparam("after", type_=Moment))


def put_hold(backend: Backend) -> Insert:
    """Insert, or lengthen what is there."""
    statement = backend.insert(site_hold)
    return statement.on_conflict_do_update(
        index_elements=[site_hold.c.site],
        set_={"until": statement.excluded.until, "reason": statement.excluded.reason},
        where=site_hold.c.until < statement.excluded.until,
    )
