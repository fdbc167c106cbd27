"""How the pages look: our templates and style, or those that the operator put in their place."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FunctionLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from aggregator.config.looks import template_files
from aggregator.config.model import Output
from aggregator.publish.errors import PublishError
from aggregator.publish.words import direction

#: Under this prefix a template finds ours though another of the same name stands before it.
OURS = "ours"
_STYLE = "style.css"
#: What remembers a reader's choices, and what tells of new articles.
SCRIPTS = ("choices.js", "fresh.js")
_LARGEST = 1 << 20  #: bytes of a template or a style; more is a mistake


class BrokenLook(PublishError):
    """A template or a style cannot be used; the message says which, in which line, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The templates and the style of a paper, read whole: what changes on the disk later changes nothing here."""

    style: bytes = field(repr=False, compare=False)  #: ours
    own_style: bytes | None = field(default=None, repr=False, compare=False)  #: the operator's; comes after
    mark: str  #: another for every other look
    _environment: Environment = field(repr=False, compare=False)
    #: The operator's templates.
    _files: frozenset[str] = field(default=frozenset(), repr=False, compare=False)

    def page(self, template: str, /, **values: Any) -> str:
        """The filled template. Raises BrokenLook where one of the operator's is at fault."""
        try:
            return self._environment.get_template(template).render(**values)
        except TemplateSyntaxError as error:
            raise BrokenLook(_told(error.filename or template, error.lineno, str(error.message))) from error
        except Exception as error:
            if (place := self._place(error)) is None:
                raise
            raise BrokenLook(_told(*place, f"{error}" or type(error).__name__)) from error

    def _place(self, error: Exception) -> tuple[str, int] | None:
        """The innermost line of the operator's templates that was at work; None when only ours were."""
        steps = [
            frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in self._files
        ]
        return (steps[-1].filename, steps[-1].lineno or 1) if steps else None


def load_look(templates: Path | None = None, stylesheet: Path | None = None) -> Look:
    """Read the operator's folder of templates and style. Raises BrokenLook."""
    if templates is None and stylesheet is None:
        return our_look()
    theirs = _read_templates(templates) if templates else {}
    own_style = _read(stylesheet) if stylesheet else None
    environment = _environment(theirs)
    for name in theirs:
        _compile(environment, name)
    own = b"\0".join(f"{name}\0{text}".encode() for name, (text, _) in sorted(theirs.items()))
    return Look(
        style=our_style(),
        own_style=own_style,
        mark=_mark(our_style(), *our_scripts().values(), own_style or b"", own),
        _environment=environment,
        _files=frozenset(file for _, file in theirs.values()),
    )


def look_of(output: Output, root: Path) -> Look:
    """What the configuration asks for; relative paths begin at ``root``. Raises BrokenLook."""
    templates, stylesheet = (
        root / path.expanduser() if path else None for path in (output.templates, output.stylesheet)
    )
    return load_look(templates, stylesheet)


@functools.cache
def our_look() -> Look:
    """The pages as they come with the package."""
    return Look(
        style=our_style(), mark=_mark(our_style(), *our_scripts().values()), _environment=_environment({})
    )


@functools.cache
def our_style() -> bytes:
    return (files("aggregator.publish") / "assets" / _STYLE).read_bytes()


@functools.cache
def our_scripts() -> Mapping[str, bytes]:
    """By name. No page needs one to be read."""
    return {name: (files("aggregator.publish") / "assets" / name).read_bytes() for name in SCRIPTS}


def _read_templates(folder: Path) -> dict[str, tuple[str, str]]:
    """By name: the text, and the file it stands in."""
    if not folder.is_dir():
        raise BrokenLook(f"{folder}: no such folder; output.templates names one")
    read = {}
    for file in template_files(folder):
        try:
            read[file.relative_to(folder).as_posix()] = (_read(file).decode(), str(file))
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise BrokenLook(_told(str(file), line, "this is not UTF-8")) from error
    return read


def _read(file: Path) -> bytes:
    try:
        body = file.read_bytes()
    except OSError as error:
        raise BrokenLook(f"{file}: {error.strerror or error}") from error
    if len(body) > _LARGEST:
        raise BrokenLook(f"{file}: larger than {_LARGEST >> 20} MB")
    return body


def _environment(theirs: Mapping[str, tuple[str, str]]) -> Environment:
    """Jinja2 over these templates and ours. Everything is escaped that is not marked as made here."""
    ours = PackageLoader("aggregator.publish")
    loader: BaseLoader = ours
    if theirs:
        loader = ChoiceLoader([FunctionLoader(_finder(theirs)), PrefixLoader({OURS: ours}), ours])
    # A theme may come from a stranger: it shows what it is given, and reaches nothing else.
    kind = ImmutableSandboxedEnvironment if theirs else Environment
    made = kind(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["direction"] = direction
    return made


def _finder(
    theirs: Mapping[str, tuple[str, str]],
) -> Callable[[str], tuple[str, str, Callable[[], bool]] | None]:
    def find(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        found = theirs.get(name)
        return (*found, lambda: True) if found else None

    return find


def _compile(environment: Environment, name: str) -> None:
    try:
        environment.get_template(name)
    except TemplateSyntaxError as error:
        raise BrokenLook(_told(error.filename or name, error.lineno, str(error.message))) from error
    except TemplateError as error:
        raise BrokenLook(f"{name}: {error.message or type(error).__name__}") from error


def _told(file: str, line: int, why: str) -> str:
    return f"{file}:{line}: {why}; the pages stay as they were"


def _mark(*parts: bytes) -> str:
    return blake2b(b"\0\0".join(parts), digest_size=4).hexdigest()
