from __future__ import annotations

import base64
import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from lxml import html as html_parser

from aggregator.config.model import Site
from aggregator.fetch import Response
from aggregator.pipeline.answers import refusal
from aggregator.schedule.rhythm import Rhythm, to_memory
from aggregator.serve import Metrics, status_rows
from aggregator.serve.status import ago
from storage.model import Health
from tests.serve.making import NOW, FakeFacts, client, record
from tests.support.scripts import strange_scripts

MINUTE = timedelta(minutes=1)

TROUBLED = record(
    id="b",
    url="https://editor:sesame@b.example/<feed>?a=1&b=2",
    title="<img src=x onerror=alert(1)>",
    health=Health.FAILING,
    last_poll=NOW - 3 * MINUTE,
    last_status=503,
    last_error="HTTP 503 <script>alert(1)</script>",
    failures=3,
    failing_since=NOW - 90 * MINUTE,
    next_poll=NOW + 20 * MINUTE,
    next_poll_reason="back-off after 3 failures",
    polls=8,
    not_modified=2,
    articles=17,
)


# -- health


async def test_a_program_that_turns_is_healthy(tmp_path: Path) -> None:
    async with client(tmp_path) as asking:
        response = await asking.get("/healthz")

    assert (response.status_code, response.text) == (200, "ok\n")


async def test_a_program_that_stands_still_is_not(tmp_path: Path) -> None:
    async with client(tmp_path, facts=FakeFacts(turning=False)) as asking:
        assert (await asking.get("/healthz")).status_code == 503


async def test_readiness_tells_the_reason(tmp_path: Path) -> None:
    facts = FakeFacts()
    async with client(tmp_path, facts=facts) as asking:
        ready = await asking.get("/readyz")
        facts.reason = "the database is read-only"
        unready = await asking.get("/readyz")

    assert ready.status_code == 200
    assert (unready.status_code, unready.text) == (503, "the database is read-only\n")


async def test_the_reason_is_for_those_with_the_token(tmp_path: Path) -> None:
    async with client(tmp_path, facts=FakeFacts(reason="no disk at /srv"), server={"token": "t"}) as asking:
        assert (await asking.get("/readyz")).text == "not ready\n"
        assert (await asking.get("/readyz?token=t")).text == "no disk at /srv\n"


# -- status


def test_a_row_tells_all_that_is_known() -> None:
    row = status_rows([TROUBLED], NOW)[0]

    assert {
        "source": "b",
        "kind": "auto",
        "state": "failing",
        "last_poll": "2026-03-04T10:27:00.000Z",
        "last_status": 503,
        "next_poll": "2026-03-04T10:50:00.000Z",
        "next_poll_reason": "back-off after 3 failures",
        "polls": 8,
        "not_modified": 2,
        "articles": 17,
    }.items() <= row.items()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (TROUBLED.url, "https://b.example/<feed>?…"),
        ("https://TOKEN@a.example/feed", "https://a.example/feed"),
        ("https://a.example/feed?key=sesame", "https://a.example/feed?…"),
        ("https://a.example:8443/报/feed#x", "https://a.example:8443/报/feed#x"),
    ],
)
def test_a_password_or_key_in_an_address_is_not_told(url: str, shown: str) -> None:
    row = status_rows([record(url=url, configured_url=url)], NOW)[0]

    assert (row["url"], row["configured_url"]) == (shown, shown)


def test_a_key_in_a_message_is_not_told() -> None:
    row = status_rows([record(last_error="https://t@a.example/feed?key=sesame is too long")], NOW)[0]

    assert row["last_error"] == "https://a.example/feed?… is too long"


def test_what_is_said_of_a_password_survives_the_search_for_passwords() -> None:
    answer = Response(url="https://a.example/", requested="https://a.example/", status=401)
    outcome = refusal(answer)
    assert outcome is not None
    row = status_rows([record(last_error=outcome.error)], NOW)[0]

    assert "user:password@" in (row["last_error"] or "")


def test_what_never_happened_is_null() -> None:
    row = status_rows([record()], NOW)[0]

    assert [row[key] for key in ("last_poll", "last_status", "last_error", "hold_until")] == [None] * 4


@pytest.mark.parametrize(
    ("health", "why"),
    [(Health.GONE, "its publisher has taken it away"), (Health.PAUSED, "paused (enabled: no)")],
)
def test_a_source_that_is_not_polled_has_no_next_poll(health: Health, why: str) -> None:
    row = status_rows([record(health=health)], NOW)[0]

    assert (row["next_poll"], row["next_poll_reason"]) == (None, why)


def test_an_overdue_source_says_by_how_much() -> None:
    assert status_rows([record(next_poll=NOW - MINUTE)], NOW)[0]["overdue_seconds"] == 60.0


@pytest.mark.parametrize(
    ("path", "accept"), [("/status", "application/json"), ("/status?format=json", "text/html")]
)
async def test_programs_get_the_rows(tmp_path: Path, path: str, accept: str) -> None:
    facts = FakeFacts(records=[record(), TROUBLED])
    async with client(tmp_path, facts=facts) as asking:
        response = await asking.get(path, headers={"accept": accept})

    assert response.json() == status_rows(facts.records, NOW)
    assert response.headers["cache-control"] == "no-store"


async def test_people_get_a_page_with_the_troubled_sources_first(tmp_path: Path) -> None:
    async with client(tmp_path, facts=FakeFacts(records=[record(), TROUBLED])) as asking:
        page = (await asking.get("/status", headers={"accept": "text/html"})).text

    assert page.index("b.example") < page.index("a.example")
    for told in ("3 min ago", "in 20 min", "back-off after 3 failures", "25%", "17", "HTTP 503"):
        assert told in page


async def test_nothing_a_source_says_reaches_the_page_as_markup(tmp_path: Path) -> None:
    async with client(tmp_path, facts=FakeFacts(records=[TROUBLED]), site=Site(title="<i>Paper")) as asking:
        page = (await asking.get("/status")).text

    assert not strange_scripts(html_parser.document_fromstring(page))
    assert "<img" not in page
    assert "<i>" not in page
    assert "sesame" not in page


async def test_an_address_that_is_no_web_address_is_no_link(tmp_path: Path) -> None:
    async with client(tmp_path, facts=FakeFacts(records=[record(url="javascript:alert(1)")])) as asking:
        assert 'href="javascript' not in (await asking.get("/status")).text


@pytest.mark.parametrize("element", ["style", "script"])
async def test_the_policy_allows_the_very_style_and_script_of_the_page(tmp_path: Path, element: str) -> None:
    async with client(tmp_path) as asking:
        response = await asking.get("/status")
    inlined = re.search(rf"<{element}>(.*?)</{element}>", response.text, re.DOTALL)
    assert inlined is not None
    digest = base64.b64encode(sha256(inlined[1].encode()).digest()).decode()

    assert f"{element}-src 'sha256-{digest}'" in response.headers["content-security-policy"]


async def test_a_paper_without_sources_says_how_to_add_one(tmp_path: Path) -> None:
    async with client(tmp_path) as asking:
        assert "aggregator add" in (await asking.get("/status")).text


async def test_english_is_called_english_on_the_pages_of_a_paper_in_another_language(tmp_path: Path) -> None:
    async with client(tmp_path, site=Site(title="صحيفة", language="ar")) as asking:
        page = (await asking.get("/status", headers={"accept": "text/html"})).text

    assert '<html lang="en">' in page


async def test_the_page_of_what_is_missing_speaks_the_papers_language(tmp_path: Path) -> None:
    async with client(tmp_path, site=Site(language="zh-CN")) as asking:
        page = (await asking.get("/x", headers={"accept": "text/html"})).text

    assert '<html lang="zh-CN">' in page
    assert "没有找到这一页" in page


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (None, "never"),
        (NOW, "now"),
        (NOW + timedelta(seconds=42), "in 42 s"),
        (NOW - 12 * MINUTE, "12 min ago"),
        (NOW + 100 * MINUTE, "in 2 h"),
        (NOW - timedelta(days=3), "3 days ago"),
    ],
)
def test_moments_are_told_as_people_say_them(moment: object, told: str) -> None:
    assert ago(moment, NOW) == told  # type: ignore[arg-type]  # a table of datetimes and None


# -- the token


@pytest.mark.parametrize("path", ["/status", "/status?format=json", "/metrics"])
@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {}, 401),
        ("token=wrong", {}, 401),
        ("token=", {}, 401),
        ("token=%ff", {}, 401),
        ("", {"authorization": "Bearer wrong"}, 401),
        ("", {"authorization": "Bearer"}, 401),
        ("", {"authorization": "Basic sesame"}, 401),
        ("", {"x-forwarded-for": "127.0.0.1"}, 401),
        ("", {"x-real-ip": "127.0.0.1", "host": "localhost"}, 401),
        ("token=sesame", {}, 200),
        ("", {"authorization": "Bearer sesame"}, 200),
        ("", {"authorization": "bearer  sesame"}, 200),
    ],
)
async def test_the_operators_pages_ask_for_the_token(
    tmp_path: Path, path: str, query: str, headers: dict[str, str], status: int
) -> None:
    async with client(tmp_path, facts=FakeFacts(records=[TROUBLED]), server={"token": "sesame"}) as asking:
        response = await asking.get(f"{path}{'&' if '?' in path else '?'}{query}", headers=headers)

    assert response.status_code == status
    assert status == 200 or response.headers["www-authenticate"].startswith("Bearer")
    assert status == 200 or "b.example" not in response.text


async def test_a_token_of_any_script_can_be_shown(tmp_path: Path) -> None:
    async with client(tmp_path, server={"token": "芝麻"}) as asking:
        in_query = await asking.get("/status", params={"token": "芝麻"})
        in_header = await asking.get("/status", headers={b"authorization": "Bearer 芝麻".encode()})

    assert in_query.status_code == in_header.status_code == 200


# -- metrics


async def test_metrics_tell_polls_sources_and_the_queue(tmp_path: Path) -> None:
    metrics = Metrics()
    metrics.polled("taken", {"new": 3, "copy": 1})
    metrics.polled("not_modified", {})
    metrics.published(4)
    metrics.published(0, failed=True)
    metrics.tick_age = lambda: 0.5
    facts = FakeFacts(records=[TROUBLED, record(next_poll=NOW - MINUTE), record(health=Health.GONE)])
    async with client(tmp_path, facts=facts, metrics=metrics) as asking:
        text = (await asking.get("/metrics")).text

    for line in (
        'aggregator_polls_total{outcome="taken"} 1.0',
        'aggregator_polls_total{outcome="not_modified"} 1.0',
        'aggregator_polls_total{outcome="failed"} 0.0',
        'aggregator_articles_decided_total{decision="new"} 3.0',
        'aggregator_sources{state="failing"} 1.0',
        'aggregator_sources{state="dead"} 0.0',
        "aggregator_articles 17.0",
        "aggregator_due_sources 1.0",
        "aggregator_due_lag_seconds 60.0",
        "aggregator_last_tick_age_seconds 0.5",
        "aggregator_config_reload_ok 1.0",
        "aggregator_publish_files_total 4.0",
        "aggregator_publish_runs_total 1.0",
        "aggregator_publish_errors_total 1.0",
    ):
        assert f"{line}\n" in text


async def test_two_programs_in_one_process_count_apart(tmp_path: Path) -> None:
    one, other = Metrics(), Metrics()
    one.polled("taken", {})
    async with client(tmp_path, metrics=other) as asking:
        assert 'outcome="taken"} 0.0' in (await asking.get("/metrics")).text


async def test_metrics_can_be_switched_off(tmp_path: Path) -> None:
    async with client(tmp_path, server={"metrics": False}) as asking:
        assert (await asking.get("/metrics")).status_code == 404


async def test_a_source_that_is_stale_is_shown_so(tmp_path: Path) -> None:
    rhythm = to_memory(Rhythm(newest=NOW - timedelta(days=2)))
    facts = FakeFacts(records=[record(memory={"rhythm": rhythm})], bounds={"a": timedelta(days=1)})
    async with client(tmp_path, facts=facts) as asking:
        page = (await asking.get("/status")).text
        (row,) = (await asking.get("/status", headers={"accept": "application/json"})).json()

    assert row["stale_since"] == "2026-03-03T10:30:00.000Z"
    assert "stale since 2026-03-03 10:30 UTC" in page
    assert status_rows(facts.records, NOW)[0]["stale_since"] is None
