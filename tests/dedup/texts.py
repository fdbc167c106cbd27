"""Articles written for these tests, the copies that portals make of articles, and look-alikes that are no copies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from aggregator.text.t2s import SIMPLIFIED, TRADITIONAL

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The least that can be compared."""

    uid: str
    source: str = "a"
    guid: str = ""
    url: str = ""
    title: str = ""
    text: str = ""
    language: str | None = None
    published: datetime | None = None
    first_seen: datetime = NOW


ARTICLES: dict[str, tuple[tuple[str, str], ...]] = {
    "zh": (
        (
            "柳河上的老桥修复工程下月动工",
            "柳河镇政府三月二日宣布，横跨柳河的老石桥将于下月动工修复，工期预计一百四十天，总投资2360万元。\n"
            "这座建于1907年的五孔石桥全长86.5米，去年夏天的洪水冲深了第三个桥墩下的河床，桥面随后出现裂缝，镇里当即封闭了交通。"
            "负责检测的工程师周岚说，桥墩本身没有倾斜，只要在基础周围灌注混凝土并加抛块石，桥就能再用上几十年。\n"
            "施工期间，两岸居民可以乘坐免费渡船往来，早晚高峰每十二分钟一班。"
            "在桥头开了三十年杂货铺的陈阿婆说，没有桥的日子生意少了一半，她只盼着秋天集市之前能重新看到人从桥上走过来。\n"
            "镇里还打算在桥北建一座小型陈列室，展出修桥时拆下的旧石料和百年来的照片，向社会征集老物件的通知已经贴出。",
        ),
        (
            "高原小镇的夜校教牧民修太阳能板",
            "每到周三晚上，若木镇中学二楼的灯就亮了起来，四十多名牧民在这里学习怎样检修自家帐篷上的太阳能板。\n"
            "夜校由返乡青年扎西顿珠发起，课程分十六讲，从认识万用表开始，到自己更换逆变器为止。"
            "他说，前几年镇上发放了1280套设备，可一坏就得送到三百公里外的县城，许多人干脆扔在一边。\n"
            "如今学员们成立了互助小组，谁家的设备出了毛病，骑马半天之内总能找到会修的人。"
            "去年冬天的一场大雪之后，小组连夜修好了57户的电路，没有一户老人在黑暗中过夜。\n"
            "县里看到效果，决定今年再办四个班，并且给通过考核的学员发放上岗证，工资按次结算。",
        ),
        (
            "海湾渔民试养海带为鱼群留出产卵场",
            "北澳湾的渔民今年春天没有急着下网，他们在近岸的450亩水面上挂起了海带苗绳。\n"
            "海洋研究站的林映雪解释说，海带林能够减缓水流、吸收多余的养分，乌贼和鲷鱼都喜欢在里面产卵，两年之后外围的渔获反而会增加。\n"
            "起初多数船主并不相信，直到去年的试验区里每网平均多捞了31.4公斤，报名的船才从6条变成了49条。"
            "合作社与渔民约定，每年五月到八月海带林里不准作业，违反的船取消下一季的补贴。\n"
            "收割下来的海带一部分卖给食品厂，一部分晒干做肥料，老渔民吴守田说，账算下来不比从前少，而且海水看着清了。",
        ),
    ),
    "en": (
        (
            "Harbour library reopens after two years of repairs",
            "The harbour library in Eastmere reopened on Saturday after two years of repairs that cost 4.35 million pounds, "
            "and more than 1,900 people queued along the quay to see what had become of it.\n"
            "The roof of the old customs house, which has held the town's books since 1931, came down in a storm, and the "
            "salt water that followed ruined most of the ground floor. Volunteers carried some 27,500 volumes up the stairs "
            "by hand in a single night, said the librarian, Ruth Adeyemi, who had not expected anyone to come at all.\n"
            "The architects kept the brick arches and hung a new timber gallery between them. A reading room looks out over "
            "the ferries; below it the children's shelves have been built on wheels, so that they can be moved within 40 "
            "minutes should the water rise again.\n"
            "Not everybody is pleased. The fishermen's association lost its store behind the building, and its chairman "
            "said that promises of another place had been made three times. The council wants to settle the matter by autumn.",
        ),
        (
            "Village bakers revive a forgotten wheat",
            "Six bakers in the hills above Torvale have brought back a red winter wheat that no mill had ground for eighty years, "
            "and this month its flour is sold beyond the valley for the first time.\n"
            "The seed came from a jar that a retired teacher, Owen Pritchard, found in the loft of his school. Of 312 grains "
            "only 48 sprouted. It took seven harvests on borrowed strips of land before there was enough to fill a cart.\n"
            "The wheat stands taller than a man and falls over in heavy rain, which is why farmers gave it up, but it needs no "
            "fertiliser and bakes a loaf that keeps for nine days. A university laboratory has measured 14.2 per cent protein.\n"
            "The bakers have formed a company in which every grower holds one share. They plan to plant 65 hectares next "
            "season and have turned down an offer from a supermarket, because it wanted the name as well as the bread.",
        ),
        (
            "Night trains return to the northern line",
            "Sleeping cars will run again between Halden and the northern coast from the middle of June, eleven years after the "
            "last of them was withdrawn, the railway company announced on Tuesday.\n"
            "Three trains a week will leave at 21.40 and arrive before breakfast. Each has room for 186 passengers in cabins and "
            "another 90 in reclining seats, and a carriage for bicycles, which the old trains never had. The cheapest berth is "
            "to cost 59 crowns.\n"
            "The cars were bought second hand and rebuilt in the company's own works, where apprentices spent 18,000 hours on "
            "the wiring alone. Their manager, Sigrid Holm, said that new ones would have taken five years to arrive.\n"
            "Mayors along the route, who had collected 74,000 signatures, hope for visitors in the quiet months. Whether the "
            "service goes on through the winter depends on how many of the berths are taken by the end of September.",
        ),
    ),
}
FURNITURE = {
    "zh": "\n责任编辑：李四\n扫一扫关注我们的官方账号，每天获取更多精彩内容\n（本文仅代表作者个人观点，与本网立场无关，转载请注明出处。）",
    "en": "\nSign up to our newsletter and get the stories that matter every morning.\nRead more: ten places to see this summer\n"
    "The views expressed here are those of the writer and not of this site.",
}
PREFIX = {"zh": "本报柳河三月三日电（记者 王五）", "en": "EASTMERE (Coast News) - "}
_TO_TRADITIONAL = str.maketrans(dict(zip(reversed(SIMPLIFIED), reversed(TRADITIONAL), strict=True)))


def sentences(text: str) -> list[str]:
    return re.findall(r"[^。!?\n]*?(?:。|(?<!\d)\.(?=\s|$))|[^\n]+", text)


def _dropped(share: float) -> Callable[[str, str, Random], str]:
    def drop(text: str, lang: str, dice: Random) -> str:
        parts = sentences(text)
        gone = set(dice.sample(range(len(parts)), round(share * len(parts))))
        return "".join(part for at, part in enumerate(parts) if at not in gone)

    return drop


def _reordered(text: str, lang: str, dice: Random) -> str:
    lines = text.split("\n")
    dice.shuffle(lines)
    return "\n".join(lines)


def _wide(text: str, lang: str, dice: Random) -> str:
    digits = str.maketrans("0123456789", "０１２３４５６７８９")
    return text.translate(digits).replace("，", ",").replace(" - ", " — ").replace("。", "｡\u200b")


def _updated(text: str, lang: str, dice: Random) -> str:
    more = {
        "zh": "\n更新：最新进展将在晚间公布。",
        "en": "\nUpdate: more details are expected in the evening.",
    }
    return text + more[lang]


#: What portals do to a text.
COPIES: dict[str, Callable[[str, str, Random], str]] = {
    "wrapped": lambda text, lang, dice: text + FURNITURE[lang],
    "prefixed": lambda text, lang, dice: PREFIX[lang] + text,
    "other widths": _wide,
    "traditional": lambda text, lang, dice: text.translate(_TO_TRADITIONAL),
    "reordered": _reordered,
    "a fifth dropped": _dropped(0.2),
    "two fifths dropped": _dropped(0.4),
    "summary": lambda text, lang, dice: text[: 110 if lang == "zh" else 260] + "…",
    "first third": lambda text, lang, dice: text[: len(text) // 3],
    "updated": _updated,
    "wrapped, traditional, dropped": lambda text, lang, dice: (
        PREFIX[lang] + _dropped(0.2)(text, lang, dice).translate(_TO_TRADITIONAL) + FURNITURE[lang]
    ),
}
#: Reports in the same words every day; {} is another number each time.
TEMPLATES = {
    "zh": (
        "清江市气象台今天发布预报：白天多云转阴，最高气温{}℃，最低气温{}℃，偏北风{}到{}级，降水概率{}%。请市民出门注意增减衣物，驾车注意安全。",
        "据地震台网测定，南湾海域发生{}.{}级地震，震源深度{}千米，震中距最近的城镇{}公里。目前没有人员伤亡和财产损失的报告，相关部门正在核实。",
        "今日快乐八球开奖，开奖号码为{}、{}、{}、{}、{}和{}，头奖开出{}注，奖池累计{}万元滚入下期。购彩请理性，未成年人不得购买和兑奖。",
        "今日港口集装箱吞吐量{}箱，比前一日变化{}箱，在港船舶{}艘，平均候泊{}小时。港务局提醒货主提前预约，避开每日高峰时段提箱。",
        "城区空气质量指数为{}，首要污染物浓度{}微克每立方米，预计明日指数在{}上下。请敏感人群减少户外活动，外出佩戴口罩，关好门窗。",
    ),
    "en": (
        "The bay will see sunshine with highs of {} degrees and lows of {} degrees. Winds from the west at {} mph, with a {} "
        "per cent chance of rain. Drivers are asked to take care on the coast road and to check the latest warnings.",
        "A magnitude {}.{} earthquake struck off the southern coast, the survey said. The quake hit at a depth of {} km, {} km "
        "from the nearest town. There were no reports of casualties or damage, and no tsunami warning was issued.",
        "The winning numbers in the Saturday draw were {}, {}, {}, {}, {} and {}. There were {} jackpot winners and {} players "
        "matched five numbers. The next draw takes place on Wednesday. Please play responsibly.",
        "The harbour index closed at {} points, up {} points, while the coastal index lost {} points to {}. Crude rose to {} "
        "crowns a barrel. Shipping companies led the gains while retailers lagged behind the market.",
    ),
}
SHORT = {
    "zh": "市图书馆河西分馆今起延长开放到晚上。|菜场东门改造完成，摊主陆续搬回原位。|公交七路因修路改走河滨大道。|中学生航模队夺得全省第二名。|"
    "老城墙下发现一口宋代水井。|城北新种的樱花本周末开放。|游泳馆换水停业三天，月卡顺延。|山脚停车场启用预约系统。|夜市搬到旧车站广场。|邮局推出本地风光明信片。",
    "en": "The branch library stays open late from today.|The east gate of the market is finished and the traders return.|"
    "Bus seven takes the river road during the works.|The school's model aircraft club came second in the county.|"
    "A well from the twelfth century was found under the wall.|The cherry trees north of the town are in flower.|"
    "The pool is closed for three days; passes are extended.|The car park at the foot of the hill takes bookings now.|"
    "The night market moves to the square before the old station.|The post office sells picture cards of the valley.",
}

FOOTER = {
    "zh": "本站刊登的文章和图片版权归本站及作者所有，未经书面许可不得转载、摘编或以其他方式使用；读者来信请寄编辑部，我们会在十个工作日内答复。"
    "本站对所链接的其他网站的内容不承担责任，如发现差错请与值班编辑联系更正，电话见页面底部，服务时间为每天早八点到晚八点。",
    "en": "This paper follows a code of conduct that an independent body of readers supervises. If you believe that a report "
    "is not correct, write to the desk named on our contact page; we answer every letter within ten working days. Members "
    "receive the weekend edition, the archive and letters from the regions, and may end their membership at any time.",
}


def originals(lang: str) -> list[Story]:
    return [
        Story(uid=f"{lang}{at}", title=title, text=text) for at, (title, text) in enumerate(ARTICLES[lang])
    ]


def copy_of(story: Story, kind: str, lang: str) -> Story:
    text = COPIES[kind](story.text, lang, Random(story.uid + kind))
    return replace(story, uid=f"{story.uid} {kind}", source="b", text=text)


def reports(lang: str, template: str, count: int) -> Iterator[Story]:
    """One every hour, by a few sources in turn; the numbers are the dice's, small enough to be equal now and then."""
    dice = Random(template)
    for at in range(count):
        numbers = [str(dice.randint(1, 40)) for _ in range(template.count("{}"))]
        when = NOW + timedelta(hours=at)
        yield Story(
            uid=f"{template[:12]} {at}",
            source=f"s{at % 3}",
            title="",
            text=template.format(*numbers),
            published=when,
            first_seen=when,
        )
