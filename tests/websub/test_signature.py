"""X-Hub-Signature: the four methods, and all that is none."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from aggregator.websub import is_signed

BODY = "<rss>晨雾</rss>".encode("gb18030")


def signature(method: str, secret: str = "s3cret", body: bytes = BODY) -> str:
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_300_a_signature_by_any_method_of_the_recommendation_holds(method: str) -> None:
    assert is_signed("s3cret", signature(method), BODY)
    assert is_signed("s3cret", signature(method).upper(), BODY)


@pytest.mark.parametrize(
    "header",
    [
        signature("sha256", secret="another"),
        signature("sha256", body=BODY + b" "),
        signature("sha256")[:-2],
        signature("sha256") + "00",
        signature("sha256").replace("sha256", "sha1"),
        signature("md5"),
        "sha256=",
        "sha256",
        "=",
        "sha256=ü",
    ],
)
def test_301_a_wrong_signature_does_not_hold(header: str) -> None:
    assert not is_signed("s3cret", header, BODY)


@pytest.mark.parametrize("header", [None, ""])
def test_302_no_signature_does_not_hold(header: str | None) -> None:
    assert not is_signed("s3cret", header, BODY)
