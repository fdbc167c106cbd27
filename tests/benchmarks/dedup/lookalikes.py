"""What resembles an article and is none of its copies: reports of one kind, issues of a bulletin, follow-ups, digests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from tests.benchmarks.dedup.measure import Pair, Piece

_WHEN = datetime(2026, 4, 1, tzinfo=UTC)
#: Titles and texts; {n:a:b} is a whole number, {f:a:b} one with two decimals, {d} a day, {w:…} one of some words.
TEMPLATES: dict[str, tuple[tuple[str, str], ...]] = {
    "zh": (
        ("{w:青石|白沙|云湖|江门|柳州}{d}天气", "{w:青石|白沙|云湖|江门|柳州}气象台{d}发布：今天{w:晴|多云|阴|小雨}转{w:晴|多云|阴|小雨}，{w:东|南|西|北}风{n:1:3}到{n:4:6}级，最高气温{n:15:35}℃，最低气温{n:-5:14}℃。\n市民出行请随身携带雨具，早晚注意添减衣物，驾车注意路面湿滑，户外作业人员做好防护。"),
        ("{d}空气质量日报", "市环境监测站{d}通报，全市空气质量指数{n:20:220}，为{w:优|良|轻度污染}，首要污染物{w:臭氧|细颗粒物|可吸入颗粒物}，细颗粒物浓度{n:10:160}微克每立方米。\n明日指数预计在{n:20:220}左右，敏感人群请合理安排户外活动，做好个人防护。"),
        ("七乐彩第2026{n:10:99}期开奖公告", "{d}晚，七乐彩第2026{n:10:99}期开奖，基本号码为{n:1:30}、{n:1:30}、{n:1:30}、{n:1:30}、{n:1:30}、{n:1:30}、{n:1:30}，特别号码{n:1:30}。\n本期一等奖{n:0:9}注，每注奖金{n:100:999}万元，奖池余额{f:1:20}亿元转入下期。请理性购彩，未成年人不得购买彩票。"),
        ("{d}外汇牌价", "外汇交易中心{d}公布，人民币对美元中间价{f:6.5:7.4}，上一交易日{f:6.5:7.4}，变动{n:1:200}个基点。\n欧元{f:7.2:8.3}，日元{f:4.2:5.4}，英镑{f:8.5:9.4}，港币{f:0.8:0.95}。中间价由做市商报价加权平均得出，供市场参考。"),
        ("成品油价格{d}调整", "根据现行价格机制，{d}零时起汽油每吨{w:上调|下调}{n:50:400}元，柴油每吨{w:上调|下调}{n:50:400}元，折合每升约{f:0.03:0.4}元。\n各炼油企业要组织好生产和调运，保障市场供应稳定，主管部门将加强检查，维护正常的市场秩序。"),
        ("{d}股市收盘", "{d}两市{w:高开低走|震荡走低|低开高走}，沪指收于{f:2800:3600}点，{w:涨|跌}{f:0.1:3}%；深成指收于{f:9000:12000}点，{w:涨|跌}{f:0.1:3}%；创业板{w:涨|跌}{f:0.1:3}%。\n成交额合计{f:6000:16000}亿元，{w:银行|煤炭|半导体}板块领涨，{w:地产|白酒|医药}板块居跌幅前列，个股涨跌互现。"),
        ("{w:四川|云南|新疆|青海}发生{f:3:6}级地震", "据台网正式测定，{d}{n:0:23}时{n:0:59}分在{w:四川|云南|新疆|青海}境内发生{f:3:6}级地震，震源深度{n:5:40}千米，距最近的县城{n:10:180}公里。\n当地已派出人员核查灾情，目前未收到人员伤亡报告，震中附近居民普遍有感，部分居民到室外避险。"),
        ("晚间联赛战报", "{d}晚联赛战罢一轮，主队全场投篮命中率{n:35:60}%，抢下{n:25:60}个篮板，送出{n:10:35}次助攻，以{n:80:130}比{n:80:130}结束比赛。\n本场得分最高的球员拿到{n:20:48}分，出场{n:20:47}分钟。下一轮比赛将于周末举行，门票正在发售之中。"),
        ("{d}菜价监测", "市商务局{d}监测显示，全市农贸市场猪肉每斤{f:10:20}元，鸡蛋每斤{f:4:8}元，大白菜每斤{f:0.6:3}元，黄瓜每斤{f:2:7}元，与前日相比{w:上涨|下降}{f:0.1:5}%。\n监测点覆盖全市主要市场和超市，货源充足，品种齐全，价格总体平稳，市民可放心选购。"),
        ("{d}水情通报", "水文站{d}八时通报，干流水位{f:20:40}米，流量每秒{n:800:9000}立方米，较昨日{w:上涨|回落}{f:0.01:0.9}米，库区蓄水{f:1:9}亿立方米。\n沿线各闸站正常调度，请过往船只注意航行安全，附近居民不要到河边游泳或捕鱼。"),
    ),
    "en": (
        ("Forecast for {d}", "{w:Millford|Oakham|Carrow|Stanley} will be {w:dry|wet|bright|overcast} on {d} with a high of {n:10:34} degrees and a low of {n:-6:9}. Winds from the {w:north|south|east|west} at {n:4:44} mph, chance of rain {n:0:99} percent.\nThe weather office asks drivers to allow more time and to look at the warnings on its website before setting out."),
        ("Draw results for {d}", "The numbers drawn on {d} were {n:1:59}, {n:1:59}, {n:1:59}, {n:1:59}, {n:1:59} and {n:1:59}, and the bonus ball was {n:1:59}. The jackpot stood at {f:2:20} million.\nThere were {n:0:5} jackpot winners, and {n:1:12} players matched five numbers and the bonus. The next draw is on Wednesday; players must be over 18."),
        ("Markets on {d}", "The index {w:rose|fell} {f:0.1:2} percent to {f:6500:8200} points on {d}, and the smaller companies {w:rose|fell} {f:0.1:2} percent to {f:17000:22000}. The pound bought {f:1.1:1.4} dollars and {f:1.05:1.25} euros.\nCrude {w:rose|fell} to {f:55:95} dollars a barrel. {w:Miners|Banks|Builders} led the gains and {w:retailers|utilities|airlines} lagged behind."),
        ("Quake of magnitude {f:4:7} reported", "A magnitude {f:4:7} earthquake shook {w:northern Chile|eastern Turkey|central Japan|southern Mexico} on {d}, the survey said, at a depth of {n:5:90} km and {n:10:250} km from the nearest town.\nNo casualties or damage were reported at once and no tsunami warning was given. This report was written by a program from the survey's data."),
        ("Road deaths in the county", "Police recorded {n:3:60} accidents in the week to {d}, in which {n:1:40} people were hurt and {n:0:5} were killed. Speed checks on {n:2:30} roads caught {n:50:900} drivers, the fastest at {n:70:140} mph.\nThe chief constable asked everyone to slow down near schools and reminded drivers that penalties were raised this year."),
        ("House prices in {d}", "The average house sold for {n:180:480},{n:100:999} pounds in the month to {d}, {f:0.1:3} percent {w:more|less} than in the month before and {f:0.2:9} percent {w:more|less} than a year ago. Some {n:30:99},{n:100:999} sales were agreed.\nThe lender that compiles the figures said that the market was held back by the cost of borrowing and a shortage of homes."),
        ("County show results", "The judges at the show on {d} looked at {n:20:400} sheep, {n:20:300} cattle and {n:10:200} horses. The champion ram weighed {n:80:160} kg, the best milker gave {n:30:70} litres, and {n:2:25},{n:100:999} visitors came.\nThe committee thanked the volunteers and said that the field had been kept open for one more day because of the weather."),
    ),
}  # fmt: skip


def _filled(text: str, dice: Random, day: str) -> str:
    parts: list[str] = []
    for part in text.split("{"):
        spec, _, rest = part.partition("}")
        kind, _, bounds = spec.partition(":")
        if not parts:
            parts.append(part)
        elif kind == "d":
            parts.append(day + rest)
        elif kind == "w":
            parts.append(dice.choice(bounds.split("|")) + rest)
        else:
            low, high = (float(bound) for bound in bounds.split(":"))
            found = (
                f"{dice.uniform(low, high):.2f}" if kind == "f" else str(dice.randint(int(low), int(high)))
            )
            parts.append(found + rest)
    return "".join(parts)


def reports(
    lang: str, at: int, count: int, seed: int, every: timedelta = timedelta(hours=3)
) -> Iterator[Piece]:
    """Reports in one template, by three sources in turn."""
    dice = Random(f"{lang}{at}{seed}")
    title, text = TEMPLATES[lang][at]
    months = "January February March April May June July August September October November December".split()
    for number in range(count):
        month, date = dice.randint(1, 12), dice.randint(1, 28)
        day = f"{month}月{date}日" if lang == "zh" else f"{months[month - 1]} {date}"
        when = _WHEN + number * every
        yield Piece(
            uid=f"{lang} template {at}.{number}",
            source=f"s{number % 3}",
            title=_filled(title, dice, day),
            text=_filled(text, dice, day),
            published=when,
            first_seen=when,
        )


def template_pairs(lang: str, count: int, seed: int) -> list[Pair]:
    """So many pairs of each template."""
    return [
        Pair(kind="template", lang=lang, copy=False, one=one, other=replace(other, source="second"))
        for at in range(len(TEMPLATES[lang]))
        for one, other in _by_twos(list(reports(lang, at, 2 * count, seed)))
    ]


def others(pieces: Sequence[Piece], lang: str, seed: int) -> list[Pair]:
    """Unrelated articles, issues of a bulletin, follow-ups and digests, made of the pieces."""
    dice = Random(f"{lang}{seed}")
    mark = "\n" if lang == "zh" else " "
    made: list[Pair] = []

    def add(kind: str, one: Piece, other: Piece) -> None:
        uid = f"{kind}/{other.uid}"
        made.append(
            Pair(kind=kind, lang=lang, copy=False, one=one, other=replace(other, uid=uid, source="second"))
        )

    for at, piece in enumerate(pieces):
        other = pieces[(at + dice.randint(1, len(pieces) - 1)) % len(pieces)]
        add("random", piece, other)
        rubric = "国内快讯" if lang == "zh" else "Daily briefing"
        add("bulletin", replace(piece, uid=f"b/{piece.uid}", title=rubric), replace(other, title=rubric))
        half = piece.text[: int(0.35 * len(other.text))][: len(piece.text) // 3]
        add("follow-up", piece, replace(other, text=f"{other.text}{mark}{half}"))
    return made


def _by_twos(found: list[Piece]) -> list[tuple[Piece, Piece]]:
    return list(zip(found[::2], found[1::2], strict=True))
