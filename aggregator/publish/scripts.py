"""Simplified and Traditional Chinese: an edition in the other script, converted by OpenCC.

Words are converted, titles and texts alike; addresses and markup are not, but for what ``alt`` and ``title`` say. What
is written in the wanted script already, and what is not Chinese, stays as it is. An article keeps its uid, and so its
id.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import cache
from typing import Any

from aggregator.config.model import Script
from aggregator.publish.edition import PrintedArticle, SectionEdition
from aggregator.publish.fragments import fragment_key
from aggregator.text.script import han_script
from storage.model import Article

#: By wanted script: OpenCC's configuration, the script it writes (ISO 15924), and the language tag of the result.
#: The regions' have their own words, too (软件 → 軟體).
_SCRIPTS: dict[Script, tuple[str, str, str]] = {
    "hans": ("t2s", "Hans", "zh-Hans"),
    "hant": ("s2t", "Hant", "zh-Hant"),
    "hant-tw": ("s2twp", "Hant", "zh-TW"),
    "hant-hk": ("s2hkp", "Hant", "zh-HK"),
}
#: Traditional Chinese of one region, in the words of the other.
_FROM_TRADITIONAL: dict[Script, str] = {"hans": "t2s", "hant": "", "hant-tw": "t2tw", "hant-hk": "t2hk"}
_SAMPLE = 400
_KEPT = 2048
_MARKUP = re.compile(r"(<[^>]*>)")
_SAID = re.compile(r'(?<=\s)((?:alt|title)=")([^"]*)(")')

_Convert = Callable[[str], str]


class Scripts:
    """Converts, and remembers the articles converted last. Safe to share between threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, PrintedArticle] = OrderedDict()
        self._lock = threading.Lock()

    def editions(self, edition: SectionEdition) -> SectionEdition:
        """The edition as its section's ``script`` wants it, with those in further scripts beside it."""
        wanted = edition.section.script
        if not wanted:
            return edition
        main, *others = (self.edition(edition, script) for script in wanted)
        variants = tuple(
            replace(other, variant=script, archives=0)
            for script, other in zip(wanted[1:], others, strict=True)
        )
        return replace(main, originals=edition.articles, variants=variants)

    def edition(self, edition: SectionEdition, script: Script) -> SectionEdition:
        convert = _converter(_SCRIPTS[script][0])
        chinese = edition.language.lower().startswith("zh")
        return replace(
            edition,
            title=convert(edition.title) if chinese else edition.title,
            description=convert(edition.description) if chinese else edition.description,
            language=_SCRIPTS[script][2] if chinese else edition.language,
            articles=tuple(self._article(one, script) for one in edition.articles),
        )

    def _article(self, printed: PrintedArticle, script: Script) -> PrintedArticle:
        key = (script, fragment_key(printed))
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = in_script(printed, script)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made


def in_script(printed: PrintedArticle, script: Script) -> PrintedArticle:
    """The article with all that is told beside it, in this script."""
    article, (beside, _, tag) = printed.article, _SCRIPTS[script]
    around = _converter(beside)
    convert = _conversion(article, script)
    if convert is not None:
        article = replace(
            article,
            title=convert(article.title),
            summary=convert(article.summary),
            text=convert(article.text),
            html=convert_html(article.html, convert),
            authors=tuple(map(convert, article.authors)),
            tags=tuple(map(convert, article.tags)),
            site=convert(article.site) if article.site else article.site,
            language=tag,
        )
    return replace(
        printed,
        article=article,
        source_name=around(printed.source_name),
        also=tuple(
            replace(one, source_name=around(one.source_name), title=around(one.title)) for one in printed.also
        ),
        sections=tuple((id, around(title)) for id, title in printed.sections),
    )


def convert_html(html: str, convert: _Convert) -> str:
    """The words of a cleaned fragment; of its tags only what ``alt`` and ``title`` say."""
    pieces = _MARKUP.split(html)
    return "".join(
        _SAID.sub(lambda found: f"{found[1]}{convert(found[2])}{found[3]}", piece)
        if piece.startswith("<")
        else convert(piece)
        for piece in pieces
    )


def _conversion(article: Article, script: Script) -> _Convert | None:
    """None for what is to stay as it is."""
    language = (article.language or "").lower()
    if language and not language.startswith("zh"):
        return None
    written = han_script(f"{article.title}{article.text[:_SAMPLE]}")
    if written is None and not language:
        return None
    if written == "Hant":
        config = _FROM_TRADITIONAL[script]
        return _converter(config) if config else None
    return None if _SCRIPTS[script][1] == "Hans" else _converter(_SCRIPTS[script][0])


def converter(script: Script) -> Callable[[str], str]:
    """Puts words of Simplified Chinese into this script."""
    return _converter(_SCRIPTS[script][0])


@cache
def _converter(config: str) -> _Convert:
    """Made once for each configuration: its dictionaries take a twentieth of a second to load."""
    import opencc  # not every paper is in Chinese, and its library takes memory

    made: Any = opencc.OpenCC(config)

    def convert(text: str) -> str:
        # Half a character, which no document of ours prints, would end the conversion.
        return str(made.convert(text.encode("utf-8", "replace").decode())) if text else text

    return convert
