"""No line of the checklist is without a test."""

import re
from pathlib import Path

LINES = range(1, 71)
_TEST = re.compile(r"^(?:async )?def test_((?:[0-9]{2}_)+)", re.MULTILINE)  # one test may show several lines


def test_every_line_of_the_checklist_has_a_test_that_begins_with_its_number() -> None:
    files = sorted(Path(__file__).parent.glob("test_*.py"))
    named = [number for file in files for number in _TEST.findall(file.read_text(encoding="utf-8"))]
    tested = {int(number) for numbers in named for number in numbers.strip("_").split("_")}
    assert sorted(set(LINES) - tested) == []
    assert tested <= set(LINES)
