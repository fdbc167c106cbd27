"""Our Atom under the schema of RFC 4287, appendix B (``atom.rng``): a judge that was not written by us."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from aggregator.publish.fragments import FragmentCache
from tests.publish.samples import edition, paper, printed, render_atom
from tests.publish.test_validator_rules import atom_feeds

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))


def test_every_feed_is_valid() -> None:
    for feed in atom_feeds():
        SCHEMA.assertValid(etree.fromstring(feed))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"<updated>", b"<updated>on "),
        (b'type="application/atom+xml"', b'type="atom"'),
        (b"<id>tag:", b"<id/><id>tag:"),
        (b"<author>", b"<author><age>7</age>"),
        (b'type="html"', b'type="HTML"'),
    ],
)
def test_the_schema_finds_what_is_wrong(right: bytes, wrong: bytes) -> None:
    section = edition(printed())
    body = render_atom(paper(), section, FragmentCache()).body
    assert SCHEMA.validate(etree.fromstring(body))
    assert right in body
    assert not SCHEMA.validate(etree.fromstring(body.replace(right, wrong, 1)))
