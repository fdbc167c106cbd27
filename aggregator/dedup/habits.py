"""What a source prints again and again: sentences that belong to its pages, titles that belong to its series."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

from aggregator.dedup.features import LEAST, hash_of, plain, squeezed

#: A sentence, or a title, that so many stories of a source have is the source's, not the story's.
USUAL_SENTENCE, USUAL_TITLE = 3, 2
#: So many sentences and titles are remembered of each source, those seen last.
REMEMBERED = 2_000
#: Shorter ones are anyone's: "he said".
LEAST_SENTENCE = 8
#: Longer lines are no notice.
LONGEST_NOTICE = 160

_LETTER = re.compile(r"[^\W_]")
_END = re.compile(r"(?<=[。!?])|(?<=\.)\s+|\n")
#: Lines that begin so, and are short, are no part of any story.
_NOTICE = re.compile(
    r"""[\s(\[【]*(?:
      责任编辑|责编|编辑:|本文来源|文章来源|来源:|原标题|免责声明|版权声明|版权所有|未经授权|分享到|举报\W*反馈|返回首页|
      相关阅读|相关新闻|延伸阅读|推荐阅读|点击(?:进入|下载|查看)|更多精彩|关注我们|
      (?:扫码|扫一扫|扫描|长按).{0,12}(?:关注|下载|加入|阅读|查看|二维码)|
      read\ more|sign\ up|subscribe\b|download\ our|follow\ us|share\ this|related:|related\ articles|advertisement\b|
      copyright\s*(?:©|\(c\)|\d)|©|all\ rights\ reserved|click\ here
    )""",
    re.VERBOSE,
)


class Habits:
    """Of one source. Only the stories it printed first are counted: a copy repeats its story, not the source."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def learn(self, title: str, sentences: Sequence[str]) -> None:
        """Count one story: its ``bare_title``, its ``sentences_of``."""
        keys = dict.fromkeys((hash_of(f"={title}"), *map(_key, sentences)))
        for key in keys:
            if key is not None:
                self._seen[key] = self._seen.pop(key, 0) + 1  # to the end: the last seen
        while len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]

    def is_usual_title(self, title: str) -> bool:
        return self._seen.get(hash_of(f"={title}"), 0) >= USUAL_TITLE

    def story_of(self, sentences: Sequence[str]) -> list[str]:
        """The sentences that are the story's own."""
        if not self._seen:
            return list(sentences)
        return [text for text in sentences if self._seen.get(_key(text) or 0, 0) < USUAL_SENTENCE]

    def usual(self) -> Habits:
        """What reading needs of them alone."""
        few = Habits()
        few._seen = {
            key: times for key, times in self._seen.items() if times >= min(USUAL_SENTENCE, USUAL_TITLE)
        }
        return few

    def packed(self) -> bytes:
        """To be kept, and unpacked by ``unpacked``."""
        figures = chain.from_iterable((key, min(times, 255)) for key, times in self._seen.items())
        return struct.pack("<" + "IB" * len(self._seen), *figures)

    @classmethod
    def unpacked(cls, kept: bytes) -> Habits:
        habits = cls()
        habits._seen = dict(struct.iter_unpack("<IB", kept))
        return habits


def sentences_of(text: str, *, fold: bool = True) -> list[str]:
    """``plain``, those with letters in them; notices left out."""
    lines = plain(text, fold=fold).splitlines()
    told = [line for line in lines if not _is_notice(line)]
    # A short text may be one line that a notice begins: then there is nothing else to go by.
    if sum(map(len, told)) >= LEAST or sum(map(len, lines)) < LEAST:
        lines = told
    return [sentence for line in lines for sentence in _END.split(line) if _LETTER.search(sentence)]


# Asked for when a text is read, once more before it is compared, and when it is learnt.
@lru_cache(maxsize=2_048)
def _key(sentence: str) -> int | None:
    bare = squeezed(sentence)
    return hash_of(bare) if len(bare) >= LEAST_SENTENCE else None


def _is_notice(line: str) -> bool:
    return len(line) <= LONGEST_NOTICE and _NOTICE.match(line) is not None
