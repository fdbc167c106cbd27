"""status.atom: an entry for each source that is in trouble, so that its operator hears of it in a reader."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from feedgen.entry import FeedEntry

from aggregator.publish import markup
from aggregator.publish.atom import MIME, feed_root
from aggregator.publish.edition import UNPRINTED, Paper
from aggregator.publish.entry import instant, line
from aggregator.publish.fragments import Rendered
from aggregator.publish.guesses import declare
from aggregator.publish.links import source_address
from aggregator.publish.words import SIMPLIFIED, TRADITIONAL, Words, words_for
from aggregator.text.urls import shown_text
from storage.model import Health, SourceRecord

_TROUBLE = (Health.FAILING, Health.DEAD, Health.GONE)

_ENGLISH_TEXTS = {
    "feed": "Sources in trouble",
    Health.FAILING: "{name} cannot be read",
    Health.DEAD: "{name} has been failing for a month",
    Health.GONE: "{name} is gone for good",
    "reason": "Last error: {reason}",
    "failing fix": "It is tried again by itself. If it goes on, open it in a browser: it may have moved.",
    "dead fix": "It is tried once a week only. Give its new address in feeds.yaml, or take it out.",
    "gone fix": "Its server says it was removed (410). Give its new address in feeds.yaml, or take it out.",
}
_SIMPLIFIED_TEXTS = {
    "feed": "出现问题的来源",
    Health.FAILING: "{name}：无法读取",
    Health.DEAD: "{name}：连续失败已满一个月",
    Health.GONE: "{name}：已永久撤下",
    "reason": "最近的错误：{reason}",
    "failing fix": "程序会自动重试。若持续失败，请用浏览器打开该地址，它可能已经搬家。",
    "dead fix": "现在每周只重试一次。请在 feeds.yaml 中改用新地址，或删除此来源。",
    "gone fix": "服务器声明该地址已撤下（410）。请在 feeds.yaml 中改用新地址，或删除此来源。",
}
_TRADITIONAL_TEXTS = {
    "feed": "出現問題的來源",
    Health.FAILING: "{name}：無法讀取",
    Health.DEAD: "{name}：連續失敗已滿一個月",
    Health.GONE: "{name}：已永久撤下",
    "reason": "最近的錯誤：{reason}",
    "failing fix": "程式會自動重試。若持續失敗，請用瀏覽器開啟該網址，它可能已經搬家。",
    "dead fix": "現在每週只重試一次。請在 feeds.yaml 中改用新網址，或刪除此來源。",
    "gone fix": "伺服器聲明該網址已撤下（410）。請在 feeds.yaml 中改用新網址，或刪除此來源。",
}


def render_status_feed(paper: Paper, records: Sequence[SourceRecord]) -> Rendered:
    """The sources that are failing, dead or gone, the latest trouble first.

    A trouble is one entry as long as it lasts: its id and date come from when it began, so that polls that
    fail in the same way change no byte. Past troubles leave the feed.
    """
    troubled = [record for record in records if record.health in _TROUBLE]
    troubled.sort(key=lambda record: (began(record), record.id), reverse=True)
    texts = _texts(words_for(paper.site.language))
    root = feed_root(
        paper,
        id=f"tag:{paper.id_authority}:status",
        title=f"{line(paper.site.title)} · {texts['feed']}",
        language=paper.site.language,
        updated=max(map(began, troubled), default=UNPRINTED),
        links=[
            {"href": f"{paper.base_url}/status.atom", "rel": "self", "type": MIME},
            {"href": f"{paper.base_url}/", "rel": "alternate", "type": "text/html"},
            *([{"href": paper.hub, "rel": "hub"}] if paper.hub else []),
        ],
    )
    entries = [_entry(paper, record, texts) for record in troubled]
    return Rendered(document=markup.document(root, b"</feed>", entries))


def began(record: SourceRecord) -> datetime:
    """When the trouble began; a source that was gone at its first answer counts from that answer."""
    return record.failing_since or record.last_success or record.last_poll or UNPRINTED


def _texts(words: Words) -> dict[str, str]:
    if words is TRADITIONAL:
        return _TRADITIONAL_TEXTS
    return _SIMPLIFIED_TEXTS if words is SIMPLIFIED else _ENGLISH_TEXTS


def _entry(paper: Paper, record: SourceRecord, texts: dict[str, str]) -> bytes:
    since = began(record)
    address = source_address(record.url)
    reason = shown_text(line(record.last_error or "")) or f"HTTP {record.last_status}"
    name = line(record.title) or record.id
    paragraphs = [texts["reason"].replace("{reason}", reason), texts[f"{record.health} fix"], address]
    entry = FeedEntry()
    entry.id(f"tag:{paper.id_authority}:status:{record.id}:{since:%Y%m%dT%H%M%SZ}:{record.health}")
    entry.title(texts[record.health].replace("{name}", name))
    entry.updated(instant(since, record.id))
    entry.published(since.replace(microsecond=0))
    entry.link(href=address or f"{paper.base_url}/")
    entry.summary(f"{paragraphs[0]} {paragraphs[1]}")
    entry.content("".join(f"<p>{escape(text)}</p>" for text in paragraphs if text), type="html")
    element = markup.mount(entry.atom_entry(), markup.ATOM_NAMESPACES)
    declare(element, "title", "summary")
    return markup.fragment(element)
