"""The words of the server's own pages, in the language of the paper; other languages get English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from aggregator.publish.scripts import converter
from aggregator.publish.words import is_traditional
from aggregator.serve.chinese import in_chinese

Words = Mapping[str, str]

ENGLISH: Words = MappingProxyType(
    {
        "title": "Not here",
        "text": "There is nothing at this address. It may have moved, or never have been published.",
        "gone_title": "No longer here",
        "gone_text": "This section was given up. Please take it off your subscriptions.",
        "home": "To the front page",
        "skip": "Skip to the sources",
        "sources": "Sources",
        "state": "State",
        "any": "All",
        "ok": "ok",
        "failing": "failing",
        "dead": "dead",
        "gone": "gone",
        "paused": "paused",
        "find": "Source, name or address",
        "show": "Show",
        "refresh": "Refresh",
        "as_of": "as of {at} UTC",
        "articles_in_all": "{n} articles",
        "in_a_row": "{n} failed in a row",
        "stale_since": "stale since {moment} UTC",
        "survived": "read despite: {fault}",
        "push": "push {state}: {n}, the last {ago}",
        "push_asked": "push {state}",
        "push_state_asked": "asked",
        "push_state_active": "active",
        "push_state_denied": "denied",
        "push_state_ending": "ending",
        "never": "never",
        "not_again": "not again",
        "last": "Last poll",
        "next": "Next poll",
        "history": "Last polls",
        "new": "{polls} polled, {new} new",
        "most": "at most {most} at once",
        "failed": "{failed} failed",
        "time": "answers in {ms}",
        "no_time": "no answer",
        "polls": "Polls",
        "not_modified": "304",
        "articles": "Articles",
        "duplicates": "Duplicates",
        "copies": "{n} of others",
        "copied": "{n} by others",
        "sort_new": "New",
        "slow": "Answer time",
        "trouble": "Trouble",
        "sort": "Sort",
        "pages": "Pages",
        "none": "No source is like that.",
        "empty": "No sources yet: add one with aggregator add URL, or under sources: in feeds.yaml.",
        "now": "now",
        "in": "in {told}",
        "ago": "{told} ago",
        "s": "{n} s",
        "min": "{n} min",
        "h": "{n} h",
        "days": "{n} days",
    }
)
CHINESE: Words = MappingProxyType(
    {
        "title": "没有找到这一页",
        "text": "这个地址下没有内容，可能已经移动，也可能从未发布。",
        "gone_title": "这个栏目已经停办",
        "gone_text": "请从订阅中将它移除。",
        "home": "回到首页",
        "skip": "跳到来源列表",
        "sources": "来源",
        "state": "状态",
        "any": "全部",
        "ok": "正常",
        "failing": "出错",
        "dead": "失联",
        "gone": "已撤",
        "paused": "暂停",
        "find": "来源、名称或地址",
        "show": "查找",
        "refresh": "刷新",
        "as_of": "截至 {at} UTC",
        "articles_in_all": "共 {n} 篇",
        "in_a_row": "连续失败 {n} 次",
        "stale_since": "自 {moment} UTC 起过久没有新内容",
        "survived": "带伤读出：{fault}",
        "push": "推送{state}：{n} 次，最近 {ago}",
        "push_asked": "推送{state}",
        "push_state_asked": "已申请",
        "push_state_active": "有效",
        "push_state_denied": "被拒",
        "push_state_ending": "将止",
        "never": "从未",
        "not_again": "不再抓取",
        "last": "上次抓取",
        "next": "下次抓取",
        "history": "最近抓取",
        "new": "{polls} 次抓取，新文章 {new} 篇",
        "most": "一次最多 {most} 篇",
        "failed": "失败 {failed} 次",
        "time": "响应 {ms}",
        "no_time": "没有响应",
        "polls": "次数",
        "not_modified": "304",
        "articles": "文章",
        "duplicates": "重复",
        "copies": "转载他人 {n}",
        "copied": "被转载 {n}",
        "sort_new": "新文章",
        "slow": "响应时间",
        "trouble": "问题",
        "sort": "排序",
        "pages": "页码",
        "none": "没有这样的来源。",
        "empty": "还没有来源：用 aggregator add URL 添加，或写在 feeds.yaml 的 sources: 下。",
        "now": "现在",
        "in": "{told}后",
        "ago": "{told}前",
        "s": "{n} 秒",
        "min": "{n} 分钟",
        "h": "{n} 小时",
        "days": "{n} 天",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """How the server's own pages speak."""

    tag: str  #: BCP 47, of the words
    words: Words
    say: Callable[[str], str]  #: a sentence that the store keeps in English


def tongue_of(language: str) -> Tongue:
    """Of a BCP 47 language; English where there is none of its own."""
    tag = language.lower().replace("_", "-")
    if tag.split("-")[0] != "zh":
        return Tongue(tag=language if tag.startswith("en") else "en", words=ENGLISH, say=str)
    if not is_traditional(tag):
        return Tongue(tag=language, words=CHINESE, say=in_chinese)
    convert = converter("hant")
    words = MappingProxyType({name: convert(word) for name, word in CHINESE.items()})
    return Tongue(tag=language, words=words, say=lambda text: convert(in_chinese(text)))
