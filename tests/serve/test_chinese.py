"""What the status page says in Chinese: every reason for a next poll, and what was wrong."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import given

import aggregator
from aggregator.config.model import Site
from aggregator.fetch import Response
from aggregator.fetch.dial import _CERTIFICATE_FAULTS
from aggregator.pipeline.answers import refusal
from aggregator.pipeline.harvest import Harvest
from aggregator.schedule import PINGED, Outcome, Policy, after_poll, back_to_polling
from aggregator.serve.chinese import in_chinese
from storage.model import Health, SourceRecord
from tests.schedule.making import NOW
from tests.schedule.test_laws import draws, outcomes, policies, records
from tests.serve.making import FakeFacts, client, record

#: Names that are said as they are.
_NAMES = re.compile(r"max-age|Expires|ttl|sy:updatePeriod|skipHours|skipDays|Retry-After|robots\.txt")
_HAN = re.compile(r"[\u4e00-\u9fff]")
HOUR = timedelta(hours=1)


def answer(status: int) -> Response:
    url = "https://a.example/feed"
    return Response(url=url, requested=url, status=status, headers={}, body=b"", elapsed=timedelta())


def untranslated(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]+", _NAMES.sub("", in_chinese(text)))


@given(records, outcomes, policies, draws)
def test_no_reason_of_the_schedule_is_left_in_english(
    before: SourceRecord, outcome: Outcome, policy: Policy, drawn: random.Random
) -> None:
    after = after_poll(before, outcome, policy, NOW, drawn)
    given_back = back_to_polling(after, policy, NOW, drawn)
    assert untranslated(after.next_poll_reason) == untranslated(given_back.next_poll_reason) == []


@pytest.mark.parametrize(
    ("reason", "chinese"),
    [
        (SourceRecord.__dataclass_fields__["next_poll_reason"].default, "首次抓取"),
        (PINGED, "推送中心通知有更新"),
        ("paused (enabled: no)", "已停用（enabled: no）"),
        ("interval 1h30m, spread after the first poll", "间隔 1 小时 30 分钟，首次抓取后错开时间"),
        ("max-age 1d, capped at 6h; its hub pushes no more", "站点要求 1 天内不再询问（max-age），以 6 小时为限；推送中心不再推送"),
        ("retry-after 2h1m, said by a.example (429)", "站点要求 2 小时 1 分钟后再来（Retry-After）（a.example 返回 429）"),
        ("retry-after 0, said by a.example to 3 sources (503)", "站点要求 0 秒后再来（Retry-After）（a.example 对 3 个来源返回 503）"),
        ("adaptive: about 3 items a week", "自适应：约每周 3 篇"),
        ("adaptive: about 7 items a day, few at this time of the week, but not within 5m", "自适应：约每天 7 篇，此时段较少，但间隔不短于 5 分钟"),
        ("expires 1h", "站点要求 1 小时内不再询问（Expires）"),
        ("retry-after 1m, but the interval is 15m", "站点要求 1 分钟后再来（Retry-After），但间隔是 15 分钟"),
        ("failing for 9 days: asked every 2d", "已失败 9 天：每 2 天试一次"),
        ("adaptive: freshness 10m", "自适应：按新鲜度 10 分钟"),
        ("its rules were changed", "规则有改动"),
        ("robots.txt is asked for again then", "届时重新读取 robots.txt"),
        ("something new", "something new"),
    ],
)  # fmt: skip
def test_a_reason_in_chinese(reason: str, chinese: str) -> None:
    assert in_chinese(reason) == chinese


# -- what was wrong


@pytest.mark.parametrize("status", [status for status in HTTPStatus if status >= 400])
def test_what_can_be_done_about_a_status_is_said_in_chinese(status: HTTPStatus) -> None:
    outcome = refusal(answer(status.value))
    assert outcome is not None
    told = in_chinese(outcome.error or "")
    assert told.startswith(f"HTTP {status.value} {status.phrase}")
    assert _HAN.search(told) or told == outcome.error == f"HTTP {status.value} {status.phrase}"


@pytest.mark.parametrize("status", [509, 521, 530, 599])
def test_a_status_that_is_registered_nowhere_is_the_sites_fault(status: int) -> None:
    outcome = refusal(answer(status))
    assert outcome is not None
    assert (outcome.error or "").endswith("; the fault is the site's, it is tried again by itself")


def test_the_address_that_a_redirect_led_to_is_named_in_chinese() -> None:
    told = in_chinese("redirected to http://b.example/feed: no answer within 20 s")
    assert told == "重定向到 http://b.example/feed：20 秒内没有响应"


@pytest.mark.parametrize(
    "fault",
    [*_CERTIFICATE_FAULTS.values(), Harvest(links=(9,), few=3).fault(), Harvest(good=5, empty=5).fault()],
)
def test_certificates_and_harvests_are_told_in_chinese(fault: str) -> None:
    assert _HAN.search(in_chinese(fault))


#: What makes of its argument something that the status page shows as an error.
_SHOWN_BY = {"FetchError", "_fault", "NotAFeed", "NotASitemap", "ReadingStopped", "_failed"}
#: What only an attack or a mistake in feeds.yaml brings about: English will do.
_RARE = re.compile(r"packed|attributes|authors|ca_file|pushed: |a post|what is posted|no element")


def sentences(*folders: str) -> Iterator[str]:
    """What these calls say, with 7 where something is filled in."""
    root = Path(aggregator.__file__).parent
    for file in (file for folder in folders for file in sorted((root / folder).glob("*.py"))):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(call, ast.Call)
                and getattr(call.func, "id", getattr(call.func, "attr", "")) in _SHOWN_BY
            ):
                yield from (text for one in call.args if (text := literal(one)) and " " in text)


def literal(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(literal(part) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return ""


def test_what_a_fetch_or_a_reading_complains_of_is_said_in_chinese() -> None:
    said = [text for text in sentences("fetch", "sources", "pipeline") if not _RARE.search(text)]
    assert len(said) > 20
    assert [text for text in said if not _HAN.search(in_chinese(text))] == []


@pytest.mark.parametrize(
    ("language", "reason", "error"),
    [
        ("en", "interval 1h", "no answer within 20 s"),
        ("zh-CN", "间隔 1 小时", "20 秒内没有响应"),
        ("zh-TW", "間隔 1 小時", "20 秒內沒有響應"),
    ],
)
async def test_the_status_page_speaks_the_papers_language(
    tmp_path: Path, language: str, reason: str, error: str
) -> None:
    told = record(next_poll_reason="interval 1h", last_error="no answer within 20 s", health=Health.FAILING)
    async with client(tmp_path, facts=FakeFacts(records=[told]), site=Site(language=language)) as asking:
        page = (await asking.get("/status", headers={"accept": "text/html"})).text
        rows = (await asking.get("/status?format=json")).json()
    assert f"<small>{reason}</small>" in page
    assert error in page
    assert rows[0]["next_poll_reason"] == "interval 1h", "programs read the store's words"
