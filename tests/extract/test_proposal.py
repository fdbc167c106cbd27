"""Selectors are proposed where several articles of one source are read in different ways, and only there."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aggregator.config.model import ArticlePage
from aggregator.extract import Proposal, Sampled, extract_article, other_lists, propose

ZONE = ZoneInfo("Asia/Shanghai")
LONG = (
    "渔政处的人说，称重台启用之后，船家们起初并不习惯，后来发现排队的时间反而短了。第{n}号码头的数字最好看。"
)
#: Prose that the template puts beside every article, and that says more than a brief.
ABOUT = (
    "<div class='k9'><p>这个栏目写港口的人和船，每周两次，由三位退休的领航员轮流执笔，他们加起来在海上待了一百一十年。</p>"
    "<p>写得不准的地方，欢迎到旧海关二楼当面指出，茶是现成的，椅子要自己带，下雨天不开门，大风天更不开门。</p></div>"
)


def article(
    n: int, body: str, *, date: str = "2026-11-{n:02} 08:30", title: str = "第{n}号码头的早晨"
) -> Sampled:
    headline = title.format(n=n)
    html = (
        f"<html lang=zh><head><meta charset=utf-8><title>{headline}_港口志</title></head><body>"
        f"<div class=w1><h1 class=k1>{headline}</h1><div class=k2>{date.format(n=n)}</div><div class=k3>{body}</div>{ABOUT}</div></body></html>"
    )
    return Sampled(html=html.encode(), url=f"https://port.example.cn/zhi/{n}.html", headline=headline)


def proposed(*samples: Sampled) -> Proposal:
    return propose(
        [(sample, extract_article(sample.html, sample.url, zone=ZONE)) for sample in samples], ZONE
    )


def test_pages_that_agree_need_none() -> None:
    found = proposed(*(article(n, f"<p>{LONG.format(n=n)}</p>" * 4) for n in (3, 4, 5)))
    assert found == Proposal()


def test_where_a_brief_is_taken_for_its_surroundings_the_body_is_named() -> None:
    brief = article(5, "<p>第5号码头今天没有船，起重机的司机在晒太阳，他说这样的日子一年也就两天。</p>")
    long = [article(n, f"<p>{LONG.format(n=n)}</p>" * 9) for n in (3, 4)]
    assert "退休的领航员" in extract_article(brief.html, brief.url).text  # else this test shows nothing
    found = proposed(*long, brief)
    assert found.selectors == {"body": "div.k3"}
    assert found.doubts
    chosen = ArticlePage.model_validate(found.selectors)
    text = extract_article(brief.html, brief.url, selectors=chosen).text
    assert text == "第5号码头今天没有船，起重机的司机在晒太阳，他说这样的日子一年也就两天。"


def test_a_date_that_only_some_pages_yield_is_named_where_all_show_one() -> None:
    body = f"<p>{LONG}</p>"
    pages = [article(3, body * 4), article(4, body.format(n=4) * 4, date="（2026年11月4日 第七版 © 港口志）")]
    found = proposed(*pages)
    assert found.selectors == {"date": "div.k2"}
    assert found.doubts == ("a date was found on some of the pages only",)


def test_a_title_that_is_the_same_on_every_page_is_named_by_what_the_list_says() -> None:
    def page(n: int) -> Sampled:
        html = (
            "<html lang=zh><head><meta charset=utf-8><title>港口志</title></head><body><h1>港口志</h1>"
            f"<div class=bt>第{n}号码头的早晨</div><div class=k3>{f'<p>{LONG.format(n=n)}</p>' * 4}</div></body></html>"
        )
        return Sampled(
            html=html.encode(), url=f"https://port.example.cn/zhi/{n}.html", headline=f"第{n}号码头的早晨"
        )

    found = proposed(page(3), page(4))
    assert found.selectors == {"title": "div.bt"}
    chosen = ArticlePage.model_validate(found.selectors)
    assert extract_article(page(4).html, page(4).url, selectors=chosen).title == "第4号码头的早晨"


def test_one_page_alone_raises_no_doubt() -> None:
    assert proposed(article(3, "<p>短。</p>")) == Proposal()


def test_names_that_a_program_numbers_are_not_proposed() -> None:
    pages = []
    for n in (3, 4, 5):
        text = f"<p>{LONG.format(n=n)}</p>" * 9 if n < 5 else "<p>第5号码头今天没有船，一年也就两天这样。</p>"
        sample = article(n, text)
        html = sample.html.replace(b"class=k3", b"class=node-8231" + str(n).encode() + b" id=p77123")
        pages.append(Sampled(html=html, url=sample.url, headline=sample.headline))
    found = proposed(*pages)
    assert found.doubts
    assert "body" not in found.selectors


def test_other_lists_of_a_page_come_with_the_path_that_finds_them() -> None:
    tools = "".join(
        f"<li><a href='/tools/instrument-{n}-for-harbours.html'>Instrument {n} for harbours</a></li>"
        for n in range(9)
    )
    news = "".join(f"<p class=n><a href='/n/{n}'>Pier {n} was quiet</a></p>" for n in range(4))
    html = f"<html><body><ul class=tools>{tools}</ul><div class=news>{news}</div></body></html>".encode()
    tried = {f"https://port.example/tools/instrument-{n}-for-harbours.html" for n in range(9)}
    (other,) = other_lists(html, "https://port.example/", beside=tried)
    assert other.select == "p.n > a@href"
    assert [link.title for link in other.links] == [f"Pier {n} was quiet" for n in range(4)]
