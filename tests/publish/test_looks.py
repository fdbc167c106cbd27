"""An operator's own templates and style: theirs before ours, told of where they break."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.publish.fragments import FragmentCache
from aggregator.publish.looks import BrokenLook, Look, load_look, our_look
from aggregator.publish.paths import RenderedFiles, render_paper
from tests.publish.samples import sample_paper


def look(tmp_path: Path, style: str | None = None, **templates: str) -> Look:
    folder = tmp_path / "templates"
    folder.mkdir(exist_ok=True)
    for name, text in templates.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    sheet = None
    if style is not None:
        sheet = tmp_path / "paper.css"
        sheet.write_text(style, encoding="utf-8")
    return load_look(folder, sheet)


def printed(with_look: Look) -> RenderedFiles:
    return render_paper(replace(sample_paper(), look=with_look), FragmentCache())


def test_a_template_of_theirs_stands_in_the_place_of_ours(tmp_path: Path) -> None:
    files = printed(look(tmp_path, item="<article>« {{ item.title }} »</article>"))
    assert "« 两岸渡轮恢复夜航" in files.files["world/index.html"].decode()
    assert "«" not in files.files["index.html"].decode()


def test_a_template_of_theirs_can_extend_ours(tmp_path: Path) -> None:
    base = '{% extends "ours/base.html" %}{% block main %}<p>edition of {{ site_title }}</p>{{ super() }}{% endblock %}'
    page = printed(look(tmp_path, base=base)).files["world/index.html"].decode()
    assert page.count("edition of 临江读报") == 0, "section.html fills the block itself"
    section = '{% extends "ours/section.html" %}{% block main %}{{ super() }}<p>edition of {{ site_title }}</p>{% endblock %}'
    page = (
        printed(look(tmp_path, section=section, base='{% extends "ours/base.html" %}'))
        .files["world/index.html"]
        .decode()
    )
    assert "edition of 临江读报" in page
    assert "两岸渡轮恢复夜航" in page


def test_a_style_of_theirs_comes_after_ours(tmp_path: Path) -> None:
    files = printed(look(tmp_path, style=":root{--accent:#00f}"))
    assert files.files["assets/own.css"] == b":root{--accent:#00f}"
    assert files.files["assets/style.css"] == our_look().style
    for name, folder in (("index.html", ""), ("world/index.html", "../")):
        page = files.files[name].decode()
        assert page.index(f'href="{folder}assets/style.css') < page.index(f'href="{folder}assets/own.css')


def test_without_a_style_of_theirs_there_is_none(tmp_path: Path) -> None:
    files = printed(look(tmp_path))
    assert "assets/own.css" not in files.files
    assert "own.css" not in files.files["index.html"].decode()


def test_the_address_of_the_style_changes_with_it(tmp_path: Path) -> None:
    marks = {our_look().mark, look(tmp_path, "a{}").mark, look(tmp_path, "b{}").mark}
    marks.add(look(tmp_path, "b{}", item="x").mark)
    assert len(marks) == 4


def test_another_look_prints_what_the_cache_holds_anew(tmp_path: Path) -> None:
    cache, paper = FragmentCache(), sample_paper()
    render_paper(paper, cache)
    own = replace(paper, look=look(tmp_path, item="<article>« {{ item.title }} »</article>"))
    assert render_paper(own, cache).files == printed(own.look).files


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("<p>\n{{ item.title }\n</p>", 2, "unexpected '}'"),
        ("<p>\n\n{% if %}</p>", 3, "Expected an expression"),
        ("{{ item.title|shout }}", 1, "No filter named 'shout'"),
    ],
)
def test_a_template_that_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, why: str
) -> None:
    with pytest.raises(BrokenLook, match="the pages stay as they were") as caught:
        look(tmp_path, item=text)
    assert f"{tmp_path}/templates/item.html:{line}: " in str(caught.value)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "line", "why"),
    [
        ("item", "<p>\n{{ item.titel }}</p>", 2, "has no attribute 'titel'"),
        ("article", "<p>\n\n{{ whereabouts }}</p>", 3, "'whereabouts' is undefined"),
        ("front", "{% extends 'nowhere.html' %}", 1, "nowhere.html"),
        ("section", "{{ 1 / 0 }}", 1, "division by zero"),
        ("item", "{{ ''.__class__.__mro__ }}", 1, "unsafe"),
        ("base", "\n{% include 'base.html' %}", 2, "recursion"),
    ],
)
def test_a_template_that_breaks_at_work_is_named_with_its_line(
    tmp_path: Path, name: str, text: str, line: int, why: str
) -> None:
    with pytest.raises(BrokenLook) as caught:
        printed(look(tmp_path, **{name: text}))
    assert f"{name}.html:{line}: " in str(caught.value)
    assert why in str(caught.value)


def test_what_is_filled_in_is_escaped_in_their_templates_too(tmp_path: Path) -> None:
    paper = sample_paper()
    site = paper.site.model_copy(update={"title": "<script>alert(1)</script>"})
    own = replace(paper, site=site, look=look(tmp_path, item="{{ item.title }}", front="{{ site_title }}"))
    page = render_paper(own, FragmentCache()).files["index.html"].decode()
    assert page == "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.mark.parametrize("name", ["templates", "paper.css"])
def test_what_is_not_there_is_said(tmp_path: Path, name: str) -> None:
    missing = tmp_path / "away" / name
    with pytest.raises(BrokenLook, match=name):
        load_look(missing) if name == "templates" else load_look(None, missing)
