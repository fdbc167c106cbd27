"""Texts of a certain form (addresses, ids, zones, patterns): what is checked, and what is said otherwise."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import core_schema

from aggregator.config.faults import did_you_mean
from aggregator.config.patterns import check_element, check_pattern, check_selector

Network = IPv4Network | IPv6Network
JsonSchema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """A text that ``check`` returns, tidied, or refuses (ValueError). ``word`` names it in the reference."""

    word: str
    check: Callable[[str], str]
    pattern: str | None = None  #: for editors; ``check`` is what counts

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchema:
        return {**handler(schema), **({"pattern": self.pattern} if self.pattern else {})}


@dataclass(frozen=True, slots=True)
class Short:
    """Marks a map that may be written as one value; ``schema`` describes that value."""

    word: str
    schema: tuple[tuple[str, Any], ...]

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchema:
        return {"anyOf": [dict(self.schema), handler(schema)]}


def matching(word: str, pattern: str, remedy: str) -> Form:
    """A text that the pattern matches as a whole."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} is no {word}; {remedy}")
        return text

    return Form(word, check, f"^(?:{pattern})$")


# -- addresses


def plain_address(url: str) -> str:
    """``feed://host/x`` and ``feed:https://host/x``, as browsers hand them over → the http address meant."""
    found = re.match(r"(?i)feed:(//)?(?=https?://)|feed(?=://)", url)
    if not found:
        return url
    rest = url[found.end() :]
    return "http" + rest if rest.startswith("://") else rest


def _address(text: str) -> str:
    url = plain_address(text.strip())
    if re.fullmatch(r"[^\s/:]+\.[^\s/:]+(/\S*)?", url):
        raise ValueError(f"{text!r} is no web address (did you mean 'https://{url}'?)")
    if not re.fullmatch(r"(?i)https?://[^\s/?#]+\S*", url) or not _has_sound_host(url):
        raise ValueError(f"{text!r} is no web address; write it out, as https://example.org/news.xml")
    return url


def _has_sound_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _base(text: str) -> str:
    url = _address(text)
    if "?" in url or "#" in url:
        raise ValueError(f"{text!r} cannot stand before paths; leave out what follows '?' or '#'")
    return url.rstrip("/")


def _listen(text: str) -> str:
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:]*):(\d{1,5})", text)
    if not found or int(found[2]) > 65_535:
        raise ValueError(
            f"{text!r} is no address to listen on; write host:port, as 127.0.0.1:8000 or [::1]:8000"
        )
    return text


@lru_cache(maxsize=64)
def _shared_network(written: str) -> Network:
    """The same value for the same words: ten thousand sources name one network."""
    return ip_network(written, strict=False)


def _network(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return _shared_network(value)
    except ValueError as error:
        message = f"{value!r} is no network; write an address or a CIDR block, as 127.0.0.0/8 or fd00::/8"
        raise ValueError(message) from error


# -- names


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"{name!r} is no time zone; write an IANA name, as Asia/Shanghai or Europe/Berlin"
        ) from error
    return name


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError) as error:
        raise ValueError(f"{name!r} is no encoding; write its name, as gb18030, big5 or utf-8") from error
    return name


def _agent(text: str) -> str:
    if not re.fullmatch(r"[\x20-\x7e]+", text):
        raise ValueError("a user agent is written in one line of ASCII characters")
    return text


_PLACEHOLDERS = ("source", "link", "author", "site")


def _attribution(text: str) -> str:
    for name in re.findall(r"\{([^{}]*)\}", text):
        if name not in _PLACEHOLDERS:
            known = ", ".join(f"{{{known}}}" for known in _PLACEHOLDERS)
            raise ValueError(
                f"unknown placeholder {{{name}}}{did_you_mean(name, _PLACEHOLDERS)}; known are {known}"
            )
    return text


def listed(value: object) -> object:
    """A single value where a list is expected is a list of one."""
    return value if value is None or isinstance(value, list | tuple | set | frozenset) else [value]


@dataclass(frozen=True, slots=True)
class OneOrMore:
    """Marks a list whose only item may stand without brackets."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchema:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}


HttpUrl = Annotated[str, Form("web address", _address, r"^(https?|feed)://\S+$|^feed:https?://\S+$")]
BaseUrl = Annotated[str, Form("web address", _base, r"^https?://[^\s?#]+$")]
Listen = Annotated[str, Form("host:port", _listen, r"^(\[[0-9a-fA-F:.]+\]|[^\s:]*):\d{1,5}$")]
Cidr = Annotated[Network, BeforeValidator(_network), WithJsonSchema({"type": "string"})]
Slug = Annotated[
    str, matching("id", r"[a-z0-9][a-z0-9-]{0,63}", "use lower-case letters, digits and hyphens, 64 at most")
]
Zone = Annotated[str, Form("time zone", _zone)]
Encoding = Annotated[str, Form("encoding", _encoding)]
UserAgent = Annotated[str, Form("text", _agent)]
Attribution = Annotated[str, Form("text", _attribution)]
Language = Annotated[
    str,
    matching(
        "language code", r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", "write a BCP 47 code, as zh-CN, en or pt-BR"
    ),
]
Day = Annotated[str, matching("day", r"\d{4}-\d{2}-\d{2}", "write it as 2024-10-24")]
Authority = Annotated[
    str,
    matching(
        "tag authority",
        r"[A-Za-z0-9.@_-]+(,\d{4}(-\d\d(-\d\d)?)?)?",
        "write a domain of yours and the year since when, as news.example.org,2026",
    ),
]
Editor = Annotated[
    str,
    matching(
        "editor",
        r"[A-Za-z0-9._+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}( \([^()]+\))?",
        "write an address and a name, as desk@news.example.org (The desk)",
    ),
]
Hub = Annotated[str, matching("hub", r"self|off|https?://\S+", "write self, off, or the address of a hub")]
DatabaseUrl = Annotated[
    str,
    matching(
        "database address",
        r"(memory|sqlite|postgres(ql)?)(\+[a-z0-9]+)?://.*",
        "write it as sqlite:///var/aggregator.db or postgresql://user@host/name",
    ),
]
Pattern = Annotated[str, Form("pattern", check_pattern)]
SelectorText = Annotated[str, Form("selector", check_selector)]
ElementText = Annotated[str, Form("selector", check_element)]

Names = Annotated[tuple[str, ...], BeforeValidator(listed), OneOrMore()]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(listed), OneOrMore()]
Elements = Annotated[tuple[ElementText, ...], BeforeValidator(listed), OneOrMore()]
