"""The stories' pictures, drawn as SVG: a sky, a ground and a motif each, in colours of their own."""

from __future__ import annotations

import random
from collections.abc import Callable

WIDTH, HEIGHT = 960, 540

#: Name: (top of the sky, bottom of the sky, far ground, near ground, light).
PALETTES = {
    "sea": ("#16324f", "#f2a65a", "#2a628f", "#13293d", "#ffe8c7"),
    "mountains": ("#355070", "#eaac8b", "#6d597a", "#2b2d42", "#fff1e6"),
    "chart": ("#0b3954", "#bfd7ea", "#087e8b", "#0b3954", "#ff5a5f"),
    "city": ("#2d3047", "#e0a458", "#419d78", "#1b1b2f", "#ffe5a0"),
    "waves": ("#03045e", "#48cae4", "#0077b6", "#023e8a", "#caf0f8"),
    "field": ("#52796f", "#f4d58d", "#84a98c", "#354f52", "#fff3b0"),
    "lantern": ("#1d1128", "#7b2d26", "#3d1a2e", "#120a18", "#ffb703"),
    "books": ("#3a2618", "#c08552", "#5e3023", "#2c1810", "#f3e9dc"),
    "stars": ("#03071e", "#3c096c", "#10002b", "#03071e", "#e0aaff"),
    "bridge": ("#274c77", "#f6bd60", "#6096ba", "#1d3557", "#fff3d6"),
    "turbines": ("#5b8fb9", "#fde2c4", "#7fa99b", "#3c6e71", "#ffffff"),
    "terraces": ("#bfd8bd", "#fdf0d5", "#77a06a", "#386641", "#fff7d6"),
}


def _ridge(rng: random.Random, base: float, height: float, steps: int) -> str:
    """A hilly line from edge to edge, closed along the bottom."""
    points = [(WIDTH * i / steps, base - rng.random() * height) for i in range(steps + 1)]
    line = " ".join(f"L{x:.0f} {y:.0f}" for x, y in points)
    return f"M0 {HEIGHT} {line} L{WIDTH} {HEIGHT} Z"


def _dots(rng: random.Random, light: str, count: int) -> str:
    return "".join(
        f'<circle cx="{rng.randrange(WIDTH)}" cy="{rng.randrange(HEIGHT * 2 // 3)}" r="{rng.choice((1, 1, 2))}"'
        f' fill="{light}" opacity="{rng.uniform(0.3, 1):.2f}"/>'
        for _ in range(count)
    )


def _swell(rng: random.Random, light: str) -> str:
    return "".join(
        f'<path d="M0 {y} q60 -{14 + rng.randrange(10)} 120 0 t120 0 t120 0 t120 0 t120 0 t120 0 t120 0 t120 0"'
        f' fill="none" stroke="{light}" stroke-width="2" opacity="{0.12 + (y - 330) / 600:.2f}"/>'
        for y in range(340, HEIGHT, 34)
    )


def _towers(rng: random.Random, light: str) -> str:
    parts = []
    for x in range(20, WIDTH, 70):
        top = rng.randrange(190, 380)
        parts.append(
            f'<rect x="{x}" y="{top}" width="52" height="{HEIGHT - top}" fill="#0d0d1a" opacity=".82"/>'
        )
        parts += [
            f'<rect x="{x + 8 + 14 * i}" y="{y}" width="7" height="10" fill="{light}" opacity=".8"/>'
            for y in range(top + 14, HEIGHT - 20, 24)
            for i in range(3)
            if rng.random() < 0.55
        ]
    return "".join(parts)


def _bars(rng: random.Random, light: str) -> str:
    heights = [60 + 26 * i + rng.randrange(60) for i in range(11)]
    bars = "".join(
        f'<rect x="{90 + 72 * i}" y="{470 - h}" width="40" height="{h}" rx="4" fill="#fff" opacity=".35"/>'
        for i, h in enumerate(heights)
    )
    line = " ".join(f"{110 + 72 * i},{440 - h}" for i, h in enumerate(heights))
    return f'{bars}<polyline points="{line}" fill="none" stroke="{light}" stroke-width="8" stroke-linejoin="round"/>'


def _lanterns(rng: random.Random, light: str) -> str:
    return "".join(
        f'<g transform="translate({x} {100 + rng.randrange(150)})"><line y1="-400" y2="-34" stroke="{light}" opacity=".4"/>'
        f'<ellipse rx="34" ry="40" fill="#d62828"/><ellipse rx="14" ry="40" fill="{light}" opacity=".55"/>'
        f'<rect x="-12" y="-46" width="24" height="8" fill="{light}"/><rect x="-12" y="38" width="24" height="8" fill="{light}"/></g>'
        for x in range(90, WIDTH, 156)
    )


def _shelves(rng: random.Random, light: str) -> str:
    colours = ("#a4161a", "#e09f3e", "#335c67", "#6a994e", light, "#8d99ae")
    parts = []
    for shelf in (180, 340, 500):
        x = 40
        while x < WIDTH - 60:
            width, height = rng.randrange(16, 40), rng.randrange(90, 136)
            parts.append(
                f'<rect x="{x}" y="{shelf - height}" width="{width}" height="{height}" fill="{rng.choice(colours)}"/>'
            )
            x += width + rng.choice((2, 2, 3, 18))
        parts.append(f'<rect x="20" y="{shelf}" width="{WIDTH - 40}" height="10" fill="#1b0f08"/>')
    return "".join(parts)


def _arches(rng: random.Random, light: str) -> str:
    """A stone bridge and its reflection."""
    spans = "".join(f"M{x} 430 a90 90 0 0 1 180 0" for x in range(30, WIDTH - 100, 225))
    ripples = "".join(
        f'<path d="M{rng.randrange(WIDTH - 200)} {y} h{rng.randrange(60, 190)}" stroke="{light}" stroke-width="3" opacity=".35"/>'
        for y in range(450, HEIGHT, 9)
    )
    return (
        f'<rect y="430" width="{WIDTH}" height="{HEIGHT - 430}" fill="#1b3a57"/>'
        f'<path d="M0 330 h{WIDTH} v100 H0Z {spans}" fill="#4a3b32" fill-rule="evenodd"/>'
        f'<path d="M0 322 h{WIDTH}" stroke="#2f2620" stroke-width="14"/>{ripples}'
    )


def _blades(rng: random.Random, light: str) -> str:
    """Wind turbines, the near ones larger."""
    parts = []
    for x, size in ((150, 0.6), (330, 0.8), (560, 1.15), (820, 0.7)):
        turn = rng.randrange(120)
        blades = "".join(
            f'<path d="M0 0 L-7 -60 L0 -150 L5 -60Z" transform="rotate({turn + third})"/>'
            for third in (0, 120, 240)
        )
        parts.append(
            f'<g transform="translate({x} {400 - 170 * size:.0f}) scale({size})" fill="{light}"><path d="M-5 0 L-9 260 H9 L5 0Z"/>{blades}</g>'
        )
    return "".join(parts)


def _steps(rng: random.Random, light: str) -> str:
    """Terraced fields: bands of water and green."""
    parts = []
    for step, y in enumerate(range(290, HEIGHT + 40, 34)):
        dip = rng.randrange(20, 60)
        edge = (
            f"M0 {y} Q{WIDTH * (0.3 + 0.1 * (step % 4)):.0f} {y + dip} {WIDTH} {y - dip // 2} V{HEIGHT} H0Z"
        )
        parts.append(f'<path d="{edge}" fill="{("#a7c957", light, "#6a994e", "#cfe8ef")[step % 4]}"/>')
    return "".join(parts)


_MOTIFS: dict[str, Callable[[random.Random, str], str]] = {
    "sea": _swell,
    "waves": _swell,
    "city": _towers,
    "chart": _bars,
    "lantern": _lanterns,
    "books": _shelves,
    "stars": lambda rng, light: _dots(rng, light, 160),
    "bridge": _arches,
    "turbines": _blades,
    "terraces": _steps,
}


def draw(name: str) -> bytes | None:
    """The picture of that name as an SVG document, the same every time; None for an unknown name."""
    if name not in PALETTES:
        return None
    top, bottom, far, near, light = PALETTES[name]
    rng = random.Random(name)
    ground = (
        ""
        if name in ("chart", "books")
        else (
            f'<path d="{_ridge(rng, 380, 120, 9)}" fill="{far}"/><path d="{_ridge(rng, 460, 70, 6)}" fill="{near}"/>'
        )
    )
    sun_x, sun_y = rng.randrange(180, 780), rng.randrange(110, 230)
    sun = (
        ""
        if name in ("chart", "books", "lantern")
        else f'<circle cx="{sun_x}" cy="{sun_y}" r="58" fill="{light}" opacity=".9"/>'
    )
    motif = _MOTIFS[name](rng, light) if name in _MOTIFS else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<defs><linearGradient id="g" x2="0" y2="1"><stop stop-color="{top}"/><stop offset="1" stop-color="{bottom}"/>'
        f'</linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/>{sun}{ground}{motif}</svg>'
    ).encode()
