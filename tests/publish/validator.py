"""What the W3C feed validator objects to in a document, as far as a feed of ours can meet it.

The validator is no package of any registry. Its rules were read in its source and are written down anew here, each under
the name of its event there. Not among them: what is for the server to give (content types, the address of itself).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html.entities import name2codepoint
from typing import Any

from lxml import etree
from lxml import html as html_parser

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

URI = re.compile(r"[a-zA-Z][0-9a-zA-Z+\-.]*:(//)?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]+\Z")
_TAG = re.compile(
    r"tag:([a-z0-9\-._]+?@)?[a-z0-9.\-]+?,\d{4}(-\d\d){0,2}:[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*\Z"
)
_MIME = re.compile(r"[^\s()<>,;:\\\"/[\]?=]+/[^\s()<>,;:\\\"/[\]?=]+\Z")
_RFC2822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d\d[03]0\Z"
)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*)?(Z|[+-]\d\d:\d\d)\Z")
_HTTP_URL = re.compile(r"https?://([a-z0-9-]+\.)+[a-z0-9][-a-z0-9]*(:\d+)?(/|$)", re.IGNORECASE)
_EDITOR = re.compile(r"[\w.+'-]+@([a-z0-9-]+\.)+[a-z0-9-]+ \(.+\)\Z", re.IGNORECASE)
_RELATIONS = frozenset("alternate current enclosure hub next-archive prev-archive related self via".split())
_PLAIN_IN_RSS = {"title", "category", "source", "copyright", "managingEditor"}
_PLAIN_IN_ATOM = {f"{ATOM}{name}" for name in ("title", "summary", "subtitle", "rights", "name")}
_ONCE = {
    "item": {"title", "link", "description", CONTENT, "guid", "pubDate", "source", "enclosure"},
    "channel": {
        "title", "link", "description", "language", "lastBuildDate", "image", "ttl", "docs", "generator", "copyright",
        "managingEditor",
    },
    f"{ATOM}entry": {f"{ATOM}{name}" for name in ("id", "title", "updated", "published", "summary", "content", "source")},
    f"{ATOM}feed": {f"{ATOM}{name}" for name in ("id", "title", "updated", "subtitle", "rights", "icon", "logo", "generator")},
}  # fmt: skip
_ELEMENTS = frozenset(
    """a abbr acronym address article aside audio b bdi bdo big blockquote br caption center cite code col colgroup
    data dd del details dfn div dl dt em figcaption figure font footer header h1 h2 h3 h4 h5 h6 hgroup hr i img ins kbd
    li main mark menu nav ol p picture pre q rp rt ruby s samp section small source span strike strong sub summary sup
    table tbody td tfoot th thead time tr track tt u ul var video wbr""".split()
)
_ATTRIBUTES = frozenset(
    """abbr align alt cite class colspan controls datetime decoding dir headers height href hreflang id lang loading
    open poster preload referrerpolicy rel reversed rowspan scope span src start tabindex title type value
    width""".split()
)


def complaints(document: bytes, now: datetime) -> list[str]:
    """The names of the validator's events, each with the element or the text that it is about."""
    root = etree.fromstring(document)  # well-formed, or an error
    lines = [b"&#x" in line for line in document.split(b"\n")]
    return [
        *_characters(root),
        *_plain_text(root, lines),
        *_html(root),
        *_addresses(root),
        *_dates(root, now + timedelta(minutes=10)),
        *_languages(root),
        *_once(root),
        *(_rss(root[0]) if root.tag == "rss" else _atom(root)),
    ]


def _characters(root: Any) -> Iterator[str]:
    for element in root.iter():
        for text in (element.text or "", *element.attrib.values()):
            if re.search("[\x80-\x9f\ufffd\ufffe\uffff]", text):
                yield f"BadCharacters {element.tag}"


def _plain_text(root: Any, has_numbers: list[bool]) -> Iterator[str]:
    """In RSS a hexadecimal reference in the same lines shows that the publisher knows about HTML and plain text."""
    is_rss = root.tag == "rss"
    for element in root.iter():
        texts = [element.get("label"), element.get("title")]
        if (
            element.tag in (_PLAIN_IN_RSS if is_rss else _PLAIN_IN_ATOM)
            and element.get("type", "text") == "text"
        ):
            texts.append(element.text)
        if is_rss and element.tag == "description" and element.getparent().tag == "channel":
            texts.append(element.text)
        numbered = any(
            has_numbers[element.sourceline - 1 : element.sourceline + (element.text or "").count("\n")]
        )
        for text in filter(None, texts):
            if re.search(r"</\w+>", text):
                yield f"ContainsHTML {text}"
            elif found := [name for name in re.findall(r"&(#?\w+)", text) if _is_reference(name)]:
                if not numbered:
                    yield f"ContainsHTML {found}"
            elif is_rss and re.search("<[/a-zA-Z]", text) and not numbered:
                yield f"CharacterData {text}"


def _is_reference(name: str) -> bool:
    return name in name2codepoint or name == "apos" or not name.isalpha()


def _html(root: Any) -> Iterator[str]:
    bodies = [
        *root.iter(CONTENT),
        *(
            one
            for one in root.iter(f"{ATOM}title", f"{ATOM}summary", f"{ATOM}content")
            if one.get("type") == "html"
        ),
    ]
    for body in [*bodies, *root.iterfind(".//item/description")]:
        if not body.text:
            yield f"NotBlank {body.tag}"
            continue
        for one in html_parser.fragment_fromstring(body.text, create_parent="div").iter(etree.Element):
            if one.tag not in _ELEMENTS:
                yield f"SecurityRisk {one.tag}"
            yield from (f"SecurityRiskAttr {name}" for name in one.attrib if name not in _ATTRIBUTES)
            for name in ("href", "src", "poster", "cite", "srcset"):
                if not re.match(r"(https?|mailto|tel):", one.get(name, "https:")):
                    yield f"ContainsRelRef {one.get(name)}"


def _addresses(root: Any) -> Iterator[str]:
    for element in root.iter():
        for address in (
            element.get("href"),
            element.get("url"),
            element.get("scheme"),
            element.text
            if element.tag in ("link", "url", "docs", f"{ATOM}icon", f"{ATOM}logo", f"{ATOM}uri")
            else None,
        ):
            if address is not None and not URI.match(address):
                yield f"InvalidFullLink {element.tag} {address}"
        type = element.get("type")
        if (
            element.tag in ("enclosure", f"{ATOM}link", f"{MEDIA}content")
            and type is not None
            and not _MIME.match(type)
        ):
            yield f"InvalidMIMEType {type}"


def _dates(root: Any, latest: datetime) -> Iterator[str]:
    for element in root.iter("pubDate", "lastBuildDate"):
        if not _RFC2822.match(element.text):
            yield f"InvalidRFC2822Date {element.text}"
            continue
        moment = parsedate_to_datetime(element.text)
        if moment.strftime("%a") != element.text[:3]:
            yield f"IncorrectDOW {element.text}"
        if moment.year < 1990 or moment > latest:
            yield f"ImplausibleDate {element.text}"
    for element in root.iter(f"{ATOM}updated", f"{ATOM}published", "{http://purl.org/dc/terms/}modified"):
        if not _RFC3339.match(element.text):
            yield f"InvalidRFC3339Date {element.text}"
        elif not datetime(1990, 1, 1, tzinfo=UTC) <= datetime.fromisoformat(element.text) <= latest:
            yield f"ImplausibleDate {element.text}"


def _languages(root: Any) -> Iterator[str]:
    """InvalidLanguage: of the codes of ISO 639 those that real documents have, and no others, may stand here."""
    for said in [
        *(one.text for one in root.iter("language")),
        *(one.get(LANG) for one in root.iter() if one.get(LANG)),
    ]:
        if said.split("-")[0].lower() not in _LANGUAGES:
            yield f"InvalidLanguage {said}"


_LANGUAGES = frozenset("ar de en es fa fr he ja ko nl pt ru zh".split())


def _once(root: Any) -> Iterator[str]:
    for parent, names in _ONCE.items():
        for element in root.iter(parent):
            found = [child.tag for child in element]
            yield from (f"DuplicateElement {name}" for name in names if found.count(name) > 1)


def _rss(channel: Any) -> Iterator[str]:
    if not (channel.findtext("title") and channel.findtext("link") and channel.findtext("description")):
        yield "MissingTitle MissingLink MissingDescription"
    if channel.find(f"{ATOM}link[@rel='self']") is None:
        yield "MissingAtomSelfLink"
    if channel.find("image") is not None:
        if channel.findtext("image/link") != channel.findtext("link"):
            yield "ImageLinkDoesntMatch"
        if channel.findtext("image/title") != channel.findtext("title"):
            yield "ImageTitleDoesntMatch"
        ending = channel.findtext("image/url").rpartition(".")[2].lower()
        if re.fullmatch(r"\w+", ending) and ending not in ("jpg", "jpeg", "gif", "png"):
            yield "ImageUrlFormat"
        if (
            int(channel.findtext("image/width") or 1) > 144
            or int(channel.findtext("image/height") or 1) > 400
        ):
            yield "InvalidWidth InvalidHeight"
    if channel.find("ttl") is not None and int(channel.findtext("ttl")) <= 0:
        yield "InvalidPositiveInteger ttl"
    if channel.find("managingEditor") is not None and not _EDITOR.match(channel.findtext("managingEditor")):
        yield "EmailFormat"
    names = [child.tag for child in channel]
    if "item" in names and set(names[names.index("item") :]) != {"item"}:
        yield "MisplacedItem"
    guids = [guid.text for guid in channel.iter("guid")]
    if len(guids) != len(set(guids)):
        yield "DuplicateValue guid"
    for item in channel.iter("item"):
        names = [child.tag for child in item]
        if not item.findtext("title"):
            yield "NotBlank title"
        if item.find("guid") is None:
            yield "MissingGuid"
        elif not _TAG.match(item.findtext("guid")) or item.find("guid").get("isPermaLink") != "false":
            yield f"InvalidHttpGUID {item.findtext('guid')}"
        if CONTENT in names and "description" not in names[: names.index(CONTENT)]:
            yield "NeedDescriptionBeforeContent"
        yield from ("NotBlank category" for one in item.iter("category") if not one.text)
        for file in item.iter("enclosure"):
            if not (file.get("type") and int(file.get("length", "-1")) >= 0):
                yield "MissingAttribute enclosure"
            if not _HTTP_URL.match(file.get("url", "")):
                yield f"InvalidURLAttribute {file.get('url')}"


def _atom(feed: Any) -> Iterator[str]:
    entries = feed.findall(f"{ATOM}entry")
    for one in (feed, *entries, *feed.iter(f"{ATOM}source")):
        missing = [name for name in ("id", "title", "updated") if not one.findtext(f"{ATOM}{name}")]
        yield from (f"MissingElement {name} in {one.tag}" for name in missing)
    for name, event in (("id", "DuplicateEntries"), ("updated", "DuplicateUpdated")):
        values = [one.findtext(f"{ATOM}{name}") for one in entries]
        if len(values) != len(set(values)):
            yield event
    names = [child.tag for child in feed]
    if entries and set(names[names.index(f"{ATOM}entry") :]) != {f"{ATOM}entry"}:
        yield "MisplacedMetadata"
    if feed.find(f"{ATOM}link[@rel='self']") is None:
        yield "MissingSelf"
    for one in (feed, *entries):
        kinds = [
            (link.get("type"), link.get("hreflang")) for link in one.findall(f"{ATOM}link[@rel='alternate']")
        ]
        if len(kinds) != len(set(kinds)):
            yield "DuplicateAtomLink"
        if one.find(f"{ATOM}author") is None and feed.find(f"{ATOM}author") is None:
            yield "MissingElement author"
    for one in entries:
        if one.findtext(f"{ATOM}published", "") > one.findtext(f"{ATOM}updated", ""):
            yield f"published after it was updated: {one.findtext(f'{ATOM}id')}"
        kind = one.find(f"{ATOM}content").get("type") if one.find(f"{ATOM}content") is not None else "html"
        if kind not in ("html", "text"):
            yield f"InvalidMIMEType {kind}"
        if one.find(f"{ATOM}content") is None and one.find(f"{ATOM}summary") is None:
            yield "MissingTextualContent"
    yield from ("NotBlank name" for one in feed.iter(f"{ATOM}name") if not one.text)
    for link in feed.iter(f"{ATOM}link"):
        if link.get("rel", "alternate") not in _RELATIONS:
            yield f"UnregisteredAtomLinkRel {link.get('rel')}"
        if link.get("title") == "":
            yield "AttrNotBlank title"
        if link.get("rel") in ("current", "prev-archive", "next-archive") and link.getparent() is not feed:
            yield "FeedHistoryRelInEntry"
    for category in feed.iter(f"{ATOM}category"):
        if not category.get("term"):
            yield "MissingAttribute term"
    if feed.find(f"{ATOM}id") is not None and not all(
        _TAG.match(one.findtext(f"{ATOM}id")) for one in (feed, *entries)
    ):
        yield "InvalidTAG"
