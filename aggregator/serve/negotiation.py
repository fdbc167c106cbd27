"""Reading Accept and Accept-Encoding (RFC 9110 §12.5)."""

from __future__ import annotations

from functools import lru_cache

_LONGEST_FIELD = 4096

#: The forms of a section by the ending of their files, and the names by which they are asked for. Of two that are
#: wanted alike the first is given: who takes anything is a person's browser, or a program that follows its links.
FORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("/index.html", ("text/html",)),
    (".atom", ("application/atom+xml", "application/xml", "text/xml")),
    (".rss", ("application/rss+xml", "application/xml", "text/xml")),
    (".json", ("application/feed+json", "application/json")),
)


@lru_cache(maxsize=256)
def codings(field: str) -> tuple[str, ...]:
    """The content codings of ours that may be sent, the best first: named, gzip also by ``*``, and not of quality 0.

    Brotli goes before gzip where both are wanted alike: it is the shorter one.
    """
    qualities = _qualities(field)
    gzip = qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0)))
    found = [("br", qualities.get("br", 0.0)), ("gzip", gzip)]
    return tuple(name for name, quality in sorted(found, key=lambda pair: -pair[1]) if quality > 0)


@lru_cache(maxsize=256)
def forms(field: str) -> tuple[str, ...]:
    """In which forms a section may be sent, as endings of files, the best first. Without a wish, in every one."""
    if not field.strip():
        return tuple(ending for ending, _ in FORMS)
    qualities = _qualities(field)
    rated = [
        (ending, max(_quality_of(name, qualities) for name in _named(names, qualities)))
        for ending, names in FORMS
    ]
    return tuple(ending for ending, quality in sorted(rated, key=lambda pair: -pair[1]) if quality > 0)


def _named(names: tuple[str, ...], qualities: dict[str, float]) -> tuple[str, ...]:
    """What a form is asked by: its own name where that stands, else any of the names that it may have."""
    return names[:1] if names[0] in qualities else names


def prefers(field: str, wanted: str, over: str) -> bool:
    """Whether one media type is wanted more than the other; a tie is none."""
    qualities = _qualities(field)
    return _quality_of(wanted, qualities) > _quality_of(over, qualities)


def _quality_of(media_type: str, qualities: dict[str, float]) -> float:
    """By the most specific range that covers the type."""
    group = media_type.split("/")[0] + "/*"
    for covering in (media_type, group, "*/*"):
        if covering in qualities:
            return qualities[covering]
    return 0.0


def _qualities(field: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in field[:_LONGEST_FIELD].split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name:
            found[name.lower()] = _quality(parameters)
    return found


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
