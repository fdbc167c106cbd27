import pytest

from aggregator.text.script import han_script


@pytest.mark.parametrize(
    ("sample", "script"),
    [
        ("这个国家的学者说，时间会证明一切。", "Hans"),
        ("這個國家的學者說，時間會證明一切。", "Hant"),
        ("皇后在公里之外", None),  # both scripts write it so
        ("Plain Latin", None),
        ("", None),
    ],
)
def test_the_script_is_told_by_what_only_one_writes(sample: str, script: str | None) -> None:
    assert han_script(sample) == script
