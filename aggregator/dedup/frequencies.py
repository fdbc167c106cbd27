"""How much each term tells: the fewer texts it occurs in, the more."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping
from math import log, sqrt

from aggregator.dedup.features import Features, term_of
from aggregator.dedup.likeness import Weighed

#: Before anything is read these are taken to stand in half of ``FIRST`` texts: else the first two articles of a
#: language would be alike for being written in it.
FIRST = 100
#: Of more terms all counts are halved, which forgets the rare ones; what is not known is as rare as can be.
MOST_TERMS = 50_000
#: So many texts are kept with their weights until the next one is counted, some forty kilobytes each.
MOST_WEIGHED = 128
#: What is kept begins with this. The first form began with a number of texts, which is not 0.
_FORM = (0, 2)
_ENGLISH = """
a about after all also an and any are as at back be because been before being between both but by can could day did
do down each even first for from get go going had has have he her here him his how i if in into is it its just last
like made make many may me more most mr much must my new no not now of off on one only or other our out over own
people say says said same see she should so some still such t s than that the their them then there these they this
those three through time to too two under up us very was way we week well were what when where which while who will
with work world would year years you your
"""
_CHINESE = """
中国 国家 发展 经济 我国 全国 今年 今天 记者 表示 工作 进行 建设 企业 市场 问题 社会 国际 他们 我们
一个 这个 可以 没有 就是 已经 通过 以及 目前 其中 重要 主要 情况 方面 相关 部门 政府 公司 人民 工程
项目 新的 安全 服务 技术 生产 管理 合作 推进 加强 提高 实现 开展 促进 推动 进一 一步 坚持 全面 地区
城市 年来 亿元 万元 同时 此外 据了 了解 介绍 报道 消息 日电 新华 华社 中新 时间 北京 上海 美国 世界
关系 领导 会议 指出 强调 要求 活动 举行 总书 书记 主席 习近 近平 中央 党的 改革 开放 创新 质量 高质
会主 主义 特色 代表 大会 精神 落实 群众 教育 文化 生活 影响 增长 同比 月份 上午 下午 目标 保障 支持
提供 成为 积极 有关 以来
"""


class Frequencies:
    """In how many texts each term occurs, for scripts without spaces and with them."""

    def __init__(self) -> None:
        self._texts = {True: FIRST, False: FIRST}
        self.counted = 0  #: since it was made
        self._with: dict[bool, dict[int, int]] = {
            unspaced: {term_of(word, unspaced): FIRST // 2 for word in words.split()}
            for unspaced, words in ((True, _CHINESE), (False, _ENGLISH))
        }
        self._forget()

    def _forget(self) -> None:
        """What is only true until another text is counted."""
        self._tells = {unspaced: _Tells(self._texts[unspaced]) for unspaced in (True, False)}
        self._weighed: dict[tuple[Features, bool], Weighed] = {}

    @property
    def texts(self) -> int:
        """Of which the frequencies tell."""
        return sum(self._texts.values())

    def add(self, terms: Mapping[int, float], unspaced: bool) -> None:
        """Count one text."""
        self.counted += 1
        self._texts[unspaced] += 1
        counts = self._with[unspaced]
        for term in terms:
            counts[term] = counts.get(term, 0) + 1
        if len(counts) > MOST_TERMS:
            self._with[unspaced] = {term: count // 2 for term, count in counts.items() if count > 1}
            self._texts[unspaced] //= 2
        self._forget()

    def of(self, term: int, unspaced: bool) -> float:
        return self._tells[unspaced][self._with[unspaced].get(term, 0)]

    def weighed(self, text: Features, unspaced: bool) -> Weighed:
        """Weighed once, as long as nothing is counted: a batch is compared when all of it was."""
        key = text, unspaced
        if (found := self._weighed.get(key)) is None:
            tells, known = self._tells[unspaced], self._with[unspaced]
            terms = {term: often * tells[known.get(term, 0)] for term, often in text.terms.items()}
            found = Weighed(terms, sqrt(sum(weight * weight for weight in terms.values())))
            if len(self._weighed) >= MOST_WEIGHED:
                self._weighed.clear()
            self._weighed[key] = found
        return found

    def packed(self) -> bytes:
        """To be kept: its form, and for each script the texts, how many terms, and these with their counts."""
        figures = array("I", _FORM)
        for unspaced in (True, False):
            counts = self._with[unspaced]
            figures.extend((self._texts[unspaced], len(counts)))
            figures.extend(array("I", counts.keys()))
            figures.extend(array("I", counts.values()))
        return _four_bytes(figures).tobytes()

    @classmethod
    def unpacked(cls, kept: bytes) -> Frequencies:
        """What was kept in another form, by other terms, is learnt anew."""
        frequencies, figures = cls(), array("I")
        figures.frombytes(kept)
        figures, at = _four_bytes(figures), len(_FORM)
        if tuple(figures[:at]) != _FORM:
            return frequencies
        for unspaced in (True, False):
            frequencies._texts[unspaced], terms = figures[at : at + 2]
            middle, begin, at = at + 2 + terms, at + 2, at + 2 + 2 * terms
            frequencies._with[unspaced] = dict(zip(figures[begin:middle], figures[middle:at], strict=True))
        frequencies._forget()
        return frequencies


class _Tells(dict[int, float]):
    """How much a term tells that so many of ``texts`` have."""

    def __init__(self, texts: int) -> None:
        super().__init__()
        self._texts = texts

    def __missing__(self, having: int) -> float:
        self[having] = tells = log(1 + self._texts / (having + 0.5))
        return tells


def _four_bytes(figures: array[int]) -> array[int]:
    """Little-endian, whatever the machine."""
    if sys.byteorder == "big":
        figures.byteswap()
    return figures
