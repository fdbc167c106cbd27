"""Writes the sample paper into a folder, to be looked at.

    python -m tests.publish.preview FOLDER [--base-url http://127.0.0.1:8765] [--empty]
    python -m http.server 8765 --bind 127.0.0.1 --directory FOLDER

The pictures are drawn here and need the server; everything else opens from the disk as well.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

from aggregator.publish.fragments import FragmentCache
from aggregator.publish.paths import render_paper
from aggregator.publish.writer import Publisher
from tests.publish.samples import BASE, sample_paper

PALETTES = (
    ("#16324f", "#2a628f", "#e0a458", "#f6e7cb"),
    ("#37323e", "#6d6a75", "#dec0f1", "#f3eef7"),
    ("#0b3c49", "#3e7c8f", "#b9d6d2", "#f0f7f4"),
    ("#5f0f40", "#9a031e", "#fb8b24", "#ffe8c7"),
    ("#283618", "#606c38", "#dda15e", "#fefae0"),
)


def write_preview(folder: Path, base_url: str = BASE, *, empty: bool = False) -> None:
    """The whole paper with its pictures."""
    Publisher(folder).write(
        render_paper(sample_paper(base_url=base_url, empty=empty), FragmentCache()).documents
    )
    pictures = folder / "pictures"
    pictures.mkdir(exist_ok=True)
    for number in range(1, 9):
        (pictures / f"{number}.svg").write_text(_landscape(number), encoding="utf-8")


def _landscape(seed: int) -> str:
    """Hills under a sun: the same for the same seed."""
    random = Random(seed)
    far, near, sun, sky = PALETTES[seed % len(PALETTES)]
    hills = []
    for depth, colour in enumerate((far, near, far)):
        points = [(0, 400)]
        height = 250 + depth * 45
        for x in range(0, 601, 60):
            height += random.randint(-28, 28)
            points.append((x, height))
        points.append((600, 400))
        path = " ".join(f"{x},{y}" for x, y in points)
        hills.append(f'<polygon points="{path}" fill="{colour}" opacity="{0.55 + depth * 0.2}"/>')
    x, y = random.randint(120, 480), random.randint(90, 170)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 400">'
        f'<rect width="600" height="400" fill="{sky}"/>'
        f'<circle cx="{x}" cy="{y}" r="46" fill="{sun}"/>{"".join(hills)}</svg>'
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base-url", default=BASE)
    parser.add_argument("--empty", action="store_true", help="as it looks before the first poll")
    arguments = parser.parse_args()
    write_preview(arguments.folder, arguments.base_url, empty=arguments.empty)


if __name__ == "__main__":
    main()
