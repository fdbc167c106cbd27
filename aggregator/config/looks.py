"""``output.templates`` and ``output.stylesheet``: looked at when the configuration is read."""

from __future__ import annotations

from pathlib import Path

from aggregator.config.faults import Fault
from aggregator.config.tree import Map, Node, Text

KEYS = ("templates", "stylesheet")


def check_look(output: Node | None, root: Path) -> list[Fault]:
    """Faults in the operator's templates and style, each in the file and line where it stands."""
    folder, style = (_named(output, key) for key in KEYS)
    faults = []
    if folder is not None:
        faults += _faults_in(folder, root)
    if style is not None and not (root / Path(style.value or "").expanduser()).is_file():
        faults.append(style.mark.fault(f"no file {style.value!r}; relative paths begin beside this file"))
    return faults


def template_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def _named(output: Node | None, key: str) -> Text | None:
    text = output.get(key) if isinstance(output, Map) else None
    return text if isinstance(text, Text) and text.value else None


def _faults_in(named: Text, root: Path) -> list[Fault]:
    folder = root / Path(named.value or "").expanduser()
    if not folder.is_dir():
        return [named.mark.fault(f"no folder {named.value!r}; relative paths begin beside this file")]
    return [fault for file in template_files(folder) if (fault := _fault(file))]


def _fault(file: Path) -> Fault | None:
    from jinja2 import Environment, TemplateSyntaxError  # few papers have templates of their own

    try:
        Environment().compile(file.read_text("utf-8"), filename=str(file))  # nothing is rendered
    except TemplateSyntaxError as error:
        return Fault(str(file), error.lineno, 1, error.message or "no template")
    except UnicodeDecodeError as error:
        return Fault(str(file), error.object[: error.start].count(b"\n") + 1, 1, "this is not UTF-8")
    except OSError as error:
        return Fault(str(file), 0, 0, f"cannot be read: {error.strerror or error}")
    return None
