"""Small feeds and pages for tests, said in one line."""

from __future__ import annotations

from html import escape

WORDS = "港口的起重机在晨雾里缓缓转动，工人们把第一批春茶装进集装箱，准备赶上今天正午的潮水。"


def rss(*items: str, title: str = "早报") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>'
        f"<link>http://paper.example/</link><description>d</description>{''.join(items)}</channel></rss>"
    ).encode()


def item(
    number: int | str,
    title: str | None = None,
    *,
    text: str | None = None,
    date: str = "Mon, 02 Mar 2026 07:00:00 GMT",
    link: str | None = None,
    guid: str | None = None,
    category: str = "",
) -> str:
    """One RSS item; number, title and text make it unlike the others."""
    body = (
        text
        if text is not None
        else f"<p>第{number}条。{WORDS}</p><p>编号{number}的补充说明，与别条不同。</p>"
    )
    parts = [
        f"<title>{escape(title or f'新闻{number}')}</title>",
        f"<link>{link or f'http://paper.example/{number}.html'}</link>",
        f'<guid isPermaLink="false">{guid or f"id-{number}"}</guid>',
        f"<pubDate>{date}</pubDate>" if date else "",
        f"<category>{category}</category>" if category else "",
        f"<description>{escape(body)}</description>",
    ]
    return f"<item>{''.join(parts)}</item>"


def listing(*links: str, section: str = "国际") -> bytes:
    """A portal's section page; ``links`` are addresses of articles."""
    rows = "".join(
        f'<li><a href="{link}">{section}要闻第{n}号：潮汐闸启用之后的第一个渔季</a><span>2026-02-1{n % 9}</span></li>'
        for n, link in enumerate(links, start=1)
    )
    return (
        f'<html lang="zh-CN"><head><meta charset="utf-8"><title>{section}_江边网</title></head><body>'
        f'<div class="nav"><a href="/">首页</a> <a href="/about.html">关于</a></div><ul class="list">{rows}</ul>'
        "</body></html>"
    ).encode()


def page(title: str, *paragraphs: str, section: str = "国际", date: str = "2026-03-02") -> bytes:
    """An article page like the reference sample: breadcrumb, title, date glued to the section, paragraphs."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs or (WORDS, f"《{title}》的第二段。{WORDS}"))
    return (
        f'<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}_江边网</title></head><body>'
        f'<div class="crumb">当前位置: <a href="/">江边网</a> &gt; <a href="/guoji/">{section}</a></div>'
        f'<h1>{title}</h1><div class="info">{date}{section}</div><div id="content">{body}</div></body></html>'
    ).encode()
