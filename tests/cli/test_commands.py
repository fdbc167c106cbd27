"""The commands as the contract has them: what they print, and how they end."""

import errno
import json
import os
from pathlib import Path

import pytest

from aggregator.cli import doctor
from aggregator.sources import OpmlOutline, render_opml
from tests.cli.conftest import Run
from tests.support.documents import WORDS, item, listing, page, rss
from tests.support.web import Web, ok, redirect

COMMANDS = [
    "init",
    "add",
    "import",
    "export",
    "check",
    "run",
    "publish",
    "serve",
    "status",
    "articles",
    "explain",
    "split",
    "join",
    "doctor",
]

ARTICLE_KEYS = {
    "uid", "source", "url", "guid", "title", "summary", "html", "text", "authors", "published", "updated", "first_seen",
    "sections", "breadcrumb", "tags", "language", "image", "story", "copy_of",
}  # fmt: skip
STATUS_KEYS = {
    "source", "url", "kind", "state", "last_poll", "last_status", "last_error", "next_poll", "next_poll_reason", "polls",
    "not_modified", "articles",
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_takes_a_configuration(run: Run, command: str) -> None:
    told = run(command, "--help")
    assert told.exit_code == 0
    assert "--config" in told.stdout


@pytest.mark.parametrize("command", ["run", "check", "status", "articles", "publish", "export"])
def test_without_a_configuration_the_remedy_is_named(run: Run, command: str) -> None:
    ended = run(command)
    assert ended.exit_code == 2
    assert "aggregator init" in ended.stderr


def test_a_round_for_cron_polls_publishes_and_ends_well(run: Run, configured: Path, web: Web) -> None:
    web.answer("/feed", ok(rss(item(1, "潮汐闸启用"))))
    ended = run("run", "--once")
    assert ended.exit_code == 0, ended.stderr
    assert "潮汐闸启用" in (configured / "var/public/world.atom").read_text(encoding="utf-8")


def test_a_failing_source_is_named_and_the_round_ends_with_1(run: Run, configured: Path, web: Web) -> None:
    web.answer("/feed", ok(b"", status="404 Not Found"))
    ended = run("run", "--once")
    assert ended.exit_code == 1
    assert "morning: HTTP 404 Not Found" in ended.stderr
    assert "new articles: 0" in ended.stderr


def test_a_quiet_round_says_what_failed_and_nothing_else(run: Run, configured: Path, web: Web) -> None:
    web.answer("/feed", ok(rss(item(1))))
    fine = run("run", "--once", "--quiet")
    assert (fine.exit_code, fine.output) == (0, "")
    web.answer("/feed", ok(b"", status="404 Not Found"))
    failed = run("run", "--once", "--all", "-q")
    assert failed.exit_code == 1
    assert failed.stderr.count("HTTP 404") == 1
    assert run("run", "--quiet").exit_code == 2


def test_faults_of_the_file_come_all_at_once_with_their_places(run: Run, configured: Path) -> None:
    file = configured / "feeds.yaml"
    file.write_text(
        file.read_text(encoding="utf-8") + "outptu: {}\nretention: {articles: soon}\n", encoding="utf-8"
    )
    ended = run("check")
    assert ended.exit_code == 2
    assert "feeds.yaml:8:1" in ended.stderr
    assert "output" in ended.stderr
    assert "feeds.yaml:9" in ended.stderr


def test_articles_and_status_print_the_contracts_fields(run: Run, configured: Path, web: Web) -> None:
    web.answer("/feed", ok(rss(item(1, "潮汐闸启用"), item(2))))
    run("run", "--once")
    articles = json.loads(run("articles", "--json").stdout)
    assert set(articles[0]) >= ARTICLE_KEYS
    assert {article["sections"][0] for article in articles} == {"world"}
    assert articles[0]["published"] == "2026-03-02T07:00:00Z"
    (row,) = json.loads(run("status", "--json").stdout)
    assert set(row) >= STATUS_KEYS
    assert (row["state"], row["articles"], row["polls"], row["last_status"]) == ("ok", 2, 1, 200)


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        (["--search", "潮汐"], ["潮汐闸启用"]),
        (["--search", "没有这个词"], []),
        (["--section", "world", "--limit", "1"], ["潮汐闸启用"]),
        (["--section", "國際", "--limit", "1"], ["潮汐闸启用"]),
        (["--source", "morning", "--since", "2026-03-02"], ["潮汐闸启用", "新闻2"]),
        (["--since", "2026-03-03"], []),
    ],
)
def test_articles_are_searched_and_filtered(
    run: Run, configured: Path, web: Web, options: list[str], titles: list[str]
) -> None:
    web.answer("/feed", ok(rss(item(1, "潮汐闸启用", date="Mon, 02 Mar 2026 08:00:00 GMT"), item(2))))
    run("run", "--once")
    assert [article["title"] for article in json.loads(run("articles", "--json", *options).stdout)] == titles


def test_an_unknown_section_is_a_usage_error_that_names_the_known_ones(
    run: Run, configured: Path, web: Web
) -> None:
    ended = run("articles", "--section", "wrold")
    assert ended.exit_code == 2
    assert "world" in ended.stderr


def test_before_the_first_poll_looking_shows_the_sources_and_says_so(run: Run, configured: Path) -> None:
    ended = run("status", "--json")
    assert ended.exit_code == 0
    assert "aggregator run" in ended.stderr
    (row,) = json.loads(ended.stdout)
    assert (row["source"], row["polls"], row["last_poll"]) == ("morning", 0, None)
    assert json.loads(run("articles", "--json").stdout) == []


def test_the_faults_of_a_file_are_json_for_whoever_asks(run: Run, configured: Path) -> None:
    file = configured / "feeds.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "outptu: {}\n", encoding="utf-8")
    ended = run("check", "--json")
    assert ended.exit_code == 2
    (fault,) = json.loads(ended.stdout)["faults"]
    assert (fault["line"], fault["column"]) == (8, 1)
    assert "output" in fault["message"]


def test_check_refuses_a_database_that_cannot_be(run: Run, configured: Path) -> None:
    file = configured / "feeds.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "storage: {url: 'mysql://x'}\n", encoding="utf-8")
    ended = run("check")
    assert ended.exit_code == 2
    assert ended.stderr.startswith("feeds.yaml:8:16: ")
    assert "mysql" in ended.stderr


def test_status_names_the_error_in_the_row_of_its_source(run: Run, configured: Path, web: Web) -> None:
    web.answer(
        "/feed", ok(rss(item(1)).replace(b"</channel></rss>", b"<item><title>half"), content_type="text/xml")
    )
    assert run("run", "--once").exit_code == 0
    (row,) = json.loads(run("status", "--json").stdout)
    assert row["state"] == "ok"
    assert row["faults"]
    web.answer("/feed", ok(b"", status="404 Not Found"))
    assert run("run", "--once", "--all").exit_code == 1
    line = next(line for line in run("status").stdout.splitlines() if line.startswith("morning"))
    assert "HTTP 404 Not Found" in line


def test_explain_tells_where_an_article_came_from_and_why_it_is_where_it_is(
    run: Run, configured: Path, web: Web
) -> None:
    web.answer("/feed", ok(rss(item(1, "潮汐闸启用"))))
    run("run", "--once")
    told = run("explain", "http://paper.example/1.html")
    assert told.exit_code == 0
    assert "潮汐闸启用" in told.stdout
    assert "morning" in told.stdout
    assert "国际" in told.stdout
    facts = json.loads(run("explain", "--json", "http://paper.example/1.html").stdout)
    assert facts["decisions"][0]["verdict"] == "new"
    assert facts["reasons"]
    assert run("explain", "nothing").exit_code == 1


def test_check_shows_each_step_of_a_source_and_stores_nothing(run: Run, configured: Path, web: Web) -> None:
    web.answer("/feed", ok(rss(item(1, "潮汐闸启用"))))
    told = run("check", "morning")
    assert told.exit_code == 0, told.stderr
    for step in ("fetch", "rss, items: 1", "潮汐闸启用", "world", "next poll"):
        assert step in told.stdout
    assert not (configured / "var").exists()


def test_check_runs_the_page_tests_of_the_file(run: Run, configured: Path) -> None:
    (configured / "page.html").write_bytes(page("潮汐闸启用"))
    file = configured / "feeds.yaml"
    for title, status in (("潮汐闸启用", 0), ("别的题目", 1)):
        test = f'section: 国际, test: [{{url: "file:page.html", title: {title}, section: 国际, date: 2026-03-02}}]}}'
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text[: text.index("section: ")] + test + "\nsections:\n  - {id: world, title: 国际}\n",
            encoding="utf-8",
        )
        told = run("check")
        assert told.exit_code == status, told.stdout + told.stderr


def test_publish_renders_again_what_was_lost(run: Run, configured: Path, web: Web) -> None:
    web.answer("/feed", ok(rss(item(1))))
    run("run", "--once")
    lost = configured / "var/public/world.atom"
    before = lost.read_bytes()
    lost.unlink()
    assert run("publish").exit_code == 0
    assert lost.read_bytes() == before


def test_an_output_folder_that_cannot_be_written_is_named(run: Run, configured: Path, web: Web) -> None:
    web.answer("/feed", ok(rss(item(1))))
    (configured / "var").mkdir()
    (configured / "var/public").write_text("a file where the folder should be")
    ended = run("run", "--once")
    assert ended.exit_code == 1
    assert "var/public" in ended.stderr
    assert run("status", "--json").exit_code == 0  # the articles are stored all the same


# -- init, add, import, export


def test_init_finds_the_feed_of_a_site_and_run_publishes_it(run: Run, tmp_path: Path, web: Web) -> None:
    home = '<html><head><link rel="alternate" type="application/rss+xml" title="晨报" href="/feed"></head><body>hi</body></html>'
    web.answer("/", ok(home.encode(), content_type="text/html"))
    web.answer("/feed", ok(rss(item(1, "潮汐闸启用"), title="晨报")))
    ended = run("init", web.url("/"), "--allow-private", "127.0.0.0/8")
    assert ended.exit_code == 0, ended.stderr
    assert run("run", "--once").exit_code == 0
    assert "潮汐闸启用" in (tmp_path / "var/public/all.atom").read_text(encoding="utf-8")


def test_init_takes_a_page_without_a_feed_as_a_page_source(run: Run, tmp_path: Path, web: Web) -> None:
    links = [f"/guoji/{n}.html" for n in range(101, 107)]
    web.answer("/guoji/", ok(listing(*links), content_type="text/html"))
    for n, link in enumerate(links):
        web.answer(link, ok(page(f"第{n}号渔港", f"{n}。{WORDS}"), content_type="text/html"))
    assert run("init", web.url("/guoji/"), "--allow-private", "127.0.0.0/8").exit_code == 0
    assert "type: page" in (tmp_path / "feeds.yaml").read_text(encoding="utf-8")
    assert run("run", "--once").exit_code == 0
    assert len(json.loads(run("articles", "--json").stdout)) == 6


def test_init_and_check_say_when_robots_txt_forbids_a_page(run: Run, tmp_path: Path, web: Web) -> None:
    web.answer("/robots.txt", ok(b"User-agent: *\nDisallow: /guoji/"))
    web.answer("/guoji/", ok(listing("/guoji/101.html", "/guoji/102.html"), content_type="text/html"))
    ended = run("init", web.url("/guoji/"), "--allow-private", "127.0.0.0/8")
    assert ended.exit_code == 1
    assert "asks programs not to read /guoji/" in ended.stderr
    (tmp_path / "feeds.yaml").write_text(
        f"sources: [{{id: portal, url: '{web.url('/guoji/')}', allow_private: 127.0.0.0/8}}]"
    )
    told = run("check", "portal")
    assert told.exit_code == 1
    assert "robots: ignore" in told.stdout


def test_init_without_addresses_writes_a_file_that_checks(run: Run, tmp_path: Path) -> None:
    assert run("init").exit_code == 0
    assert run("check").exit_code == 0
    again = run("init")
    assert again.exit_code == 2
    assert "--force" in again.stderr


@pytest.mark.parametrize("command", [("init", "-c", "feeds.yaml/x"), ("import", "-c", "feeds.yaml/x", "-")])
def test_a_file_that_cannot_be_begun_is_named(run: Run, configured: Path, command: tuple[str, ...]) -> None:
    ended = run(*command, stdin=b'<opml version="2.0"><body/></opml>')
    assert ended.exit_code == 2
    assert ended.stderr.startswith("aggregator: feeds.yaml/x: ")


def test_init_says_how_to_name_a_network_of_ones_own(run: Run, tmp_path: Path, web: Web) -> None:
    ended = run("init", web.url("/feed"))
    assert ended.exit_code == 1
    assert "--allow-private" in ended.stderr


def test_init_with_an_address_that_leads_nowhere_says_why_and_writes_nothing(
    run: Run, tmp_path: Path, web: Web
) -> None:
    ended = run("init", web.url("/nothing"), "--allow-private", "127.0.0.0/8")
    assert ended.exit_code == 1
    assert "HTTP 404 Not Found; check the address" in ended.stderr
    assert not (tmp_path / "feeds.yaml").exists()


def test_add_keeps_the_comments(run: Run, configured: Path, web: Web) -> None:
    web.answer("/old", redirect(301, "/second"))
    web.answer("/second", ok(rss(item(5), title="乙报")))
    before = (configured / "feeds.yaml").read_text(encoding="utf-8")
    ended = run("add", web.url("/old"), "--section", "国际")
    assert ended.exit_code == 0, ended.stderr
    assert "feed, 1 article: 乙报" in ended.stderr
    assert "feeds.yaml: 1 source added" in ended.stderr
    after = (configured / "feeds.yaml").read_text(encoding="utf-8")
    assert web.url("/second") in after
    assert "# the one that matters" in after
    assert [line for line in after.splitlines() if line in before.splitlines()] == before.splitlines()


def portal(web: Web, article: bytes) -> str:
    web.answer("/a/101.html", ok(article, content_type="text/html"))
    links = [f"/a/{n}.html" for n in range(101, 106)]
    return web.answer("/a/", ok(listing(*links), content_type="text/html"))


def test_add_keeps_an_article_of_a_page_source_as_a_test_that_check_runs(
    run: Run, configured: Path, web: Web
) -> None:
    address = portal(web, page("潮汐闸启用之后", "港口的第一段。" * 9, "港口的第二段。" * 8))
    ended = run("add", address, "--section", "国际")
    assert ended.exit_code == 0, ended.stderr
    assert "潮汐闸启用之后  (2026-03-02; 国际; 120 characters; no author)" in ended.stderr
    assert "page without a feed, 5 articles" in ended.stderr
    (saved,) = (configured / "pages").iterdir()
    assert saved.read_bytes().startswith(b"<html")
    told = run("check")
    assert told.exit_code == 0
    assert f"file:pages/{saved.name}: fine" in told.stdout

    saved.write_bytes(page("另一题", "别的话。" * 30))
    told = run("check")
    assert told.exit_code == 1
    assert "title is '另一题', not '潮汐闸启用之后'" in told.stdout


def test_add_says_so_where_no_article_of_a_page_source_can_be_read(
    run: Run, configured: Path, web: Web
) -> None:
    ended = run("add", portal(web, b"<html><body></body></html>"))
    assert ended.exit_code == 0, ended.stderr
    assert "no article could be read" in ended.stderr
    assert not (configured / "pages").exists()
    assert run("check").exit_code == 0


def test_add_writes_no_selectors_where_articles_are_read_alike(run: Run, configured: Path, web: Web) -> None:
    web.answer("/a/", ok(listing("/a/101.html", "/a/102.html", "/a/103.html"), content_type="text/html"))
    for n in (101, 102, 103):
        web.answer(f"/a/{n}.html", ok(page(f"第{n}号渔港", f"{n}。{WORDS * 2}"), content_type="text/html"))
    ended = run("add", web.url("/a/"))
    assert "read alike without selectors; none are written" in ended.stderr
    assert "article:" not in (configured / "feeds.yaml").read_text(encoding="utf-8")


def _with_about(n: int, body: str) -> bytes:
    """A page whose template says more of itself than a brief says."""
    about = "这个栏目由三位退休的领航员轮流执笔，他们一共在海上待了一百一十年，每周两次，风雨无阻，写港口的人和船。"
    return (
        f"<html lang=zh><head><meta charset=utf-8><title>第{n}号码头的早晨_港口志</title></head><body><div class=w>"
        f"<h1>第{n}号码头的早晨</h1><div class=k3>{body}</div><div class=k9><p>{about}</p><p>{about[::-1]}</p></div></div>"
    ).encode()


@pytest.mark.parametrize("command", ["add", "init"])
def test_selectors_are_proposed_where_articles_are_read_in_different_ways(
    run: Run, configured: Path, web: Web, command: str
) -> None:
    brief = "第103号码头今天没有船，起重机的司机在晒太阳，他说这样的日子一年也就两天。"
    web.answer("/a/", ok(listing("/a/101.html", "/a/102.html", "/a/103.html"), content_type="text/html"))
    for n in (101, 102):
        text = f"<p>{n}号：称重台启用之后，船家们起初并不习惯，后来发现排队的时间反而短了。</p>" * 12
        web.answer(f"/a/{n}.html", ok(_with_about(n, text), content_type="text/html"))
    web.answer("/a/103.html", ok(_with_about(103, f"<p>{brief}</p>"), content_type="text/html"))
    web.answer("/feed", ok(rss(item(1))))
    options = ["--force", "--allow-private", "127.0.0.0/8"] if command == "init" else ["--section", "国际"]
    ended = run(command, web.url("/a/"), *options)
    assert ended.exit_code == 0, ended.stderr
    assert "in doubt: the text stands at different places on different pages" in ended.stderr
    assert "article.body: div.k3" in ended.stderr
    assert "body: div.k3" in (configured / "feeds.yaml").read_text(encoding="utf-8")
    assert run("check").exit_code == 0
    assert run("run", "--once").exit_code == 0
    published = "".join(
        file.read_text(encoding="utf-8") for file in (configured / "var/public").glob("*.atom")
    )
    assert brief in published
    assert "退休的领航员" not in published


def test_add_takes_another_list_where_the_likeliest_leads_to_no_article(
    run: Run, configured: Path, web: Web
) -> None:
    tools = "".join(
        f"<li><a href='/tools/20261100{n}.html'>第{n}号码头的潮汐换算与吃水深度计算器</a></li>"
        for n in range(9)
    )
    news = "".join(f"<p class=n><a href='/a/{n}'>码头{n}的早晨</a></p>" for n in range(4))
    web.answer("/feed", ok(rss(item(1))))
    front = f"<html><meta charset=utf-8><ul class=tools>{tools}</ul><div>{news}</div></html>"
    web.answer("/a/", ok(front.encode(), content_type="text/html"))
    for n in range(4):
        web.answer(f"/a/{n}", ok(page(f"码头{n}的早晨", f"{n}。{WORDS * 2}"), content_type="text/html"))
    ended = run("add", web.url("/a/"))
    assert ended.exit_code == 0, ended.stderr
    assert "in doubt: no article can be read behind the list that looks likeliest" in ended.stderr
    assert "link: p.n > a@href" in (configured / "feeds.yaml").read_text(encoding="utf-8")
    assert run("run", "--once").exit_code == 0
    titles = {row["title"] for row in json.loads(run("articles", "--json").stdout)}
    assert titles >= {f"码头{n}的早晨" for n in range(4)}


def test_import_keeps_the_mode_of_the_file_and_the_link_that_leads_to_it(run: Run, configured: Path) -> None:
    (configured / "subs.opml").write_bytes(
        render_opml("", [OpmlOutline(title="B", url="https://b.example/feed")])
    )
    there = configured / "there"
    there.mkdir()
    file = (configured / "feeds.yaml").rename(there / "real.yaml")
    file.chmod(0o640)
    (configured / "feeds.yaml").symlink_to("there/real.yaml")

    assert run("import", "subs.opml").exit_code == 0

    assert (configured / "feeds.yaml").is_symlink()
    assert "https://b.example/feed" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o7777 == 0o640
    assert list(there.iterdir()) == [file]


def test_a_file_that_cannot_be_replaced_stays_as_it_was(
    run: Run, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    (configured / "subs.opml").write_bytes(
        render_opml("", [OpmlOutline(title="B", url="https://b.example/feed")])
    )
    before = sorted(configured.iterdir()), (configured / "feeds.yaml").read_bytes()
    monkeypatch.setattr(os, "replace", refuse)

    ended = run("import", "subs.opml")

    assert ended.exit_code == 2
    assert "Read-only file system; let this user write it" in ended.stderr
    assert (sorted(configured.iterdir()), (configured / "feeds.yaml").read_bytes()) == before


def test_subscriptions_go_in_and_out_as_opml(run: Run, configured: Path) -> None:
    opml = b"""<opml version="2.0"><head/><body><outline text="\xe5\x9b\xbd\xe9\x99\x85">
      <outline type="rss" text="B" xmlUrl="https://b.example/feed"/></outline>
      <outline type="rss" text="bad" xmlUrl="|rm -rf /"/></body></opml>"""
    (configured / "subs.opml").write_bytes(opml)
    assert run("import", "subs.opml").exit_code == 0
    out = run("export")
    assert out.exit_code == 0
    assert "https://b.example/feed" in out.stdout
    assert "rm -rf" not in out.stdout


def test_folders_come_back_as_sections_where_none_are_declared(run: Run, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(
        "sources: [{url: 'https://a.example/f', section: 国际}, {url: 'https://b.example/f', section: 财经}]\n"
    )
    run("export", "-o", "subs.opml")
    (tmp_path / "feeds.yaml").unlink()
    taken = run("import", "subs.opml")
    assert (taken.exit_code, taken.stderr) == (0, "feeds.yaml: 2 added, 0 were there already\n")
    assert run("export").stdout == (tmp_path / "subs.opml").read_text(encoding="utf-8").replace(
        "Feed Aggregator", "My newspaper"
    )


def test_a_folder_that_is_no_declared_section_is_named(run: Run, configured: Path) -> None:
    (configured / "subs.opml").write_text(
        '<opml version="2.0"><body><outline text="体育"><outline xmlUrl="https://b.example/f"/></outline></body></opml>'
    )
    ended = run("import", "subs.opml")
    assert ended.exit_code == 0
    assert "体育" in ended.stderr


def test_doctor_looks_at_everything_offline(run: Run, configured: Path) -> None:
    told = run("doctor", "--offline", "--json")
    findings = {finding["about"]: finding for finding in json.loads(told.stdout)}
    assert {"python", "packages", "configuration", "database", "output"} <= set(findings)
    assert told.exit_code == 0, told.stdout


def test_doctor_says_whether_rewrites_are_found(
    run: Run, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for encoder, says in ((None, "pip install 'feed-aggregator[semantic]'"), ("encoder 1", "encoder 1")):
        monkeypatch.setattr(doctor, "semantic_encoder", lambda encoder=encoder: encoder)
        told = run("doctor", "--offline")
        (line,) = (line for line in told.stdout.splitlines() if " semantic " in line)
        assert line.startswith("ok ")
        assert line.endswith(says)


@pytest.mark.parametrize("site", ["", "site: {base_url: 'https://paper.example'}\n"])
def test_doctor_says_by_which_name_publishers_know_us_and_what_it_lacks(
    run: Run, configured: Path, site: str
) -> None:
    (configured / "feeds.yaml").write_text(f"{site}sources: [{{id: s, url: 'https://a.example/f'}}]\n")
    (line,) = (line for line in run("doctor", "--offline").stdout.splitlines() if " user agent " in line)
    assert "feed-aggregator/" in line
    assert ("(+https://paper.example)" in line, "site.base_url" in line) == (bool(site), not site)


def test_the_operator_sees_a_sources_whole_address_without_its_password(run: Run, configured: Path) -> None:
    (configured / "feeds.yaml").write_text(
        "sources: [{id: s, url: 'https://me:secret@a.example/f?topic=7'}]\n"
    )
    (row,) = json.loads(run("status", "--json").stdout)
    assert row["url"] == "https://a.example/f?topic=7"
