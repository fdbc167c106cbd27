"""Reading Accept and Accept-Encoding (RFC 9110 §12.5)."""

from __future__ import annotations

_LONGEST_FIELD = 4096


def accepts_gzip(field: str) -> bool:
    """Whether gzip may be sent: named, or covered by ``*``, with a quality above zero."""
    qualities = _qualities(field)
    return qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0))) > 0


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
