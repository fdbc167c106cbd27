"""deploy/feed-aggregator.service as systemd reads it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze"),
]

UNIT = Path(__file__).parents[2] / "deploy" / "feed-aggregator.service"


def test_the_unit_is_sound_and_closed(tmp_path: Path) -> None:
    text = UNIT.read_text("utf-8").replace("/opt/feed-aggregator/bin/aggregator", sys.executable)
    unit = tmp_path / UNIT.name
    unit.write_text(text, "utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert [line for line in verified.stderr.splitlines() if UNIT.name in line] == []
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True, check=False
    )
    found = re.search(r"exposure level for \S+: ([0-9.]+)", told.stdout)
    assert found, told.stderr
    assert float(found[1]) < 2
