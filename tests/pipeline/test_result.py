"""What is told of a poll: in the log, and of an answer that was refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from aggregator.fetch import Response
from aggregator.pipeline.answers import refusal
from aggregator.pipeline.result import PollResult, report
from aggregator.text.urls import shown_text

LATER = datetime(2026, 11, 30, 15, 6, tzinfo=UTC)


def reported(kind: str, error: str | None = None) -> dict[str, object]:
    result = PollResult(
        source="a",
        url="https://a.example/feed",
        kind=kind,
        error=error,
        next_poll=LATER,
        next_poll_reason="retry-after 2h, said by a.example (429)",
    )
    with capture_logs() as logs:
        report(result)
    return dict(logs[0])


@pytest.mark.parametrize(
    ("kind", "error", "event"), [("held", None, "not asked"), ("failed", "HTTP 404 Not Found", "poll failed")]
)
def test_the_log_says_when_and_why_a_source_that_gave_nothing_is_asked_next(
    kind: str, error: str | None, event: str
) -> None:
    told = reported(kind, error)
    assert (told["event"], told["next_poll"], told["reason"]) == (
        event,
        "2026-11-30T15:06:00Z",
        "retry-after 2h, said by a.example (429)",
    )


def test_what_can_be_done_is_not_taken_for_a_password_and_blotted_out() -> None:
    url = "https://a.example/feed"
    answer = Response(url=url, requested=url, status=401, headers={}, body=b"", elapsed=timedelta())
    outcome = refusal(answer)
    assert outcome is not None
    assert outcome.error is not None
    assert shown_text(outcome.error) == outcome.error
