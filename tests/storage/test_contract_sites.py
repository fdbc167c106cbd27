"""What every store promises of sites, and of what belongs to a source besides its record and its articles."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from aggregator.fetch.target import check_url
from storage import (
    ArticleStore,
    Health,
    HubSubscription,
    LeaseLost,
    RobotsRecord,
    SourceRecord,
    StorageError,
    Subscription,
)
from storage.sites import site_of
from tests.storage.making import DAY, HOUR, MINUTE, NOW, article, claim, seed


def record(store: ArticleStore, source_id: str) -> SourceRecord:
    found = store.source(source_id)
    assert found is not None
    return found


def finish(store: ArticleStore, source_id: str, **fields: object) -> None:
    claimed = claim(store, source_id)
    with store.poll(claimed) as unit:
        unit.finish(replace(claimed.source, **fields))  # type: ignore[arg-type]  # field names are the test's business


def hold(store: ArticleStore, site: str, until: datetime, reason: str = "429") -> None:
    """Said to a source that is at no site of the tests."""
    claimed = claim(store, "asker")
    with store.poll(claimed) as unit:
        unit.hold_site(site, until, reason)
    store.release(claimed)


def put_off(store: ArticleStore, source_id: str) -> tuple[datetime | None, datetime, str]:
    one = record(store, source_id)
    return one.hold_until, one.next_poll, one.next_poll_reason


# -- sites


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://Desk.Example/feed?x", "desk.example"),
        ("http://desk.example:80/", "desk.example"),
        ("https://desk.example:443/", "desk.example"),
        ("http://desk.example:8080/", "desk.example:8080"),
        ("https://me:secret@desk.example:8443/", "desk.example:8443"),
        ("https://新闻.example/", "xn--efvy88h.example"),
        ("http://[::1]:81/", "::1:81"),
    ],
)
def test_a_site_is_what_the_fetcher_shows_its_manners_to(url: str, site: str) -> None:
    assert site_of(url) == site == check_url(url).authority


@pytest.mark.parametrize(
    "url", ["", "no url", "http://[", "http://desk.example:port/", "mailto:me@desk.example"]
)
def test_what_is_no_web_address_has_no_site(url: str) -> None:
    assert site_of(url) == ""


# -- holds


def test_a_held_site_puts_its_sources_off_and_no_others(store: ArticleStore) -> None:
    store.sync_sources(
        [
            seed("one", url="https://desk.example/one"),
            seed("two", url="http://DESK.example:80/two"),
            seed("port", url="https://desk.example:8443/"),
            seed("other"),
        ],
        NOW,
    )
    hold(store, "desk.example", NOW + HOUR, "retry-after, said to one")
    for source_id in ("one", "two"):
        assert put_off(store, source_id) == (NOW + HOUR, NOW + HOUR, "retry-after, said to one")
    for source_id in ("port", "other"):
        assert put_off(store, source_id) == (None, NOW, "first poll")
    assert store.site_hold("desk.example", NOW) == (NOW + HOUR, "retry-after, said to one")
    assert store.site_hold("desk.example", NOW + HOUR) is None
    assert store.site_hold("other.example", NOW) is None


def test_a_hold_never_shortens_anything(store: ArticleStore) -> None:
    finish(store, "desk", next_poll=NOW + DAY, next_poll_reason="interval", hold_until=NOW + 2 * HOUR)
    hold(store, "desk.example", NOW + HOUR, "first")
    assert put_off(store, "desk") == (NOW + 2 * HOUR, NOW + DAY, "interval")
    hold(store, "desk.example", NOW + MINUTE, "shorter")
    assert store.site_hold("desk.example", NOW) == (NOW + HOUR, "first")
    hold(store, "desk.example", NOW + 3 * HOUR, "longer")
    assert put_off(store, "desk") == (NOW + 3 * HOUR, NOW + DAY, "interval")


def test_a_hold_that_is_not_committed_holds_nothing(store: ArticleStore) -> None:
    store.sync_sources([seed("desk")], NOW)
    claimed = claim(store, "desk")
    with pytest.raises(OSError, match="mid-poll"), store.poll(claimed) as unit:  # noqa: PT012 - what comes before it counts
        unit.hold_site("desk.example", NOW + HOUR, "429")
        raise OSError("mid-poll")
    assert store.site_hold("desk.example", NOW) is None
    assert put_off(store, "desk") == (None, NOW, "first poll")


def test_a_poll_that_was_under_way_when_its_site_was_held_ends_put_off(store: ArticleStore) -> None:
    claimed = claim(store, "desk")
    hold(store, "desk.example", NOW + HOUR)
    with store.poll(claimed) as unit:
        unit.finish(
            replace(claimed.source, last_poll=NOW, next_poll=NOW + MINUTE, next_poll_reason="interval")
        )
    assert put_off(store, "desk") == (NOW + HOUR, NOW + HOUR, "429")


def test_so_does_one_that_held_the_site_itself_and_one_that_moved_to_a_held_site(store: ArticleStore) -> None:
    claimed = claim(store, "desk")
    with store.poll(claimed) as unit:
        unit.hold_site("desk.example", NOW + HOUR, "429")
        unit.hold_site("new.example", NOW + DAY, "of the new")
        unit.finish(
            replace(claimed.source, last_poll=NOW, url="https://new.example/", next_poll=NOW + MINUTE)
        )
    assert put_off(store, "desk") == (NOW + DAY, NOW + DAY, "of the new")
    assert [one.id for one in store.sources_at("https://new.example/")] == ["desk"]


def test_a_hold_that_was_over_at_the_poll_changes_nothing(store: ArticleStore) -> None:
    hold(store, "desk.example", NOW + HOUR)
    claimed = claim(store, "desk", now=NOW + HOUR)
    with store.poll(claimed) as unit:
        after = replace(claimed.source, last_poll=NOW + HOUR, hold_until=None)
        unit.finish(replace(after, next_poll=NOW + DAY, next_poll_reason="interval"))
    assert put_off(store, "desk") == (None, NOW + DAY, "interval")


def test_a_new_source_at_a_held_site_is_due_when_the_hold_ends(store: ArticleStore) -> None:
    hold(store, "desk.example", NOW + HOUR)
    store.sync_sources([seed("desk"), seed("asker")], NOW)
    assert put_off(store, "desk") == (NOW + HOUR, NOW + HOUR, "429")
    store.sync_sources(
        [seed("desk"), seed("asker"), seed("late", url="https://desk.example/late")], NOW + HOUR
    )
    assert put_off(store, "late") == (None, NOW + HOUR, "first poll")


def test_it_stays_put_off_when_the_queue_is_mended(store: ArticleStore) -> None:
    hold(store, "desk.example", NOW + HOUR)
    store.sync_sources([seed("desk"), seed("asker")], NOW)
    store.set_back(NOW)
    assert put_off(store, "desk") == (NOW + HOUR, NOW + HOUR, "429")


def test_so_is_one_whose_address_was_changed_to_a_held_site(store: ArticleStore) -> None:
    store.sync_sources([seed("desk")], NOW)
    hold(store, "new.example", NOW + HOUR)
    store.sync_sources([seed("desk", url="https://new.example/"), seed("asker")], NOW)
    assert put_off(store, "desk") == (NOW + HOUR, NOW + HOUR, "429")


def test_all_that_hold_now_are_told_by_site(store: ArticleStore) -> None:
    for hours, site in enumerate(("over.example", "desk.example", "other.example:8080")):
        hold(store, site, NOW + hours * HOUR, f"hold {hours}")
    assert store.site_holds(NOW) == {
        "desk.example": (NOW + HOUR, "hold 1"),
        "other.example:8080": (NOW + 2 * HOUR, "hold 2"),
    }


def test_the_sources_of_a_site_that_wait_out_a_503_are_counted(store: ArticleStore) -> None:
    states = {
        "one": (503, NOW + HOUR),
        "two": (503, NOW + HOUR),
        "over": (503, NOW),
        "other": (500, NOW + HOUR),
        "free": (503, None),
        "removed": (503, NOW + HOUR),
        "me": (503, NOW + HOUR),
    }
    seeds = [seed(source_id, url=f"https://desk.example/{source_id}") for source_id in states]
    store.sync_sources([*seeds, seed("elsewhere")], NOW)
    for source_id, (status, held) in (states | {"elsewhere": (503, NOW + HOUR)}).items():
        finish(store, source_id, last_status=status, hold_until=held)
    store.sync_sources([one for one in (*seeds, seed("elsewhere")) if one.id != "removed"], NOW)
    claimed = store.claim("me", now=NOW, lease=MINUTE, owner="me")
    assert claimed is not None
    with store.poll(claimed) as unit:
        assert unit.busy_sources("desk.example", NOW) == 2
        assert unit.busy_sources("nowhere.example", NOW) == 0


def test_holds_outlive_the_process(store: ArticleStore, url: str) -> None:
    if url == "memory://":
        pytest.skip("it keeps nothing")
    from storage import open_store

    hold(store, "desk.example", NOW + HOUR)
    store.close()
    reopened = open_store(url)
    assert reopened.site_hold("desk.example", NOW) == (NOW + HOUR, "429")
    reopened.close()


# -- one source, whatever its time


def test_one_source_can_be_claimed_out_of_turn_and_inside_a_hold(store: ArticleStore) -> None:
    finish(store, "desk", next_poll=NOW + DAY, hold_until=NOW + HOUR)
    claimed = store.claim("desk", now=NOW, lease=MINUTE, owner="me")
    assert claimed is not None
    assert (claimed.source, claimed.owner, claimed.lease_until) == (record(store, "desk"), "me", NOW + MINUTE)
    with store.poll(claimed) as unit:
        unit.finish(claimed.source)


def test_a_claimed_source_is_not_claimed_again_before_its_lease_ends(store: ArticleStore) -> None:
    stale = claim(store, "desk")
    assert store.claim("desk", now=NOW, lease=MINUTE, owner="other") is None
    assert store.claim("desk", now=NOW + MINUTE, lease=MINUTE, owner="other") is not None
    with pytest.raises(LeaseLost), store.poll(stale):
        pytest.fail("the claim should be stale")


def test_a_source_that_is_unknown_removed_paused_or_gone_cannot_be_claimed(store: ArticleStore) -> None:
    finish(store, "gone", health=Health.GONE)
    finish(store, "removed")
    store.sync_sources([seed("gone"), seed("paused", paused=True)], NOW)
    for source_id in ("nobody", "removed", "paused", "gone"):
        assert store.claim(source_id, now=NOW, lease=MINUTE, owner="me") is None


# -- sources at one address


def test_the_sources_at_an_address_come_in_configured_order(store: ArticleStore) -> None:
    shared = "https://shared.example/feed"
    finish(store, "moved", url=shared)
    finish(store, "away", url="https://away.example/")
    finish(store, "removed", url=shared)
    store.sync_sources(
        [
            seed("z", url=shared),
            seed("moved"),
            seed("a", url=shared),
            seed("away"),
            seed("near", url=f"{shared}/"),
        ],
        NOW,
    )
    assert [one.id for one in store.sources_at(shared)] == ["z", "moved", "a"]
    assert store.sources_at(shared) == [record(store, source_id) for source_id in ("z", "moved", "a")]
    assert store.sources_at("https://moved.example/feed") == []


# -- notes


def note(store: ArticleStore, source_id: str, name: str, value: bytes | None) -> None:
    claimed = claim(store, source_id)
    with store.poll(claimed) as unit:
        unit.keep_note(name, value)
    store.release(claimed)


def test_a_note_is_kept_replaced_and_forgotten(store: ArticleStore) -> None:
    assert store.note("desk", "entries") is None
    note(store, "desk", "entries", b"\x00\xff")
    note(store, "desk", "other", b"")
    note(store, "two", "entries", b"of two")
    assert (store.note("desk", "entries"), store.note("desk", "other")) == (b"\x00\xff", b"")
    note(store, "desk", "entries", b"new")
    assert store.note("desk", "entries") == b"new"
    note(store, "desk", "entries", None)
    note(store, "desk", "never", None)
    assert (store.note("desk", "entries"), store.note("two", "entries")) == (None, b"of two")


def test_a_note_is_kept_with_its_poll_or_not_at_all(store: ArticleStore) -> None:
    claimed = claim(store, "desk")
    with pytest.raises(OSError, match="mid-poll"), store.poll(claimed) as unit:  # noqa: PT012 - what comes before it counts
        unit.keep_note("entries", b"x")
        assert store.note("desk", "entries") is None
        raise OSError("mid-poll")
    assert store.note("desk", "entries") is None


def test_a_source_whose_address_changed_loses_its_notes_and_others_keep_theirs(store: ArticleStore) -> None:
    note(store, "desk", "entries", b"x")
    note(store, "other", "entries", b"y")
    store.sync_sources([seed("desk", url="https://new.example/"), seed("other", kind="page")], NOW)
    assert (store.note("desk", "entries"), store.note("other", "entries")) == (None, b"y")


def test_a_source_no_longer_named_leaves_no_notes(store: ArticleStore) -> None:
    note(store, "desk", "entries", b"x")
    store.sync_sources([], NOW)
    store.sync_sources([seed("desk")], NOW)
    assert store.note("desk", "entries") is None


# -- robots.txt


def test_the_robots_txt_of_a_site_is_kept_and_replaced(store: ArticleStore) -> None:
    assert store.robots("desk.example") is None
    kept = RobotsRecord(
        site="desk.example", at=NOW, expires=NOW + DAY, status=200, body=b"User-agent: *\r\n\xff"
    )
    store.keep_robots(kept)
    assert store.robots("desk.example") == kept
    unreachable = RobotsRecord(site="desk.example", at=NOW + DAY, expires=NOW + 2 * DAY)
    store.keep_robots(unreachable)
    assert store.robots("desk.example") == unreachable


def test_a_robots_txt_long_out_of_date_is_forgotten(store: ArticleStore) -> None:
    for site, expires in (("old.example", NOW), ("recent.example", NOW + DAY)):
        store.keep_robots(RobotsRecord(site=site, at=NOW, expires=expires))
    later = NOW + 31 * DAY
    store.keep_robots(RobotsRecord(site="new.example", at=later, expires=later + DAY))
    kept = [site for site in ("old.example", "recent.example", "new.example") if store.robots(site)]
    assert kept == ["recent.example", "new.example"]


@pytest.mark.parametrize("by", [None, 365 * DAY])
def test_a_hold_of_a_clock_that_was_set_back_ends_as_soon_as_it_would_have(
    store: ArticleStore, by: timedelta | None
) -> None:
    store.sync_sources([seed("one", url="https://desk.example/one"), seed("asker")], NOW)
    then = NOW + 365 * DAY
    claimed = claim(store, "one")
    with store.poll(claimed) as unit:
        unit.hold_site("desk.example", then + HOUR, "429")
        unit.finish(replace(claimed.source, last_poll=then, last_status=429, polls=1))
    store.set_back(NOW, by=by)
    assert store.site_hold("desk.example", NOW) == (NOW + HOUR, "429")
    again = store.claim("one", now=NOW, lease=MINUTE, owner="me")
    assert again is not None
    with store.poll(again) as unit:
        unit.finish(replace(again.source, last_poll=NOW, hold_until=None, next_poll=NOW + MINUTE))
    assert put_off(store, "one") == (NOW + HOUR, NOW + HOUR, "429")


def test_a_robots_txt_of_a_clock_that_was_set_back_is_forgotten(store: ArticleStore) -> None:
    for site, at in (("then.example", NOW + DAY), ("now.example", NOW)):
        store.keep_robots(RobotsRecord(site=site, at=at, expires=at + DAY))
    store.set_back(NOW)
    assert store.robots("then.example") is None
    assert store.robots("now.example") is not None


# -- subscriptions


def subscription(token: str, **fields: object) -> Subscription:
    values: dict[str, object] = {
        "source": "desk",
        "topic": "https://desk.example/feed",
        "hub": "https://hub.example/",
        "secret": "sécret",
        "state": "asked",
        "asked_at": NOW,
    }
    return Subscription(token=token, **values | fields)  # type: ignore[arg-type]  # field names are the test's business


def test_subscriptions_are_kept_replaced_and_dropped(store: ArticleStore) -> None:
    store.sync_sources([seed("desk"), seed("a")], NOW)
    full = subscription(
        "t2", state="active", lease_until=NOW + DAY, last_push=NOW + HOUR, pushes=3, error="连接 refused"
    )
    for one in (subscription("t2"), subscription("t1"), subscription("t3", source="a"), full):
        store.keep_subscription(one)
    assert store.subscription("t2") == full
    assert [one.token for one in store.subscriptions()] == ["t3", "t1", "t2"]
    store.drop_subscription("t1")
    store.drop_subscription("t1")
    assert store.subscription("t1") is None
    assert [one.token for one in store.subscriptions()] == ["t3", "t2"]


def test_a_subscription_of_a_source_no_longer_named_stays_until_it_is_ended(store: ArticleStore) -> None:
    store.sync_sources([seed("desk")], NOW)
    store.keep_subscription(subscription("t", state="active"))
    store.sync_sources([], NOW)
    assert store.subscriptions() == [subscription("t", state="active")]


def test_nobody_subscribes_for_a_source_that_is_not_on_record(store: ArticleStore) -> None:
    with pytest.raises(StorageError):
        store.keep_subscription(subscription("t"))
    assert store.subscriptions() == []


def test_retention_leaves_notes_and_subscriptions_of_sources_on_record(store: ArticleStore) -> None:
    claimed = claim(store, "desk")
    with store.poll(claimed) as unit:
        unit.save([article("a")])
        unit.keep_note("entries", b"x")
    store.keep_subscription(subscription("t"))
    store.expire(articles_before=NOW + DAY, bodies_before=NOW + DAY)
    assert store.note("desk", "entries") == b"x"
    assert store.subscription("t") is not None
    assert store.check() == []


# -- subscriptions at our own hub


def to_hub(callback: str, topic: str = "https://paper.example/world.atom", **more: object) -> HubSubscription:
    values: dict[str, object] = {"lease_until": NOW + DAY}
    return HubSubscription(callback=callback, topic=topic, **values | more)  # type: ignore[arg-type]  # as above


def test_subscriptions_at_our_hub_are_kept_replaced_and_dropped(store: ArticleStore) -> None:
    full = to_hub(
        "https://b.example/?q=书",
        secret="sécret",
        delivered="abc",
        attempts=3,
        next_try=NOW + HOUR,
        failing_since=NOW,
        error="HTTP 500",
    )
    other = to_hub("https://b.example/?q=书", "https://paper.example/a.atom")
    store.keep_hub_subscriptions([to_hub("https://b.example/?q=书"), to_hub("https://a.example/")])
    store.keep_hub_subscriptions([full, other])
    store.keep_hub_subscriptions([])
    assert store.hub_subscriptions() == [to_hub("https://a.example/"), other, full]
    store.drop_hub_subscriptions([(full.callback, full.topic), ("https://nobody.example/", full.topic)])
    store.drop_hub_subscriptions([])
    assert store.hub_subscriptions() == [to_hub("https://a.example/"), other]
