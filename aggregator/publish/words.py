"""The words and dates that stand around the articles, in the language of the paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RIGHT_TO_LEFT = frozenset(("ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"))
_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language. Each field is what a reader sees."""

    chinese: bool
    also: str
    also_between: str
    untitled: str
    skip: str
    sections: str
    front: str
    latest: str
    more: str
    subscribe: str
    feed_address: str
    subscribe_hint: str
    all_feeds: str
    nothing: str
    empty_section: str
    empty_paper: str
    source: str
    read_at: str
    read_here: str
    published: str
    updated: str
    by: str
    status: str
    status_ok: str
    made_by: str
    author_between: str
    breadcrumb: str
    files: str
    count: str  #: {n} stands for the number of articles
    also_more: str  #: after the first of {n} copies
    search: str
    search_hint: str
    search_for: str  #: {q}
    search_help: str
    found: str  #: {n} articles
    found_more: str  #: at least {n}, and only these are listed
    found_nothing: str
    all_sections: str
    all_sources: str
    pages: str
    light: str
    light_auto: str
    light_bright: str
    light_dark: str
    table: str
    fresh_one: str  #: one article came while the page was read
    fresh_many: str  #: {n} of them
    days: tuple[str, ...] = _DAYS


ENGLISH = Words(
    chinese=False,
    also="Also at: ",
    also_between=", ",
    untitled="(untitled)",
    skip="Skip to the articles",
    sections="Sections",
    front="Front page",
    latest="Latest",
    more="All of {title}",
    subscribe="Subscribe",
    feed_address="Feed address",
    subscribe_hint="Copy the address into your feed reader.",
    all_feeds="All feeds in one file (OPML)",
    nothing="Nothing here yet.",
    empty_section="Nothing here yet; the first poll is under way. Come back in a few minutes.",
    empty_paper="Nothing printed yet; the first poll is under way. Come back in a few minutes.",
    source="Source",
    read_at="Read it at {source}",
    read_here="Read here",
    published="Published",
    updated="Updated",
    by="By",
    status="Source health (feed)",
    status_ok="All sources are well.",
    made_by="Made with",
    author_between=", ",
    breadcrumb="You are here",
    files="Files",
    count="{n} articles",
    also_more=" and others",
    search="Search",
    search_hint="Words in title or text",
    search_for="Search: {q}",
    search_help="Every word has to occur in the title or the text.",
    found="{n} found",
    found_more="The {n} newest of more",
    found_nothing="Nothing found. Try another word, or fewer.",
    all_sections="Any",
    all_sources="Any",
    pages="Pages",
    light="Appearance",
    light_auto="Auto",
    light_bright="Light",
    light_dark="Dark",
    table="Table",
    fresh_one="1 new article",
    fresh_many="{n} new articles",
)
SIMPLIFIED = Words(
    chinese=True,
    also="另见：",
    also_between="、",
    untitled="（无题）",
    skip="跳到正文",
    sections="版面",
    front="首页",
    latest="最新",
    more="{title}全部文章",
    subscribe="订阅",
    feed_address="订阅地址",
    subscribe_hint="将此地址复制到阅读器中即可订阅。",
    all_feeds="全部订阅源（OPML）",
    nothing="暂无文章。",
    empty_section="暂无文章，首次抓取正在进行，请几分钟后再来。",
    empty_paper="暂无文章，首次抓取正在进行，请几分钟后再来。",
    source="来源",
    read_at="阅读原文：{source}",
    read_here="阅读全文",
    published="发布于",
    updated="更新于",
    by="作者",
    status="来源状态（订阅源）",
    status_ok="所有来源均正常。",
    made_by="制作工具",
    author_between="、",
    breadcrumb="当前位置",
    files="附件",
    count="{n} 篇文章",
    also_more=" 等 {n} 家",
    search="搜索",
    search_hint="标题或正文中的词",
    search_for="搜索：{q}",
    search_help="用空格分开的每个词，都要在标题或正文中出现。",
    found="找到 {n} 篇",
    found_more="只列出最新的 {n} 篇",
    found_nothing="没有找到。换一个词，或者少用几个词试试。",
    all_sections="不限",
    all_sources="不限",
    pages="页码",
    light="外观",
    light_auto="自动",
    light_bright="浅色",
    light_dark="深色",
    table="表格",
    fresh_one="有 1 篇新文章",
    fresh_many="有 {n} 篇新文章",
    days=("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
)
TRADITIONAL = Words(
    chinese=True,
    also="另見：",
    also_between="、",
    untitled="（無題）",
    skip="跳到正文",
    sections="版面",
    front="首頁",
    latest="最新",
    more="{title}全部文章",
    subscribe="訂閱",
    feed_address="訂閱網址",
    subscribe_hint="將此網址複製到閱讀器中即可訂閱。",
    all_feeds="全部訂閱源（OPML）",
    nothing="暫無文章。",
    empty_section="暫無文章，首次擷取正在進行，請幾分鐘後再來。",
    empty_paper="暫無文章，首次擷取正在進行，請幾分鐘後再來。",
    source="來源",
    read_at="閱讀原文：{source}",
    read_here="閱讀全文",
    published="發布於",
    updated="更新於",
    by="作者",
    status="來源狀態（訂閱源）",
    status_ok="所有來源均正常。",
    made_by="製作工具",
    author_between="、",
    breadcrumb="目前位置",
    files="附件",
    count="{n} 篇文章",
    also_more=" 等 {n} 家",
    search="搜尋",
    search_hint="標題或內文中的詞",
    search_for="搜尋：{q}",
    search_help="用空格分開的每個詞，都要在標題或內文中出現。",
    found="找到 {n} 篇",
    found_more="只列出最新的 {n} 篇",
    found_nothing="沒有找到。換一個詞，或者少用幾個詞試試。",
    all_sections="不限",
    all_sources="不限",
    pages="頁碼",
    light="外觀",
    light_auto="自動",
    light_bright="淺色",
    light_dark="深色",
    table="表格",
    fresh_one="有 1 篇新文章",
    fresh_many="有 {n} 篇新文章",
    days=("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
)


def words_for(language: str | None) -> Words:
    """The words of a BCP 47 language; English where there are none of its own."""
    tag = (language or "").lower().replace("_", "-")
    if is_traditional(tag):
        return TRADITIONAL
    return SIMPLIFIED if tag == "zh" or tag.startswith("zh-") else ENGLISH


def is_traditional(tag: str) -> bool:
    """Whether a BCP 47 tag in lower case is one of Traditional Chinese."""
    return tag.startswith(_TRADITIONAL)


def direction(language: str) -> str:
    """``rtl`` or ``ltr``, as the attribute ``dir`` has it: in which direction a BCP 47 language is written."""
    return "rtl" if language.lower().replace("_", "-").split("-")[0] in _RIGHT_TO_LEFT else "ltr"


def long_date(when: datetime, zone: tzinfo, words: Words) -> str:
    """The date in the masthead, as "Monday, 23 November 2026"."""
    day = when.astimezone(zone)
    if words.chinese:
        return f"{day.year}年{day.month}月{day.day}日 {words.days[day.weekday()]}"
    return f"{words.days[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_time(when: datetime, zone: tzinfo, words: Words, *, this_year: int) -> str:
    """Date and time of an item. Neither ``this_year`` is said, nor the midnight of a bare date."""
    day = when.astimezone(zone)
    clock = "" if (day.hour, day.minute, day.second) == (0, 0, 0) else f"{day:%H:%M}"
    if words.chinese:
        date = (
            f"{day.month}月{day.day}日" if day.year == this_year else f"{day.year}年{day.month}月{day.day}日"
        )
    else:
        date = f"{day.day} {_MONTHS[day.month - 1][:3]}" + ("" if day.year == this_year else f" {day.year}")
    return f"{date} {clock}".rstrip()
