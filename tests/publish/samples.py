"""A small newspaper of invented news, Chinese and English, for the preview and the tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from html import escape
from typing import Any

from aggregator.config.model import Output, Section, Site
from aggregator.publish.edition import Also, Paper, PrintedArticle, SectionEdition
from aggregator.publish.feeds import render_feed
from aggregator.publish.fragments import FragmentCache, Rendered
from aggregator.publish.heads import section_head
from storage.model import Article

BASE = "http://127.0.0.1:8765"
AUTHORITY = "news.example.cn,2026"
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon in Shanghai

# (section, hours before noon, source, title, author, picture, paragraphs)
STORIES: list[tuple[str, float, str, str, str, int | None, list[str]]] = [
    ("world", 0.4, "临江晚报", "两岸渡轮恢复夜航，末班船延至零点三十分", "沈一鸣", 1, [
        "停航十一年的夜间渡轮昨晚重新开出。首班船九点离岸，船上坐满了下班的人、拎着相机的学生，还有几位专程来坐一趟的老人。",
        "「以前看完戏就得跑，赶不上就要绕一大圈桥。」家住北岸的许阿姨说，她特意留着当年的船票。",
        "港务部门介绍，夜航每四十分钟一班，票价与白天相同，遇大雾停航会在码头和网站同时公布。",
    ]),
    ("world", 1.2, "Harbour Post", "Old Lighthouse to Reopen as a Weather School", "Nora Lindqvist", 2, [
        "The lighthouse on Skerry Point, dark since the automatic beacon was installed, will take its first "
        "pupils in March.",
        "Children from forty schools will spend two days reading instruments, drawing charts and, weather "
        "permitting, being soaked. “You cannot learn wind from a screen,” said the keeper’s granddaughter.",
    ]),
    ("world", 3.0, "环球通讯", "七国科学家联合测绘冰川湖，数据将向公众开放", "", 3, [
        "来自七个国家的研究人员本周公布了一份冰川湖地图，收录湖泊一万二千余处，其中三百多处被列为重点观察对象。",
        "项目负责人表示，全部数据可以免费下载，沿岸村镇也将收到纸质版的预警手册。",
    ]),
    ("world", 5.5, "Harbour Post", "Night Trains Return to the Coast Line", "Tom Adeyemi", None, [
        "Sleeping cars will leave the capital at ten each evening and reach the coast before breakfast.",
    ]),
    ("world", 8.0, "环球通讯", "山火过后第三年，高原松林里记录到十七种返回的鸟", "白露", None, [
        "护林员在三年间步行四千公里，用录音机记下了林子里重新出现的声音。",
    ]),
    ("finance", 0.9, "财经观察", "社区银行试行「时间存折」：照看一小时，存下一小时", "何其 等", 4, [
        "南城一家社区银行上月开始发放一种特别的存折，里面记的不是钱，而是小时。照看邻居的老人或孩子一小时，就存下一小时，日后可以取用。",
        "目前已有两千多名储户。银行说，最受欢迎的「取款」项目是陪诊和修自行车。",
    ]),
    ("finance", 2.1, "Ledger Weekly", "Small Bakeries Are Beating Inflation With a Shared Oven", "", 5, [
        "Eleven bakeries in one valley closed their own ovens last winter and built a common one. Energy "
        "costs fell by 41 per cent; the queue, they say, grew by about as much.",
    ]),
    ("finance", 4.4, "财经观察", "九月二手家具成交量创新高，「以修代买」带动木工课", "", None, [
        "平台数据显示，九月份二手家具成交量同比增长三成，木工入门课的报名人数翻了一番。",
    ]),
    ("finance", 26, "财经观察", "盐田合作社首次分红：每户四千二百元，外加两袋盐", "江川", None, [
        "合作社成立八年，今年第一次分红。社员大会上，有人提议把盐也分了，全场鼓掌通过。",
    ]),
    ("culture", 0.2, "读书周刊", "一座只在雨天开放的图书馆", "林知夏", 6, [
        "它藏在旧纺织厂的锅炉房里，门口挂着一块木牌：晴天请去晒太阳。管理员说，雨天的人更愿意坐下来，把一本书看完。",
        "馆里没有电脑，借书要在本子上写下名字和「打算什么时候还」。三年来，只有两本没有回来。",
        "最受欢迎的位置是靠窗的四把椅子，雨打在铁皮檐上，像有人在翻一本很大的书。",
    ]),
    ("culture", 6.3, "Harbour Post", "A Choir of Strangers Learns One Song in an Hour", "Ines Carvalho", 7, [
        "No auditions, no sheet music and no second chances: whoever walks into the hall is in the choir.",
    ]),
    ("culture", 9.7, "读书周刊", "古籍修复师直播补书，十万人看她粘一页纸", "", None, [
        "她一个小时没有说话，只在最后举起那页纸对着光：「好了，又能再翻一百年。」",
    ]),
    ("culture", 30, "戏台", "皮影戏班新排《西游》，让孩子自己剪一只猴子上台", "顾小满", None, [
        "演出前半小时，孩子们领到一张卡纸和一把圆头剪刀。剪好的猴子，当晚就会出现在幕布上。",
    ]),
    ("science", 1.8, "科学日历", "蜜蜂会数到五吗？田间实验给出一个谨慎的「会」", "周明远", 8, [
        "研究者在花圃边摆出画着一到六个圆点的卡片，蜜蜂在五个点以内几乎不出错，到了六个就开始犹豫。",
        "论文作者提醒，这不等于它们懂得「数」，也可能只是记住了图案的疏密。",
    ]),
    ("science", 7.2, "Field Notes", "Moss Turns Out to Be a Good Archivist of Rain", "P. Okafor", None, [
        "By reading layers in one cushion of moss, a team has rebuilt sixty years of rain on a roof.",
    ]),
    ("science", 12, "科学日历", "用一根竹竿和一桶水，中学生测出了地球的周长", "", None, [
        "两所相隔八百公里的中学同时量影子，算出的结果与教科书只差百分之二。",
    ]),
]  # fmt: skip
RIGHT_TO_LEFT = ("science", 15, "مرصد", "طلاب يصنعون محطة أرصاد من علب فارغة", "سلمى", None,
                 ["جمع الطلاب القراءات طوال شهر كامل، ثم قارنوها بنشرة الأحوال الجوية الرسمية."])  # fmt: skip

SECTIONS = {"world": "国际", "finance": "财经", "culture": "文化", "science": "科学"}


def uid_of(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=13).hexdigest()


def article(**fields: Any) -> Article:
    """An article with something in every field that has to have something; ``fields`` replace or add."""
    defaults: dict[str, Any] = {
        "uid": uid_of(str(fields.get("title", "one"))),
        "source": "harbour",
        "url": "https://harbour.example/news/1",
        "title": "A bridge opens",
        "summary": "The bridge opened on Friday.",
        "html": "<p>The bridge opened on Friday.</p><p>People walked across.</p>",
        "text": "The bridge opened on Friday.\nPeople walked across.",
        "published": NOON,
        "first_seen": NOON,
    }
    made = Article(**(defaults | fields))
    return made if made.content_hash else replace(made, content_hash=uid_of(repr(made)))


def printed(one: Article | None = None, **fields: Any) -> PrintedArticle:
    defaults: dict[str, Any] = {
        "article": one or article(),
        "source_name": "Harbour Post",
        "source_url": "https://harbour.example/feed.xml",
        "sections": (("world", "World"),),
    }
    return PrintedArticle(**(defaults | fields))


def edition(*articles: PrintedArticle, id: str = "world", **fields: Any) -> SectionEdition:
    title = str(fields.pop("title", "World"))
    return SectionEdition(section=Section(id=id, title=title), title=title, articles=articles, **fields)


def paper(*sections: SectionEdition, **fields: Any) -> Paper:
    defaults: dict[str, Any] = {
        "site": Site(title="The Harbour Reader", base_url=BASE, language="en"),
        "base_url": BASE,
        "id_authority": AUTHORITY,
        "generator_version": "9.9",
    }
    return Paper(sections=sections, **(defaults | fields))


def render_rss(whole: Paper, section: SectionEdition, cache: FragmentCache) -> Rendered:
    return render_feed("rss", whole, section_head(whole, section), section.articles, cache)


def render_atom(whole: Paper, section: SectionEdition, cache: FragmentCache) -> Rendered:
    return render_feed("atom", whole, section_head(whole, section), section.articles, cache)


def render_json(whole: Paper, section: SectionEdition, cache: FragmentCache) -> Rendered:
    return render_feed("json", whole, section_head(whole, section), section.articles, cache)


def sample_paper(*, base_url: str = BASE, empty: bool = False) -> Paper:
    """The whole invented paper; ``empty`` is how it looks before the first poll."""
    stories = [] if empty else [_story(base_url, *row) for row in [*STORIES, RIGHT_TO_LEFT]]
    stories.sort(key=lambda one: one.article.date, reverse=True)
    sections = [
        SectionEdition(
            section=Section(id=id, title=title),
            title=title,
            description="" if id != "culture" else "书、戏、歌，以及一切不急着看完的东西。",
            language="zh-CN",
            articles=tuple(one for one in stories if one.sections[0][0] == id),
        )
        for id, title in SECTIONS.items()
    ]
    everything = SectionEdition(
        section=Section(id="all", title="要闻", include=("*",)),
        title="要闻",
        language="zh-CN",
        articles=tuple(stories),
    )
    return Paper(
        site=Site(
            title="临江读报", description="几家报纸，一份早餐", language="zh-CN", timezone="Asia/Shanghai"
        ),
        base_url=base_url,
        id_authority=AUTHORITY,
        sections=(everything, *sections),
        output=Output(attribution="来源：{source} {link}"),
        generator_version="0.1",
    )


def _story(
    base_url: str,
    section: str,
    hours: float,
    source: str,
    title: str,
    author: str,
    picture: int | None,
    text: list[str],
) -> PrintedArticle:
    uid = uid_of(title)
    language = "ar" if source == "مرصد" else "zh-CN" if "\u4e00" <= title[0] <= "\u9fff" else "en"
    also = (
        (
            Also(source_name="江城日报", url="https://jiangcheng.example/2026/11/20/ferry.html", title=title),
            Also(source_name="环球通讯", url="https://global.example/a/8812", title="夜航渡轮重新开出"),
        )
        if picture == 1
        else ()
    )
    one = Article(
        uid=uid,
        source=uid_of(source)[:8],
        url=f"https://{uid[:6]}.example/news/{uid[:8]}.html",
        title=title,
        summary=text[0],
        html="".join(f"<p>{escape(paragraph)}</p>" for paragraph in text * 2),
        text="\n".join(text),
        authors=(author,) if author else (),
        published=NOON - timedelta(hours=hours),
        first_seen=NOON,
        language=language,
        image=f"{base_url}/pictures/{picture}.svg" if picture else None,
        tags=("渡轮", "夜航") if picture == 1 else (),
        content_hash=uid_of("".join(text)),
    )
    return PrintedArticle(
        article=one,
        source_name=source,
        source_url=f"https://{uid[:6]}.example/feed.xml",
        also=also,
        sections=((section, SECTIONS[section]), ("all", "要闻")),
    )
