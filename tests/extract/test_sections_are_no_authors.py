"""What stands glued to the date is a section; 国, 文, 时 and 房 are family names as well."""

import pytest

from aggregator.extract import extract_article
from tests.support.documents import page


@pytest.mark.parametrize("section", ["国际", "文化", "时评", "房产", "方志文献", "向海经济"])
def test_the_section_beside_the_date_is_no_author(section: str) -> None:
    extracted = extract_article(page("潮汐闸启用之后", section=section), "https://paper.example/1.html")
    assert (extracted.section, extracted.authors) == (section, ())


def test_a_name_beside_the_date_is_one() -> None:
    named = page("潮汐闸启用之后").replace("2026-03-02国际".encode(), "2026-03-02 国立新".encode())
    assert extract_article(named, "https://paper.example/1.html").authors == ("国立新",)
