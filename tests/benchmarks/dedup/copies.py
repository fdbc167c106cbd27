"""Copies of any article, of the kinds that portals make, by a seed: none of the pairs that the rules were made on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from aggregator.text.t2s import SIMPLIFIED, TRADITIONAL
from tests.benchmarks.dedup.measure import Pair, Piece

_ENDS = {
    "zh": re.compile(r"[^。！？!?\n]+[。！？!?”」]*|\n"),
    "en": re.compile(r".+?(?:[.!?][\"”']?(?=\s|$)|$)\s*"),
}
_TO_TRADITIONAL = str.maketrans(dict(zip(reversed(SIMPLIFIED), reversed(TRADITIONAL), strict=True)))
#: Words of other scripts of one language: what a conversion by phrases changes beside the characters.
_TAIWAN = (
    "信息>资讯 网络>网路 视频>影片 质量>品质 软件>软体 数据>资料 项目>专案 通过>透过 用户>使用者 支持>支援 智能>智慧 "
    "程序>程式 打印>列印 默认>预设 屏幕>萤幕 激光>雷射 出租车>计程车 方便面>泡面 服务器>伺服器 互联网>网际网路 内存>记忆体 公交>公车"
)
_FURNITURE = {
    "zh": (
        "责任编辑：{name}",
        "扫码下载本站客户端，第一时间获取新闻",
        "本文来源：{site} 作者：{name}",
        "相关阅读：{a} | {b}",
        "（声明：转载此文是出于传递更多信息之目的，若有来源标注错误，请与我们联系，将及时更正、删除。）",
        "更多精彩内容，请关注{site}官方微博",
        "分享到：微博 微信 朋友圈",
        "【免责声明】上述内容仅代表作者观点，不构成任何建议，读者应自行核实相关内容。",
    ),
    "en": (
        "Share this article on Facebook, X or by email",
        "Sign up for the {site} newsletter and never miss a story",
        "READ MORE: {a}",
        "© 2026 {site}. All rights reserved.",
        "Have you got a story? Write to our newsroom at news@site.example",
        "Related: {a}; {b}",
        "The {site} is editorially independent. We may earn a commission from links on this page.",
    ),
}
_PREFIXES = {
    "zh": (
        "【{site}讯】",
        "{site}记者{name}报道：",
        "据{site}消息，",
        "{site}{name}5月3日电 ",
        "（{site}综合消息）",
    ),
    "en": ("({site}) - ", "{site}, May 3 — ", "By {name}, {site}\n", "[{site}] "),
}
_HEADS = {
    "zh": ("重磅！", "关注：", "刚刚，", "热点｜"),
    "en": ("Breaking: ", "Watch: ", "Must read | ", "Exclusive - "),
}
_NAMES = {"zh": ("李明", "赵小红", "周建国", "陈静"), "en": ("Jo Marsh", "P. Okafor", "Ana Ruiz")}
_SITES = {
    "zh": ("江城在线", "北方晚报", "看点网", "新时空"),
    "en": ("Daily Courier", "Northern Post", "Newsline"),
}
_UPDATES = {
    "zh": "更新：截至发稿，事件仍在进一步调查之中，本站将持续关注最新进展。",
    "en": "Update: this story was changed to add a statement that was received after it was first published.",
}

Change = Callable[[str, "Maker"], str]


class Maker:
    """Makes copies of the articles of one language."""

    def __init__(self, lang: str, pieces: Sequence[Piece], dice: Random) -> None:
        self.lang = lang
        self.dice = dice
        self.titles = [piece.title for piece in pieces if piece.title]
        text = "\n".join(piece.text for piece in pieces)
        pattern = r"[\u4e00-\u9fff]{2}" if lang == "zh" else r"[a-z]{4,}"
        self.words = sorted(set(re.findall(pattern, text)))

    def sentences(self, text: str) -> list[str]:
        return [found for found in _ENDS[self.lang].findall(text) if found.strip()]

    def said(self, template: str) -> str:
        dice = self.dice
        return template.format(
            name=dice.choice(_NAMES[self.lang]),
            site=dice.choice(_SITES[self.lang]),
            a=dice.choice(self.titles),
            b=dice.choice(self.titles),
        )


def _wrapped(text: str, make: Maker) -> str:
    return "\n".join(
        (text, *map(make.said, make.dice.sample(_FURNITURE[make.lang], make.dice.randint(2, 4))))
    )


def _prefixed(text: str, make: Maker) -> str:
    return make.said(make.dice.choice(_PREFIXES[make.lang])) + _wrapped(text, make)


def _wide(text: str, make: Maker) -> str:
    wide = {code: code + 0xFEE0 for code in (*range(0x30, 0x3A), *range(0x41, 0x5B))}
    marks = (
        str.maketrans("，。！？：；（）", ",.!?:;()") if make.lang == "zh" else str.maketrans("\"'-", "”’—")
    )
    return text.translate(wide).translate(marks)


def _traditional(text: str, make: Maker) -> str:
    return text.translate(_TO_TRADITIONAL)


def _taiwan(text: str, make: Maker) -> str:
    for pair in _TAIWAN.split():
        was, now = pair.split(">")
        text = text.replace(was, now)
    return text.translate(_TO_TRADITIONAL)


def _dropped(share: float) -> Change:
    def drop(text: str, make: Maker) -> str:
        kept = [part for part in make.sentences(text) if make.dice.random() >= share]
        return "".join(kept or make.sentences(text)[:1])

    return drop


def _reordered(text: str, make: Maker) -> str:
    parts = [part.rstrip("\n") for part in make.sentences(text)]
    make.dice.shuffle(parts)
    return "".join(
        part + make.dice.choice(("", "", "\n")) if make.lang == "zh" else f"{part} " for part in parts
    )


def _reworded(share: float) -> Change:
    """So many of the words that are none of a few everyday ones are others."""

    def reword(text: str, make: Maker) -> str:
        def other(match: re.Match[str]) -> str:
            return make.dice.choice(make.words) if make.dice.random() < share else match.group()

        pattern = r"[\u4e00-\u9fff]{2}" if make.lang == "zh" else r"\b[a-z]{5,}\b"
        return re.sub(pattern, other, text)

    return reword


def _summary(text: str, make: Maker) -> str:
    return text.replace("\n", "")[: 110 if make.lang == "zh" else 220] + "…"


def _lead(text: str, make: Maker) -> str:
    parts = make.sentences(text)
    return "".join(parts[: max(1, round(0.3 * len(parts)))])


def _updated(text: str, make: Maker) -> str:
    parts = make.sentences(text)
    parts.insert(
        make.dice.randint(0, len(parts)), make.dice.choice(_FURNITURE[make.lang][-1:]).format(site="本站")
    )
    return "".join(parts) + "\n" + _UPDATES[make.lang]


def _both(*changes: Change) -> Change:
    def change(text: str, make: Maker) -> str:
        for one in changes:
            text = one(text, make)
        return text

    return change


#: By kind; those whose name ends with + have another title, too.
KINDS: dict[str, Change] = {
    "exact": lambda text, make: text,
    "boilerplate": _wrapped,
    "source prefix": _prefixed,
    "width and punctuation": _wide,
    "traditional": _traditional,
    "traditional, phrases": _taiwan,
    "retitled+": lambda text, make: text,
    "reordered": _reordered,
    "drop 10": _dropped(0.1),
    "drop 20": _dropped(0.2),
    "drop 40": _dropped(0.4),
    "reworded 15": _reworded(0.07),
    "reworded 40": _reworded(0.17),
    "rewrite mix+": _both(_reworded(0.13), _dropped(0.1), _reordered),
    "summary": _summary,
    "lead 30": _lead,
    "update": _updated,
    "repost+": _both(_dropped(0.2), _wrapped, _traditional),
}
ONLY_ZH = {"traditional", "traditional, phrases"}


def copies(pieces: Sequence[Piece], lang: str, seed: int) -> list[Pair]:
    """One copy of each kind of each piece."""
    dice = Random(f"{lang}{seed}")
    make = Maker(lang, pieces, dice)
    return [
        Pair(kind=kind, lang=lang, copy=True, one=piece, other=_copy(piece, kind, change, make))
        for piece in pieces
        for kind, change in KINDS.items()
        if lang == "zh" or kind not in ONLY_ZH
    ]


def _copy(piece: Piece, kind: str, change: Change, make: Maker) -> Piece:
    if kind == "repost+" and make.lang == "en":
        change = _both(_dropped(0.2), _wrapped)
    text = change(piece.text, make)
    title = piece.title
    if kind.endswith("+"):
        said = make.dice.choice(make.sentences(piece.text)).strip()
        title = make.dice.choice(_HEADS[make.lang]) + said[: 28 if make.lang == "zh" else 60]
    return replace(piece, uid=f"{kind}/{piece.uid}", source="second", title=title, text=text)
