"""The pages as a browser reads them: what stands on them, nothing that acts, nothing that is asked for from outside."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from lxml import html as html_parser

from aggregator.config.model import Output, Section, Site
from aggregator.publish.edition import Also, Paper, SectionEdition
from aggregator.publish.fragments import FragmentCache
from aggregator.publish.pages import render_front
from aggregator.publish.paths import RenderedFiles, article_page, render_paper, render_section
from storage.model import Enclosure
from tests.publish.samples import BASE, NOON, article, edition, paper, printed, sample_paper, uid_of
from tests.support.scripts import strange_scripts

FERRY = uid_of("两岸渡轮恢复夜航，末班船延至零点三十分")
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "<!--><img src=x onerror=alert(1)>-->",
    "{{7*7}}{% include 'base.html' %}{{().__class__}}",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "\u202e</a><style>@import '//evil'</style>",
]
HTML_PAYLOADS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>", '<a href="javascript:alert(1)">x</a>', '<a href="jAvAsCrIpT&colon;alert(1)">x</a>',
    '<a href="\x01javascript:alert(1)">x</a>', '<a href="java&#x0a;script:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>', '<a href="vbscript:alert(1)">x</a>',
    "<iframe src=//evil.example></iframe>", "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">', "<form action=//evil><button formaction=//evil>x",
    "<object data=//evil></object><embed src=//evil>", "<base href=//evil>", "<link rel=stylesheet href=//evil>",
    '<meta http-equiv=refresh content="0;url=//evil">', "<style>@import '//evil'</style>",
    '<p style="background:url(//evil)">x</p>', '<video><source onerror=alert(1)></video>',
    "<details open ontoggle=alert(1)>x</details>", "<x-y onclick=alert(1)>x</x-y>", "<p>]]><script>alert(1)</script>",
    '<a href="//evil.example/x">x</a>', "<plaintext>x", "<xmp><script>alert(1)</script></xmp>",
    "<textarea></textarea><script>alert(1)</script>", '<svg><a xlink:href="javascript:alert(1)">x</a></svg>',
    '<svg><use href="data:image/svg+xml,<svg onload=alert(1)>"></svg>', "<select><style></select><img src=x onerror=a()>",
    '<img srcset="javascript:alert(1) 1x" src="https://a.example/p.jpg">', "<!--><img src=x onerror=alert(1)>-->",
    "<template><script>alert(1)</script></template>", '<video poster="javascript:alert(1)"></video>',
    '<a id=location name=cookie href="https://a.example/">x</a>',
]  # fmt: skip


def tree(files: RenderedFiles, name: str) -> Any:
    return html_parser.document_fromstring(files.files[name].decode())


def sample(**fields: Any) -> RenderedFiles:
    return render_paper(replace(sample_paper(), **fields), FragmentCache())


def of_one(**fields: Any) -> RenderedFiles:
    one = printed(article(**{"uid": "one"} | fields))
    return render_paper(paper(edition(one)), FragmentCache())


def text(element: Any) -> str:
    return " ".join(element.text_content().split())


def test_the_front_page_is_a_newspaper() -> None:
    page = tree(sample(), "index.html")
    assert text(page.find(".//h1")) == "临江读报"
    assert text(page.find(".//header//p[@class='date']")) == "2026年11月20日 星期五"
    assert text(page.find(".//article[@class='lead pictured']/h2")) == "一座只在雨天开放的图书馆"
    assert [
        text(heading) for heading in page.findall(".//div[@class='columns across-4']/section/header/h2")
    ] == [
        "国际",
        "财经",
        "文化",
        "科学",
    ]
    assert len(page.findall(".//article")) == len(
        {link.get("href") for link in page.iterfind(".//article//h2/a")}
    ) + len(page.findall(".//article/h3"))


def test_no_story_stands_twice_on_the_front_page() -> None:
    page = tree(sample(), "index.html")
    titles = [link.get("href") for link in page.xpath("//article/*[self::h2 or self::h3]/a")]
    assert len(titles) == len(set(titles)) > 12


def test_every_item_names_its_source_and_its_absolute_time() -> None:
    page = tree(sample(), "world/index.html")
    first = page.find(".//article[1]")
    assert text(first.find(".//p[@class='facts']")) == "临江晚报 11月20日 11:36 另见：江城日报 等 2 家"
    assert first.find(".//time").get("datetime") == "2026-11-20T03:36:00+00:00"
    assert text(page.findall(".//article")[1].find(".//h2")) == "Old Lighthouse to Reopen as a Weather School"
    assert page.findall(".//article")[1].get("lang") == "en"


def test_the_section_page_lets_every_feed_be_found_and_copied() -> None:
    page = tree(sample(), "world/index.html")
    found = [(link.get("type"), link.get("href")) for link in page.iterfind(".//link[@rel='alternate']")]
    assert found == [
        ("application/atom+xml", "../world.atom"),
        ("application/rss+xml", "../world.rss"),
        ("application/feed+json", "../world.json"),
    ]
    assert [field.get("value") for field in page.iterfind(".//input[@readonly]")] == [
        f"{BASE}/world.{form}" for form in ("atom", "rss", "json")
    ]


def test_the_front_page_lets_every_section_be_found() -> None:
    page = tree(sample(), "index.html")
    assert [link.get("href") for link in page.iterfind(".//link[@rel='alternate']")] == [
        f"{id}.atom" for id in ("all", "world", "finance", "culture", "science")
    ]
    assert page.find(".//footer//a[@href='feeds.opml']") is not None
    assert page.find(".//footer//a[@href='status.atom']") is not None


def test_feeds_that_are_not_published_are_not_offered() -> None:
    files = sample(output=Output(formats=("html", "rss")))
    assert {name for name in files.files if name.startswith("world")} == {"world/index.html", "world.rss"}
    page = tree(files, "world/index.html")
    assert [link.get("href") for link in page.iterfind(".//link[@rel='alternate']")] == ["../world.rss"]
    assert page.find(".//footer//a[@href='../feeds.opml']") is None


def test_an_article_page_has_it_in_full_with_its_copies() -> None:
    page = tree(sample(), f"a/{FERRY}.html")
    assert [text(step) for step in page.findall(".//nav[@class='crumbs']//li")] == ["首页", "国际"]
    assert text(page.find(".//h1")) == "两岸渡轮恢复夜航，末班船延至零点三十分"
    assert "沈一鸣" in text(page.find(".//article/header"))
    assert text(page.find(".//div[@class='body']")).startswith("停航十一年的夜间渡轮")
    footer = text(page.find(".//article/footer"))
    assert "阅读原文：临江晚报" in footer
    assert "另见：江城日报、环球通讯" in footer
    assert [text(tag) for tag in page.findall(".//ul[@class='tags']/li")] == ["渡轮", "夜航"]
    assert page.find(".//figure/img").get("src") == f"{BASE}/pictures/1.svg"


def test_a_foreign_article_keeps_its_language_on_a_page_of_the_papers() -> None:
    page = tree(sample(), f"a/{uid_of('Old Lighthouse to Reopen as a Weather School')}.html")
    assert page.get("lang") == "zh-CN"
    assert page.find(".//article").get("lang") == "en"
    assert text(page.find(".//article/header/p/time")) == "2026年11月20日 10:48"


def test_an_article_page_offers_its_files() -> None:
    page = tree(of_one(enclosures=(Enclosure(url="https://a.example/talk.mp3"),)), "a/one.html")
    assert text(page.find(".//section[@class='files']//li")) == "talk.mp3 audio/mpeg"


def test_an_article_without_an_address_names_its_source_without_a_link() -> None:
    page = tree(of_one(url=""), "a/one.html")
    assert page.find(".//article//a") is None
    assert text(page.find(".//article//p[@class='facts']")).startswith("Harbour Post")


def test_an_article_page_is_the_same_from_every_section_and_beside_any_other_article() -> None:
    one, other = (
        printed(sections=(("c", "C"), ("b", "B"))),
        printed(article(title="x", published=NOON + timedelta(1))),
    )
    a, b = edition(one, id="c"), edition(other, one, id="b", language="zh-CN")
    whole = paper(a, b)
    name = article_page(one.article.uid)
    pages = {render_section(whole, section, FragmentCache()).files[name] for section in (a, b)}
    pages.add(render_section(paper(a, edition(id="b")), a, FragmentCache()).files[name])
    assert len(pages) == 1


def test_news_in_one_section_leaves_the_page_of_another_alone() -> None:
    here = edition(printed(), id="c")
    before = render_section(paper(here, edition(id="b")), here, FragmentCache()).files["c/index.html"]
    news = edition(printed(article(title="news", published=NOON + timedelta(days=400))), id="b")
    assert render_section(paper(here, news), here, FragmentCache()).files["c/index.html"] == before


def test_a_paper_before_its_first_poll_says_so() -> None:
    files = render_paper(sample_paper(empty=True), FragmentCache())
    assert text(tree(files, "index.html").find(".//main")) == "暂无文章，首次抓取正在进行，请几分钟后再来。"
    assert "首次抓取正在进行" in text(tree(files, "world/index.html").find(".//main"))


def test_a_paper_without_sections_is_a_page_all_the_same() -> None:
    page = tree(render_paper(paper(), FragmentCache()), "index.html")
    assert "the first poll is under way" in text(page.find(".//main"))


@pytest.mark.parametrize(
    ("language", "zone", "expected"),
    [
        ("en", "Europe/Berlin", "20 Nov 05:00"),
        ("zh-CN", "Asia/Shanghai", "11月20日 12:00"),
        ("zh-TW", "Asia/Taipei", "11月20日 12:00"),
        ("fr", "UTC", "20 Nov 04:00"),
    ],
)
def test_times_are_in_the_zone_and_the_words_of_the_paper(language: str, zone: str, expected: str) -> None:
    whole = paper(edition(printed(), language=language), site=Site(timezone=zone, language=language))
    page = tree(render_paper(whole, FragmentCache()), "world/index.html")
    assert page.get("lang") == language
    assert text(page.find(".//article//time")) == expected


def test_another_year_is_named_and_the_midnight_of_a_bare_date_is_not() -> None:
    old = printed(article(title="old", published=datetime(2024, 10, 24, tzinfo=UTC)))
    page = tree(render_paper(paper(edition(printed(), old)), FragmentCache()), "world/index.html")
    assert [text(time) for time in page.findall(".//article//time")] == ["20 Nov 04:00", "24 Oct 2024"]


def test_in_summary_mode_headlines_lead_to_the_source() -> None:
    files = sample(output=Output(content="summary"))
    assert not [name for name in files.files if name.startswith("a/")]
    link = tree(files, "world/index.html").find(".//article/h2/a")
    assert link.get("href").startswith("https://")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_stays_text_wherever_it_comes_from(payload: str) -> None:
    one = printed(
        article(
            uid="one", title=payload, summary=payload + ".", authors=(payload,), tags=(payload,), site=payload
        ),
        source_name=payload,
        also=(Also(source_name=payload, url="https://a.example/?" + payload, title=payload),),
    )
    section = SectionEdition(
        section=Section(id="world", title=payload), title=payload, description=payload, articles=(one,)
    )
    whole = paper(
        section,
        site=Site(title=payload, description=payload),
        output=Output(attribution="<script>{source}{link}{author}{site}</script>"),
    )
    files = render_paper(whole, FragmentCache())
    clean = render_paper(replace(whole, sections=(edition(printed(article(uid="one"))),)), FragmentCache())
    for name in ("index.html", "world/index.html", "a/one.html"):
        assert_harmless(tree(files, name))
        assert "49" not in files.files[name].decode() or "{{7*7}}" not in payload
        assert tree(clean, name) is not None
    assert payload.split("\u202e")[-1] in tree(files, "a/one.html").find(".//h1").text_content()


@pytest.mark.parametrize("payload", HTML_PAYLOADS)
def test_html_that_acts_is_disarmed_on_the_page(payload: str) -> None:
    assert_harmless(tree(of_one(html=f"<p>before</p>{payload}<p>after</p>"), "a/one.html"))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example/", "\x01javascript:x"]
)
def test_addresses_that_act_are_no_links(url: str) -> None:
    files = of_one(url=url, image=url, enclosures=(Enclosure(url=url),))
    for name in ("index.html", "world/index.html", "a/one.html"):
        assert_harmless(tree(files, name))
        assert tree(files, name).find(".//article//img") is None


def assert_harmless(page: Any) -> None:
    """No element, attribute or address of the page can act or load anything but a picture or a recording."""
    assert not strange_scripts(page)
    assert not page.xpath(
        "//iframe | //object | //embed | //base | //style | //svg | //math | //form[@action!='search' and @action!='../search']"
    )
    for element in page.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name not in ("style", "srcset", "srcdoc", "formaction", "xlink:href")
            if name in ("href", "src", "poster"):
                assert not re.match(r"\s*[a-z]+:", value, re.IGNORECASE) or value.startswith(
                    ("https://", "http://", "mailto:")
                )
                assert not value.startswith("//")
    for image in page.iterfind(".//img"):
        assert image.get("referrerpolicy") == "no-referrer"
    assert len(page.xpath("//link[@rel='stylesheet']")) == 1
    assert "default-src 'none'" in page.xpath("//meta[@http-equiv='Content-Security-Policy']")[0].get(
        "content"
    )


def test_pictures_wait_until_they_are_looked_at_except_the_lead() -> None:
    page = tree(sample(), "index.html")
    images = page.findall(".//img")
    assert [image.get("loading") for image in images] == [None, *["lazy"] * (len(images) - 1)]
    assert all(image.get("width") and image.get("height") for image in images)  # the page does not jump


@pytest.mark.parametrize("name", ["index.html", "world/index.html", f"a/{FERRY}.html"])
def test_a_page_can_be_read_with_keyboard_and_ears(name: str) -> None:
    page = tree(sample(), name)
    assert page.get("lang") == "zh-CN"
    assert len(page.findall(".//h1")) == len(page.findall(".//main")) == 1
    assert page.find(".//body/a").get("href") == f"#{page.find('.//main').get('id')}"
    assert all(image.get("alt") is not None for image in page.iter("img"))
    levels = [int(heading.tag[1]) for heading in page.iter("h1", "h2", "h3", "h4")]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [element.get("id") for element in page.xpath("//*[@id]")]
    assert len(ids) == len(set(ids))
    for field in page.iter("input"):
        assert page.find(f".//label[@for='{field.get('id')}']") is not None


@pytest.mark.parametrize("name", ["index.html", "world/index.html", f"a/{FERRY}.html"])
def test_every_inner_link_leads_to_a_file_of_the_paper(name: str) -> None:
    files = sample()
    folder = name.rpartition("/")[0]
    for link in tree(files, name).xpath("//a[@href] | //link[@rel!='canonical'][@href]"):
        href = re.split("[#?]", link.get("href"))[0]
        if href.startswith("http") or href in ("", "../search"):  # the server answers that
            continue
        path = [*folder.split("/"), *href.split("/")] if folder else href.split("/")
        while ".." in path:
            at = path.index("..")
            del path[at - 1 : at + 1]
        target = "/".join(step for step in path if step != ".").strip("/")
        assert target in files.files or f"{target}/index.html".lstrip("/") in files.files, href


def test_a_front_page_of_thirty_sections_stays_light() -> None:
    def busy(n: int) -> SectionEdition:
        articles = [
            printed(
                article(
                    title=f"新闻标题第{n}版之{k}，写得稍微长一点点看看会怎样",
                    summary="摘要。" * 120,
                    image="https://a.example/p.jpg",
                )
            )
            for k in range(9)
        ]
        return edition(*articles, id=f"s{n}", title=f"版面{n}")

    whole = paper(*(busy(n) for n in range(30)))
    assert len(render_front(whole).body) < 100_000


def test_one_bad_article_leaves_the_pages_standing() -> None:
    bad = printed(article(uid="bad"))
    bad = replace(bad, article=replace(bad.article, title=None))  # type: ignore[arg-type]
    files = render_paper(paper(edition(printed(article(uid="good", title="good")), bad)), FragmentCache())
    assert "good" in files.files["index.html"].decode()
    assert "good" in files.files["world/index.html"].decode()
    assert "a/good.html" in files.files
    assert "a/bad.html" not in files.files
    assert any("bad has no page" in fault for fault in files.faults)


def test_the_sample_paper_is_the_same_at_every_build() -> None:
    whole: Paper = sample_paper()
    assert render_paper(whole, FragmentCache()) == render_paper(sample_paper(), FragmentCache())


# -- directions


@pytest.mark.parametrize(
    ("paper_language", "language", "said"),
    [("ar", "en", ' lang="en" dir="ltr"'), ("en", "he-IL", ' lang="he-IL" dir="rtl"'), ("en", "en", "")],
)
def test_an_article_in_another_language_says_its_direction(
    paper_language: str, language: str, said: str
) -> None:
    section = edition(printed(article(language=language)), id="world", language=paper_language)
    whole = paper(section, site=Site(title="x", language=paper_language))
    page = render_section(whole, section, FragmentCache()).files["world/index.html"].decode()
    assert f'<article class="item"{said}>' in page
    assert (' dir="rtl">' in page.partition("<head>")[0]) is (paper_language == "ar")


def test_a_picture_that_is_shown_is_not_listed_as_a_file_as_well() -> None:
    shown, other = "https://a.example/p.jpg", "https://a.example/more.pdf"
    files = of_one(uid="one", image=shown, enclosures=(Enclosure(url=shown), Enclosure(url=other)))
    assert tree(files, "a/one.html").xpath("//section[@class='files']//a/@href") == [other]


# -- names that lead on


def leading(page: Any) -> dict[str, str]:
    return {
        text(link): link.get("href")
        for link in page.xpath("//ul[@class='tags']//a | //span[@class='author']//a")
    }


def test_tags_and_authors_lead_to_the_search_for_them_where_their_feed_is() -> None:
    files = of_one(uid="one", tags=("潮汐", "a&b"), authors=("李雷", "J. Lee"))
    assert leading(tree(files, "a/one.html")) == {
        "潮汐": "../search?tag=%E6%BD%AE%E6%B1%90",
        "a&b": "../search?tag=a%26b",
        "李雷": "../search?author=%E6%9D%8E%E9%9B%B7",
        "J. Lee": "../search?author=J.+Lee",
    }


def test_what_is_not_found_by_its_name_leads_nowhere() -> None:
    page = tree(of_one(uid="one", labels=("国际新闻",), tags=("潮" * 101, "汐")), "a/one.html")
    assert [text(one) for one in page.xpath("//ul[@class='tags']/li")] == ["国际新闻", "潮" * 101, "汐"]
    assert list(leading(page)) == ["汐"]


def test_without_a_search_names_are_plain() -> None:
    one = printed(article(uid="one", tags=("潮汐",), authors=("李雷",)))
    whole = paper(edition(one, id="world"), output=Output(search=False))
    page = tree(render_paper(whole, FragmentCache()), "a/one.html")
    assert leading(page) == {}
    assert "李雷" in text(page.find(".//header/p"))
