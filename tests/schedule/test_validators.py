from __future__ import annotations

import pytest

from aggregator.schedule import Outcome, after_poll, request_validators, validators_url
from storage.model import Validators
from tests.schedule.making import (
    DAY,
    NOW,
    A,
    B,
    failed,
    gone,
    not_modified,
    plain,
    polled,
    record,
    rng,
    taken,
    unchanged,
    validators,
)

OLD = validators(b'"old"', b"Sunday, 06-Nov-94 08:49:37 GMT")


@pytest.mark.parametrize(
    ("outcome", "kept"),
    [
        (taken(validators=validators(b'W/"n\xe9w"', b"x")), validators(b'W/"n\xe9w"', b"x")),
        (taken(validators=validators(None, b"x")), validators(None, b"x")),
        (taken(validators=Validators()), Validators()),
        (taken(), Validators()),
        (unchanged(validators=validators(b'"b"')), validators(b'"b"')),
        (unchanged(), OLD),
        (not_modified(), OLD),
        (not_modified(validators=validators(b'"b"')), validators(b'"b"', OLD.last_modified)),
        (not_modified(validators=validators(None, b"y")), validators(OLD.etag, b"y")),
        (failed(200, validators=validators(b'"portal"')), OLD),
        (failed(None), OLD),
        (gone(), OLD),
    ],
)
def test_validators_are_those_of_the_last_document_read(outcome: Outcome, kept: Validators) -> None:
    assert request_validators(polled(record(validators=OLD), outcome)) == kept


def test_an_ignored_etag_is_left_out_after_three_whole_bodies() -> None:
    same = unchanged(validators=OLD)
    twice = polled(record(), taken(validators=OLD), same, same)
    thrice = polled(record(), taken(validators=OLD), same, same, same)

    assert request_validators(twice) == OLD
    assert request_validators(thrice) == validators(None, OLD.last_modified)
    assert thrice.validators == OLD


def test_a_304_ends_the_count() -> None:
    same = unchanged(validators=OLD)

    assert request_validators(polled(record(validators=OLD), same, same, not_modified(), same, same)) == OLD


def test_the_etag_is_tried_again_after_a_week_and_once_is_enough() -> None:
    same = unchanged(validators=OLD)
    muted = polled(record(validators=OLD), same, same, same)

    still = after_poll(muted, not_modified(), plain(), NOW + 6 * DAY, rng())
    trying = after_poll(still, not_modified(), plain(), NOW + 8 * DAY, rng())
    again = after_poll(trying, same, plain(), NOW + 9 * DAY, rng())
    cured = after_poll(trying, not_modified(), plain(), NOW + 9 * DAY, rng())

    assert request_validators(still).etag is None
    assert request_validators(trying) == OLD
    assert request_validators(again).etag is None
    assert request_validators(cured) == OLD
    assert "etag_ignored" not in cured.memory


def test_without_a_date_the_etag_is_all_there_is() -> None:
    alone = validators(b'"only"')
    same = unchanged(validators=alone)

    assert request_validators(polled(record(validators=alone), same, same, same, same)) == alone


def test_a_source_without_validators_is_not_watched() -> None:
    assert "etag_ignored" not in polled(record(), unchanged(), unchanged(), unchanged()).memory


def test_validators_belong_to_the_address_that_gave_them() -> None:
    answer = taken(validators=OLD, final_url=B)

    assert validators_url(polled(record(), taken(validators=OLD))) == A
    assert validators_url(polled(record(), answer)) == B
    assert validators_url(polled(record(), answer, not_modified())) == B
    assert validators_url(polled(record(), answer, taken(validators=OLD, final_url=A))) == A


@pytest.mark.parametrize("garbage", [3, "x", {"since": 4}, {"since": "never"}, {"times": "two"}, None])
def test_garbage_in_memory_is_nothing_remembered(garbage: object) -> None:
    before = record(validators=OLD, memory={"etag_ignored": garbage})

    assert request_validators(polled(before, unchanged(validators=OLD))) == OLD
