"""What is printed of one article, the same in every form: headline, summary, body, by-line, dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from html import escape
from typing import Literal

import nh3

from aggregator.publish.bodies import ALWAYS, laid_out
from aggregator.publish.edition import Also, Paper, PrintedArticle
from aggregator.publish.links import public_url
from aggregator.publish.story_words import story_words_for
from aggregator.publish.words import Words, words_for
from aggregator.text.languages import LANGUAGES
from aggregator.text.markup_rules import REL, SCHEMES, TAGS
from aggregator.text.portions import texts_in_portions
from storage.model import Article

# What no document of ours carries: characters that XML 1.0 §2.2 forbids, and C1 controls, which it allows and
# validators object to.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: The rest, which is looked for in half the time.
_PRINTABLE = re.compile("[ -~\xa0-\ud7ff\t\n\r\ue000-\ufffc\U00010000-\U0010ffff]*")
_SPACE = re.compile(r"\s+")
_PLACEHOLDER = re.compile(r"\{(source|link|author|site)\}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z")
_HEADLINE_CHARS = 60
_SUMMARY_CHARS = 1000
_EXCERPT_CHARS = 200

# No srcset: the cleaner does not look into it. In feeds none that validators do not know of (SecurityRiskAttr), but
# for referrerpolicy, which stands there only where the operator asks for it.
_ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href", "hreflang"},
    "img": {"src", "alt", "width", "height", "referrerpolicy"},
    "audio": {"src", "controls", "preload"},
    "video": {"src", "controls", "preload", "poster", "width", "height"},
    "source": {"src", "type"},
    "time": {"datetime"},
    "q": {"cite"},
    "blockquote": {"cite"},
    "del": {"cite", "datetime"},
    "ins": {"cite", "datetime"},
    "details": {"open"},
    "ol": {"start", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan", "headers", "align"},
    "th": {"colspan", "rowspan", "headers", "scope", "align"},
    "col": {"span"},
    "colgroup": {"span"},
}
_ON_PAGES = {
    "img": _ATTRIBUTES["img"] | {"loading", "decoding"},
    "ol": _ATTRIBUTES["ol"] | {"reversed"},
    "div": {"aria-label"},
}
# Articles come cleaned from normalisation. They are cleaned once more on the way out, because what stands in
# the store may be older than the rules, and subscribers' readers trust us (GHSA-44pq-9929-f8mq).
_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
    url_schemes=set(SCHEMES),
    url_relative="deny",
    link_rel=REL,
)
_PAGE_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes={tag: set(names) for tag, names in {**_ATTRIBUTES, **_ON_PAGES}.items()},
    tag_attribute_values={"div": {"tabindex": {"0"}, "role": {"region"}}},
    allowed_classes={"img": {"alone", "unsized"}, "div": {"wide"}},
    url_schemes=set(SCHEMES),
    url_relative="deny",
    link_rel=REL,
    set_tag_attribute_values=ALWAYS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """What the entries of a section share: with the article it decides an entry's bytes."""

    authority: str
    base_url: str
    language: str  #: BCP 47; decides the words around the articles
    content: Literal["full", "summary"] = "full"
    attribution: str | None = None
    article_pages: bool = True  #: whether an article has a page of ours
    feed: str = ""  #: what tells its ids from those in other feeds; "" where an article has one id


def imprint_of(paper: Paper, language: str, feed: str = "") -> Imprint:
    return Imprint(
        authority=paper.id_authority,
        base_url=paper.base_url,
        language=language_tag(language) or "en",
        content=paper.output.content,
        attribution=paper.output.attribution,
        article_pages=has_article_pages(paper),
        feed=feed if paper.output.entry_ids == "per_section" else "",
    )


def language_tag(tag: str | None) -> str | None:
    """The BCP 47 tag as it may be printed; None when it is none, or its two letters are no language's."""
    tag = (tag or "").strip().replace("_", "-")
    first = tag.partition("-")[0].lower()
    return tag if _LANGUAGE.match(tag) and (len(first) > 2 or first in LANGUAGES) else None


def has_article_pages(paper: Paper) -> bool:
    """Whole articles are worth a page; summaries lead to the source."""
    return "html" in paper.output.formats and paper.output.content == "full"


def printable(text: str) -> str:
    """The text without what a document must not carry. A mark of a lost character becomes a question mark."""
    if _PRINTABLE.fullmatch(text):
        return text
    return _UNPRINTABLE.sub("", text).replace("\ufffd", "?")


def line(text: str) -> str:
    """The text on one line."""
    return _SPACE.sub(" ", printable(text)).strip()


def cut(text: str, longest: int) -> str:
    """The text, ended with an ellipsis where it is too long, between words where there are words."""
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    space = head.rfind(" ", longest * 2 // 3)
    return (head[:space] if space > 0 else head).rstrip(" ,.;:，、。；：") + "…"


def headline(article: Article, language: str | None = None) -> str:
    """The title on one line; for the untitled the beginning of the text."""
    return (
        line(article.title)
        or cut(line(article.summary or article.text), _HEADLINE_CHARS)
        or words_for(language).untitled
    )


def summary(article: Article) -> str:
    """A few plain sentences; "" where the article has no words."""
    given = line(article.summary)
    return cut(given, _SUMMARY_CHARS) if given else cut(line(article.text), _EXCERPT_CHARS)


def authors(printed: PrintedArticle) -> tuple[str, ...]:
    """Who wrote it; else the source: readers show a name, and Atom demands one (RFC 4287 §4.1.2)."""
    named = tuple(dict.fromkeys(filter(None, map(line, printed.article.authors))))
    return named or (line(printed.source_name) or printed.article.source,)


def tags(printed: PrintedArticle) -> tuple[str, ...]:
    """Its tags; before them its section at its source, unless it is printed in one of that name anyway."""
    ours = {name for section_id, title in printed.sections for name in (section_id, line(title))}
    own = [label for label in printed.article.labels[:1] if line(label) not in ours]
    return tuple(dict.fromkeys(filter(None, map(line, (*own, *printed.article.tags)))))


def link_of(printed: PrintedArticle, imprint: Imprint) -> str:
    """Where the article stands: at its source, or on our page where the source gives no address."""
    own = (
        f"{imprint.base_url}/a/{printed.article.uid}.html"
        if imprint.article_pages
        else f"{imprint.base_url}/"
    )
    return public_url(printed.article.url) or own


def cleaned(html: str) -> str:
    """A body of the store as feeds may carry it."""
    return _CLEANER.clean(texts_in_portions(printable(html)))


def body(article: Article, clean: Callable[[str], str] = cleaned) -> str:
    """The body as safe HTML; its text in paragraphs where there is no HTML. ``clean`` does as ``cleaned``."""
    if article.html.strip():
        return clean(article.html)
    return paragraphs(article.text or article.summary)


def page_body(article: Article, words: Words) -> str:
    """The same for a page of ours."""
    if article.html.strip():
        return _PAGE_CLEANER.clean(texts_in_portions(laid_out(printable(article.html), words.table)))
    return body(article)


def paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line(one), quote=False)}</p>" for one in text.splitlines() if line(one))


def content(printed: PrintedArticle, imprint: Imprint, clean: Callable[[str], str] = cleaned) -> str:
    """The whole entry as HTML: body, copies, attribution. "" when it would only repeat the summary."""
    story = story_url(printed, imprint)
    notes = also_line(printed, imprint.language, story) + attribution_line(printed, imprint)
    if imprint.content == "summary":
        return paragraphs(summary(printed.article)) + notes if notes else ""
    return body(printed.article, clean) + notes


#: So many copies are named in an entry; a statement of an agency has hundreds.
MOST_NAMED = 12


def also_line(printed: PrintedArticle, language: str, story: str = "") -> str:
    """ "Also at: …" with a link to each other source, and to the page of the ``story``; "" without copies."""
    words, said = words_for(language), story_words_for(language)
    elsewhere: dict[str, str] = {}
    for url, name, _ in copies_of(printed):
        elsewhere.setdefault(name, url)  # who has it twice is read once
    elsewhere.pop(line(printed.source_name), None)
    copies = [_anchor(url, name) for name, url in elsewhere.items()]
    compared = _anchor(story, said.compared) if story else ""
    if not copies:  # or all of them lead to where the entry leads
        return f"<p>{words.also}{compared}</p>" if compared else ""
    more = said.more.format(n=len(copies) - MOST_NAMED) if len(copies) > MOST_NAMED else ""
    behind = said.compare.format(link=compared) if compared else ""
    return f"<p>{words.also}{words.also_between.join(copies[:MOST_NAMED])}{more}{behind}</p>"


def story_url(printed: PrintedArticle, imprint: Imprint) -> str:
    """The page that compares its copies; "" where there is none."""
    has_page = imprint.article_pages and printed.story is not None
    return f"{imprint.base_url}/story/{printed.article.uid}.html" if has_page else ""


Copy = tuple[str, str, str]  # address, name of the source, title


def copies_of(printed: PrintedArticle) -> list[Copy]:
    """Every copy that can be linked to, each address once."""
    return _linked(printed.also)


def origins_of(printed: PrintedArticle) -> list[Copy]:
    """Those of the copies that the others were taken from."""
    return _linked([also for also in printed.also if also.origin])


def _linked(found: Sequence[Also]) -> list[Copy]:
    copies = {public_url(also.url): also for also in reversed(found)}
    copies.pop("", None)
    return [(url, line(also.source_name) or url, line(also.title)) for url, also in reversed(copies.items())]


def attribution_line(printed: PrintedArticle, imprint: Imprint) -> str:
    """The line of ``output.attribution``, filled in in one pass: no value is ever read as a template."""
    if not imprint.attribution:
        return ""
    link = link_of(printed, imprint)
    values = {
        "source": escape(line(printed.source_name)),
        "link": _anchor(link, link),
        "author": escape(
            "、".join(authors(printed))
            if words_for(imprint.language).chinese
            else ", ".join(authors(printed))
        ),
        "site": escape(line(printed.article.site or printed.source_name)),
    }
    template = escape(printable(imprint.attribution))
    return f"<p>{_PLACEHOLDER.sub(lambda found: values[found[1]], template)}</p>"


def _anchor(url: str, text: str) -> str:
    return f'<a href="{escape(url)}" rel="noopener noreferrer">{escape(text)}</a>'


def instant(when: datetime, uid: str) -> datetime:
    """The moment, with a fraction of a second that tells apart what was dated alike, the same at every build.

    Sources date by the minute or by the day; two entries of one atom:updated are a warning to validators
    (DuplicateUpdated), and leave their order to chance.
    """
    if when.microsecond:
        return when
    fraction = int.from_bytes(blake2b(uid.encode(), digest_size=4).digest(), "big") % 999_999 + 1
    return when + timedelta(microseconds=fraction)
