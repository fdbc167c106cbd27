"""The turns that writers of one process take."""

from __future__ import annotations

import threading

import pytest

from storage import StorageError
from storage.turns import Turns


def test_a_thread_that_waits_for_itself_is_told_so() -> None:
    turns = Turns()
    with turns.take(), pytest.raises(StorageError, match="inside an open poll"), turns.take():
        pass
    with turns.take():
        pass


def test_a_long_row_of_short_turns_lets_others_in_between() -> None:
    turns, order, waiting = Turns(), [], threading.Event()

    def other() -> None:
        waiting.set()
        with turns.take():
            order.append("other")

    thread = threading.Thread(target=other)
    with turns.take():
        thread.start()
        waiting.wait()
        while not turns.wanted():
            pass
    for number in range(100):
        with turns.take():
            order.append(str(number))
    thread.join()
    assert order[0] == "other"
