"""Addresses: joined safely, written as valid URIs, reduced to their identity, and shown without secrets."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit

WEB_SCHEMES = frozenset({"http", "https"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Query parameters that say where a reader came from, not what is read. `*` at the end: every name that
#: begins so.
TRACKING = _names(
    """
    utm_* mtm_* pk_* piwik_* matomo_* hsa_* at_* vero_* oly_* __hs* _hs* trk_* ga_* stm_* pf_rd_* wt_* wt.*
    fbclid gclid gclsrc dclid gbraid wbraid yclid ysclid msclkid twclid ttclid li_fat_id igshid igsh mc_cid mc_eid
    mkt_tok s_cid cmpid ncid icid ocid cmp cvid xtor _ga _gl _openstat rb_clickid wickedid sc_campaign sc_channel
    spm scm share_token share_source share_medium share_plat share_tag share_session_id vd_source xsec_token
    xsec_source isappinstalled nsukey tt_from timestamp_from wfr for_share sharer_shareid shareuid unique_k
    phpsessid jsessionid aspsessionid sessionid_ ref_src ref_url referrer feature_src guccounter guce_referrer
    guce_referrer_sig soc_src soc_trk fb_action_ids fb_action_types fb_source action_object_map
    """
)
#: Values that make an otherwise telling parameter a mark of where a reader came from.
TRACKING_VALUES = {
    "from": frozenset(
        {"singlemessage", "groupmessage", "timeline", "rss", "feed", "share", "weixin", "wechat"}
    ),
    "ref": frozenset({"rss", "feed", "share", "twitter", "homepage"}),
    "source": frozenset({"rss", "feed", "share", "weixin", "wechat", "weibo"}),
    "partner": frozenset({"rss", "feedburner"}),
    "emc": frozenset({"rss"}),
    "rss": frozenset({"1", "yes", "true", ""}),
    "amp": frozenset({"1", "true", ""}),
    "outputtype": frozenset({"amp"}),
}
#: First labels of a host that serve the same pages to other devices.
DEVICE_LABELS = _names("www www2 m wap mobile 3g amp touch")

_TRACKING_NAMES = frozenset(name for name in TRACKING if not name.endswith("*"))
_TRACKING_PREFIXES = tuple(name[:-1] for name in TRACKING if name.endswith("*"))
# The URL standard strips C0 controls and spaces at the ends, and tabs and line breaks anywhere.
_EDGES = "".join(map(chr, range(0x21))) + "\x7f\u00a0\u3000\ufeff\u200b"
_CONTROLS = re.compile("[\x00-\x1f\x7f]")
_ABSOLUTE = re.compile(r"https?://[^/]", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|xhtml)$", re.IGNORECASE)
_AMP_PATH = re.compile(r"/amp/?$|(?<=[^/])\.amp(?=(?:\.html?)?$)", re.IGNORECASE)
_AMP_HOST = "cdn.ampproject.org"
_AMP_CACHE = re.compile(r"^/[a-z](?:/s)?/(?P<rest>[^/]+\.[^/]+.*)$")
_PAGE = re.compile(r"/$|\.(?:s?html?|xhtml)$", re.IGNORECASE)
_FEED_WORD = re.compile(r"(?<![a-z])(?:feeds?|rss|atom|rdf|xml)(?![a-z])", re.IGNORECASE)
_HTML_FILE = re.compile(r"\.(?:s?html?|xhtml)$", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"/(?:feeds?|rss2?|atom|rdf)(?:\.\w+)?(?:/|$)|\.(?:xml|rss|atom|rdf)$|/(?:feed|index)\.json$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(?:^|&)\w+=(?:feed|rss2?|atom|rdf)(?:&|$)", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPES = re.compile(r"((?:%[0-9A-Fa-f]{2})+)")
_NO_HOST = re.compile(r"[\s<>\"'`{}|\\^%]")
_SAFE = "!$&'()*+,;=:@/-._~"
#: What ``_written`` writes no other way: most addresses of most feeds.
_PLAIN = r"[A-Za-z0-9!$&'()*+,;=:@/._~-]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9!$&'()*+,;=:@/._~-]*)*"
_PLAIN_SITE = r"https?://[a-z0-9.-]*[a-z0-9-](?::[1-9][0-9]{3}|:[1-5][0-9]{4})?"
_WELL_WRITTEN = re.compile(rf"({_PLAIN_SITE})(/{_PLAIN})(?:\?(?=.)({_PLAIN}))?")
_PLAIN_TEXT = re.compile(r"[A-Za-z0-9!$&'()*+,;=:@/._~-]*")
#: Of an address, when nothing or a path follows it.
_SITE = re.compile(rf"{_PLAIN_SITE}(?=/|\Z)")
_SCHEME = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?[/\\]*")
_WRITTEN_IN_TEXT = re.compile(r"\bhttps?:[/\\]*\S*[^\s:,;]", re.IGNORECASE)


def host_of(url: str) -> str:
    """The host, lower case, without port; "" where there is none."""
    parts = _split(url)
    return _host(parts) if parts else ""


def absolute(base: str, ref: str) -> str | None:
    """``ref`` resolved against ``base`` and written as a valid URI; None for anything but http and https."""
    if _WELL_WRITTEN.fullmatch(ref):
        return ref
    ref = _slashes(_clean(ref))
    if ref.startswith("/") and not ("/." in ref or ref.startswith("//")) and (site := _SITE.match(base)):
        joined = site[0] + ref
        if _WELL_WRITTEN.fullmatch(joined):
            return joined
    try:
        joined = ref if _ABSOLUTE.match(ref) else urljoin(_clean(base), ref)
    except ValueError:
        return None
    if _WELL_WRITTEN.fullmatch(joined):
        return joined
    if _SITE.fullmatch(joined):
        return joined + "/"
    parts = _split(joined)
    return _written(parts) if parts else None


def canonical_url(url: str) -> str:
    """The identity of an address, without its scheme: two addresses of one page have the same.

    "" for non-web ones.
    """
    plain = _WELL_WRITTEN.fullmatch(url)
    if plain and _AMP_HOST not in plain[1]:
        return _identity(_plain_site(plain[1]), plain[2], plain[3] or "")
    parts = _split(_slashes(_clean(url)))
    if parts is None:
        return ""
    parts = _unwrap_amp_cache(parts)
    # A fragment is a place in the page, except where a script makes it the page's address.
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    return _identity(_canonical_site(parts), parts.path, parts.query, fragment)


def _identity(site: str, path: str, query: str, fragment: str = "") -> str:
    if not site:
        return ""
    telling = _canonical_query(query) if query else ""
    return site + _canonical_path(path) + (f"?{telling}" if telling else "") + fragment


@lru_cache(maxsize=1024)
def _plain_site(site: str) -> str:
    """``_canonical_site`` of the beginning of a well-written address."""
    parts = _split(site)
    return _canonical_site(parts) if parts else ""


def _canonical_site(parts: SplitResult) -> str:
    host = _bare_host(_host(parts))
    return host and host + _port(parts)


def looks_like_page(url: str) -> bool:
    """Whether the address alone promises a page for people: a folder or an .html file that names no feed."""
    parts = _split(url)
    return bool(
        parts and _PAGE.search(parts.path or "/") and not _FEED_WORD.search(f"{parts.path}?{parts.query}")
    )


def looks_like_feed(url: str) -> bool:
    """Whether the address alone promises a feed, by a file, a folder or a query of that name."""
    parts = _split(url)
    if parts is None or _HTML_FILE.search(parts.path):
        return False
    return bool(_FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))


def shown_url(url: str, *, elided: str = "") -> str:
    """The address for everybody's eyes: without user, password and query, where keys to a feed are kept.

    ``elided`` stands for a query that was there. An address without any of the three stays as it is, to the byte.
    Never raises; of a text that is no address, what looks like credentials or a query goes as well.
    """
    public, mark, _ = without_credentials(url).partition("?")
    return public + (elided if mark else "")


def shown_text(text: str) -> str:
    """A message with the addresses in it as ``shown_url`` shows them, "?…" where one had a query."""
    return _WRITTEN_IN_TEXT.sub(lambda found: shown_url(found[0], elided="?…"), text)


def without_credentials(url: str) -> str:
    """The address without user name and password, valid or not."""
    begin = _SCHEME.match(url)
    at = begin.end() if begin else 0
    return url[:at] + url[at + _credentials_end(url[at:]) :]


def _credentials_end(rest: str) -> int:
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        return authority.rindex("@") + 1
    # A slash in a password ends the authority too early: "user:pa/ss@host" has the port "pa".
    port = authority.rpartition(":")[2] if ":" in authority and not authority.endswith("]") else ""
    return rest.rindex("@") + 1 if port and not port.isdigit() and "@" in rest else 0


def _clean(url: str) -> str:
    stripped = url.strip(_EDGES)
    return stripped if stripped.isprintable() else _CONTROLS.sub("", stripped)


def _slashes(url: str) -> str:
    """Backslashes before the query are slashes to a browser.

    Leaving them would let the host be read two ways.
    """
    if "\\" not in url:
        return url
    head, mark, tail = url.partition("?")
    return head.replace("\\", "/") + mark + tail


def _split(url: str) -> SplitResult | None:
    if ":" not in url:
        return None  # as most guids
    try:
        parts = urlsplit(url)
        valid = parts.scheme.lower() in WEB_SCHEMES and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        return None
    return parts if valid else None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return "" if _SURROGATE.search(host) else host.lower()


def _port(parts: SplitResult) -> str:
    return f":{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme.lower()] else ""


def _written(parts: SplitResult) -> str | None:
    host = _host(parts)
    if not host or _NO_HOST.search(host):
        return None
    bracketed = f"[{host}]" if ":" in host else host
    userinfo, at, _ = parts.netloc.rpartition("@")
    path = _quoted(parts.path) or "/"
    query = f"?{_quoted(parts.query, '?')}" if parts.query else ""
    fragment = f"#{_quoted(parts.fragment, '?#')}" if parts.fragment else ""
    return f"{parts.scheme.lower()}://{_quoted(userinfo)}{at}{bracketed}{_port(parts)}{path}{query}{fragment}"


def _quoted(text: str, more: str = "") -> str:
    """Percent-encoded where a URI must be (RFC 3986 §2), as UTF-8; what is encoded already stays as it is."""
    return quote(_BARE_PERCENT.sub("%25", text), safe=f"{_SAFE}%[]{more}", encoding="utf-8", errors="replace")


def _unwrap_amp_cache(parts: SplitResult) -> SplitResult:
    """https://cdn.ampproject.org/c/s/example.org/a is https://example.org/a."""
    cached = _AMP_CACHE.match(parts.path) if _host(parts).endswith(_AMP_HOST) else None
    return (cached and _split(f"https://{cached['rest']}")) or parts


def _bare_host(host: str) -> str:
    """Without the labels that name a device, as long as a domain is left: m.example.org, zh.m.example.org."""
    labels = host.split(".")
    while len(labels) > 2 and labels[0] in DEVICE_LABELS:
        del labels[0]
    if len(labels) > 3 and labels[1] in DEVICE_LABELS:
        del labels[1]
    return ".".join(labels)


def _canonical_path(path: str) -> str:
    path = _SESSION.sub("", _recoded(_dotless(path)))
    path = _INDEX.sub("/", _AMP_PATH.sub("", path))
    return path.rstrip("/")


def _dotless(path: str) -> str:
    """Dot segments removed (RFC 3986 §5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept)


def _recoded(text: str) -> str:
    """One spelling of percent-encoding: unreserved characters bare, the others encoded, digits upper case."""
    if _PLAIN_TEXT.fullmatch(text):
        return text
    pieces = _ESCAPES.split(text)
    return "".join(_reencoded(piece) if at % 2 else _quoted(piece) for at, piece in enumerate(pieces))


def _reencoded(escapes: str) -> str:
    return quote(unquote_to_bytes(escapes), safe="-._~")


def _canonical_query(query: str) -> str:
    pairs = [piece.partition("=") for piece in query.split("&") if piece]
    kept = [
        f"{_recoded(name)}={_recoded(value)}" for name, _, value in pairs if not _is_tracking(name, value)
    ]
    return "&".join(sorted(kept))


def _is_tracking(name: str, value: str) -> bool:
    name = name.lower()
    return (
        name in _TRACKING_NAMES
        or name.startswith(_TRACKING_PREFIXES)
        or value.lower() in TRACKING_VALUES.get(name, frozenset())
    )
