"""An encoder that knows which sentences mean the same, and a story in the words of two papers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from aggregator.dedup.features import plain
from aggregator.dedup.semantic.vectors import DIMENSIONS, Matrix, unit

#: Each line twice: in the words of the first paper, and in those of a farm.
SAID = (
    (
        "港务局周三宣布，东堤的旧灯塔从下个月开始停止使用。",
        "下月起，东边堤坝上那座老灯塔将不再亮灯，这是港口主管单位星期三说的。",
    ),
    ("灯塔建成于1931年，曾经为四代渔民指路。", "从1931年算起，祖孙四辈打鱼人都靠它辨认方向。"),
    ("新的导航系统可以覆盖三十海里，误差不到两米。", "取代它的电子设备看得更远，30海里之内偏差仅有1米多。"),
    ("老看守人祁守礼在塔上住了二十八年，舍不得离开。", "在上面度过28个春秋的祁守礼老人，心里很不是滋味。"),
    ("市民建议把灯塔改成博物馆，已经有六百人签名。", "已有600位居民联名呼吁，让它变作一座陈列馆。"),
    ("文物部门表示，评估报告要到年底才能完成。", "至于能否列入保护名单，专家的结论还得等到岁末。"),
    ("在此之前，塔门会上锁，任何人不得登塔。", "眼下大门紧闭，谁也上不去。"),
)
OTHERWISE = (
    "渔民协会的负责人昨天接受采访，谈起今年的收成。",
    "他说鱿鱼的价格比去年高出一成，但是柴油也贵了。",
    "码头上新修了冷库，可以存放八百吨鱼货。",
    "灯塔停用以后，夜里回港的小船担心看不见暗礁。",
    "协会准备给每条船配一台定位仪，费用由县里补助一半。",
    "年轻人愿意上船的不多，船员的平均年龄接近五十岁。",
    "下一个休渔期从五月初开始，为期三个半月。",
)


@dataclass
class Meanings:
    """Vectors by meaning: two lines of one pair are near, all others of one topic have something in common."""

    name: str = "meanings 1"
    asked: list[str] = field(default_factory=list)
    near: float = 0.55

    threads: set[str] = field(default_factory=set)  #: that asked

    def encode(self, sentences: Sequence[str]) -> Matrix:
        self.asked += sentences
        self.threads.add(threading.current_thread().name.partition("_")[0])
        return np.stack([self._row(sentence) for sentence in sentences])

    def _row(self, sentence: str) -> Matrix:
        known = {plain(line): at for at, pair in enumerate(SAID) for line in pair}
        own = np.random.default_rng(abs(int.from_bytes(sentence.encode()[:24], "big")) % 2**32)
        parts = [0.2**0.5 * _random(9_999), 0.8**0.5 * _direction(own)]
        if sentence in known:
            parts = [
                0.2**0.5 * _random(9_999),
                self.near**0.5 * _random(known[sentence]),
                (0.8 - self.near) ** 0.5 * _direction(own),
            ]
        return unit(sum(parts[1:], parts[0]))


def _random(seed: int) -> Matrix:
    return _direction(np.random.default_rng(seed))


def _direction(random: np.random.Generator) -> Matrix:
    return unit(random.standard_normal(DIMENSIONS).astype(np.float32))
