"""The portal that has no feed: section lists and article pages with the furniture such portals have."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from aggregator.demo.feeds import CHINA
from aggregator.demo.stories import Story

NAME = "江城在线"
#: Section names and their folders.
SECTIONS = {"国际": "guoji", "财经": "caijing", "科技": "keji"}

_BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


def _page(title: str, body: str, *, charset: str) -> str:
    links = " ".join(f'<a href="/portal/{folder}/">{name}</a>' for name, folder in SECTIONS.items())
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="{charset}"><title>{escape(title)}</title></head><body>'
        f'<div class="top"><a href="/portal/">首页</a> {links} <a href="/portal/login.html">登录</a></div>{body}'
        '<div class="footer">版权所有 江城在线 本站内容均为虚构 <a href="/portal/about.html">关于我们</a> '
        '<a href="/portal/contact.html">联系方式</a></div></body></html>'
    )


def listing(section: str, stories: Sequence[Story]) -> bytes:
    """The list page of a section, with its side column of the most read."""
    folder = SECTIONS[section]
    rows = "".join(
        f'<li><a href="/portal/{folder}/{story.id}.html">{escape(story.title)}</a>'
        f'<span class="time">{story.published.astimezone(CHINA):%Y-%m-%d}</span></li>'
        for story in stories
    )
    body = (
        f'<div class="crumb">当前位置: <a href="/portal/">{NAME}</a> &gt; {section}</div>'
        f'<ul class="list">{rows}</ul>'
        '<div class="side"><h3>服务</h3><a href="/portal/weather.html">天气</a> <a href="/portal/bus.html">公交</a></div>'
    )
    return _page(f"{section}_{NAME}", body, charset="utf-8").encode()


def article(story: Story, page: int, related: Sequence[Story]) -> bytes:
    """One page of an article (counted from 1): glued date line, lazy picture, pager, related list."""
    folder = SECTIONS[story.section]
    lead = f"<h2>{story.lead}</h2>" if story.lead and page == 1 else ""
    picture = (
        f'<p><img src="{_BLANK}" data-original="/pictures/{story.picture}.svg" alt=""></p>'
        if story.picture and page == 1
        else ""
    )
    paragraphs = "".join(f"<p>　　{escape(text, quote=False)}</p>" for text in story.pages[page - 1])
    others = "".join(
        f'<li><a href="/portal/{SECTIONS[other.section]}/{other.id}.html">{escape(other.title)}</a></li>'
        for other in related
    )
    body = (
        f'<div class="crumb">当前位置: <a href="/portal/">{NAME}</a> &gt; <a href="/portal/{folder}/">{story.section}</a></div>'
        f"<h1>{escape(story.title)}</h1>"
        f'<div class="info">{story.published.astimezone(CHINA):%Y-%m-%d}{story.section}</div>'
        f'<div id="content">{lead}{picture}{paragraphs}{_pager(story, page, folder)}'
        '<p class="editor">（责任编辑：江小城）</p></div>'
        '<div class="share">分享到：<a href="/share/a">微信</a> <a href="/share/b">微博</a></div>'
        f'<div class="related"><h3>相关阅读</h3><ul>{others}</ul></div>'
    )
    # The page in GB18030 says that it is UTF-8, as pages do whose template was changed and whose files were not.
    text = _page(f"{story.title}_{NAME}", body, charset="utf-8")
    return text.encode("gb18030" if story.gb18030 else "utf-8")


def _pager(story: Story, page: int, folder: str) -> str:
    if len(story.pages) == 1:
        return ""
    marks = " ".join(
        f"<b>{number}</b>"
        if number == page
        else f'<a href="/portal/{folder}/{_name(story, number)}.html">{number}</a>'
        for number in range(1, len(story.pages) + 1)
    )
    following = (
        f' <a href="/portal/{folder}/{_name(story, page + 1)}.html">下一页</a>'
        if page < len(story.pages)
        else ""
    )
    return f'<div class="pager">{marks}{following}</div>'


def _name(story: Story, page: int) -> str:
    return story.id if page == 1 else f"{story.id}_{page}"
