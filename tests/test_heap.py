"""The C library's ways with memory, in a process of their own: they cannot be taken back."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_FREED = """
from threading import Thread
from aggregator.heap import share_one_heap
share_one_heap()
def rss():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
before = rss()
def fill():
    held = [bytes(200_000) for _ in range(200)]
for _ in range(8):
    thread = Thread(target=fill)
    thread.start()
    thread.join()
print(rss() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries have ways of their own")
def test_documents_that_threads_are_done_with_take_no_memory() -> None:
    left = subprocess.run([sys.executable, "-c", _FREED], check=True, capture_output=True, text=True).stdout
    assert int(left) < 8_000_000


_HOLES = """
from aggregator.heap import give_back, share_one_heap
share_one_heap()
def rss():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
held = [bytes(20_000) for _ in range(2_000)]
del held[:-1]
before = rss()
give_back()
print(before - rss())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries have ways of their own")
def test_free_memory_below_what_is_kept_is_given_back() -> None:
    given = subprocess.run([sys.executable, "-c", _HOLES], check=True, capture_output=True, text=True).stdout
    assert int(given) > 30_000_000


_BETWEEN = """
from aggregator.heap import share_one_heap
share_one_heap()
def rss():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
before = rss()
documents, kept = [], []
for _ in range(400):
    documents.append(b"x" * 100_000)
    kept.append(b"x" * 2_000)
documents.clear()
print(rss() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries have ways of their own")
def test_documents_leave_no_holes_between_what_is_kept() -> None:
    left = subprocess.run([sys.executable, "-c", _BETWEEN], check=True, capture_output=True, text=True).stdout
    assert int(left) < 8_000_000
