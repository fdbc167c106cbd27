"""How the C library keeps the memory of the process: glibc's ways suit programs that compute on many cores."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable

#: From glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
#: Bytes: less than most documents have. glibc begins with twice as many and raises that with the first document that is
#: freed, so that holes as large stay between what is kept.
_LARGE = 64 << 10
#: Objects made and not freed, after which the collector looks at them.
_YOUNG = 10000


def share_one_heap() -> None:
    """Let all threads take from one heap, and documents go back to the system when they are done with.

    Otherwise each thread has a heap of its own, whose free memory no other may use. To be called before there are
    threads; elsewhere than on glibc it does nothing.
    """
    if mallopt := _of_glibc("mallopt"):
        for option, value in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _LARGE)):
            mallopt(option, value)


def give_back() -> None:
    """Let free memory between what is kept go back to the system.

    After some hundred documents that is 10 MB, and it takes a millisecond.
    """
    if malloc_trim := _of_glibc("malloc_trim"):
        malloc_trim(0)


def keep_what_is_loaded() -> None:
    """Take what is there by now, the program itself mostly, out of what the garbage collector looks through.

    It looks through everything each time the program has grown by a quarter, which takes a tenth of a second. And it
    looks less often: polls under way hold thousands of objects at a time, hardly any of them in circles.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])


def _of_glibc(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform.startswith("linux") else None
