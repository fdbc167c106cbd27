from __future__ import annotations

import shutil

import pytest

from tests.benchmarks.serving import measure

pytestmark = pytest.mark.benchmark

FLOOR = 5000  #: conditional requests for each second of the server's CPU


@pytest.mark.timeout(120)
@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed: apt-get install wrk")
def test_one_core_answers_5000_conditional_requests_a_second_in_flat_memory() -> None:
    figures = measure()
    print("", *figures, sep="\n")
    for figure in figures:
        assert figure.failed == 0, figure
        assert figure.grown_kib < 2048, figure
    for figure in figures[:3]:
        assert figure.per_cpu_second >= FLOOR, figure
