"""What is kept between two builds: each article's rendered bytes. A feed is these pieces under a new head."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aggregator.publish.cleaned import Cleaned
from aggregator.publish.document import Document, whole
from aggregator.publish.edition import PrintedArticle, is_dated, modified
from aggregator.publish.entry import cleaned
from aggregator.publish.errors import PublishError


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A document, and the articles that had to be left out of it."""

    document: Document
    faults: tuple[str, ...] = ()  #: one sentence each: which article, where, why

    @property
    def body(self) -> bytes:
        """The document in one piece."""
        return whole(self.document)


class FragmentCache:
    """The rendered fragments used last, up to a size in bytes. Safe to share between threads.

    What the printing at hand and the one before it used stays whatever its size: it is in memory anyway, as the
    pieces of what is written, and of a feed larger than the bound nothing would be left when it is printed again.
    """

    def __init__(
        self, max_bytes: int = 64 * 1024 * 1024, *, go_on: Callable[[], None] = lambda: None
    ) -> None:
        """``go_on`` is called before anything is rendered, and may raise BrokenOff."""
        self._max_bytes = max_bytes
        self._go_on = go_on
        self.cleaned = Cleaned(cleaned)  #: bodies, of one printing
        self._fragments: OrderedDict[Hashable, bytes] = OrderedDict()  #: used last, stands last
        self._begun: deque[object] = deque()  #: marks among their keys: where the last two printings began
        self._lock = threading.Lock()
        self.size = 0  #: bytes held
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._fragments) - len(self._begun)

    def begin(self) -> None:
        """A printing begins: what the last but one used may be let go."""
        with self._lock:
            self._begun.append(object())
            self._fragments[self._begun[-1]] = b""
            if len(self._begun) > 2:
                del self._fragments[self._begun.popleft()]
            self._let_go()

    def rendered(self) -> None:
        """All of a printing is: what only its documents had in common is let go."""
        self.cleaned.clear()

    def get(self, key: Hashable, render: Callable[[], bytes]) -> bytes:
        """The fragment under ``key``, rendered when it is not there. A failing ``render`` leaves no trace."""
        [kept] = self.kept([key])
        if kept is not None:
            return kept
        self._go_on()
        fragment = render()
        with self._lock:
            self.misses += 1
            self._keep(key, fragment)
        return fragment

    def kept(self, keys: Sequence[Hashable]) -> list[bytes | None]:
        """What is held under each key, in one turn."""
        with self._lock:
            found = [self._fragments.get(key) for key in keys]
            for key, fragment in zip(keys, found, strict=True):
                if fragment is not None:
                    self._fragments.move_to_end(key)
                    self.hits += 1
        return found

    def _keep(self, key: Hashable, fragment: bytes) -> None:
        self.size += len(fragment) - len(self._fragments.get(key, b""))
        self._fragments[key] = fragment
        self._fragments.move_to_end(key)
        self._let_go()

    def _let_go(self) -> None:
        while self.size > self._max_bytes:
            if self._begun and next(iter(self._fragments)) is self._begun[0]:
                return
            self.size -= len(self._fragments.popitem(last=False)[1])


def fragment_key(printed: PrintedArticle) -> Hashable:
    """Two printed articles of one key look the same in every form.

    Of texts the key holds the hash, not the kilobytes. ``content_hash`` will not do: it overlooks what is no news.
    """
    article = printed.article
    return (
        article.uid, article.source,
        hash(article.title),
        hash(article.summary),
        hash(article.html),
        hash(article.text),
        article.published, article.updated, article.first_seen,
        article.url, article.image, article.site, article.language,
        article.authors, article.tags, article.labels[:1], article.enclosures,
        printed.source_name, printed.source_url, printed.also, printed.sections, printed.story is None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a feed is made of."""

    fragments: tuple[bytes, ...]
    changed: datetime | None  #: the last change among the articles; None without any
    faults: tuple[str, ...]  #: a line for each article that cannot be rendered


def gather(
    name: str,
    articles: Sequence[PrintedArticle],
    cache: FragmentCache,
    shared: Hashable,
    render: Callable[[PrintedArticle], bytes],
) -> Gathered:
    """The fragments of all articles that can be rendered, in order.

    ``shared`` stands for all that ``render`` depends on beside the article, ``name`` is the file's.
    """
    fragments, faults, changed = [], [], None
    keys = [(shared, fragment_key(one)) for one in articles]
    for one, key, kept in zip(articles, keys, cache.kept(keys), strict=True):
        try:
            fragments.append(
                kept if kept is not None else cache.get(key, partial(_render_dated, render, one))
            )
            moment = modified(one.article)
            if changed is None or moment > changed:
                changed = moment
        except PublishError:
            raise
        except Exception as error:  # whatever one article carries, the other forty-nine are printed
            faults.append(
                f"article {one.article.uid} ({one.article.url or 'no address'}) left out of {name}: {error!r}"
            )
    return Gathered(fragments=tuple(fragments), changed=changed, faults=tuple(faults))


def _render_dated(render: Callable[[PrintedArticle], bytes], one: PrintedArticle) -> bytes:
    if not is_dated(one.article):
        raise ValueError("a date without a zone")
    return render(one)
