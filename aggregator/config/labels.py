"""Sections and the labels that lead to them: whether they are known, and what there is when none is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from aggregator.config.faults import Fault, did_you_mean
from aggregator.config.model import Routing, Section, Source
from aggregator.config.reserved import RESERVED
from aggregator.config.slugs import label_key, slug_of_name
from aggregator.config.tree import Map, Node, Text, items_of, texts_of

ALL = "all"


def check_sections(sections: Sequence[Node]) -> list[Fault]:
    """Faults in ids: those that are taken by something else that is published, and those given twice."""
    faults: list[Fault] = []
    seen: dict[str, Text] = {}
    for node in sections:
        id = node.get("id") if isinstance(node, Map) else None
        if not isinstance(id, Text) or id.value is None:
            continue
        first = seen.setdefault(id.value, id)
        if first is not id:
            place = f"{first.mark.file}:{first.mark.line}"
            faults.append(id.mark.fault(f"duplicate id {id.value!r} in {node.path}; {place} has it already"))
        if (whose := RESERVED.get(id.value)) is not None:
            taken = f"is taken by a page of the program itself ({whose})"
            faults.append(id.mark.fault(f"the id {id.value!r} in {node.path} {taken}; choose another"))
    return faults


def check_labels(sources: Iterable[Node], sections: Sequence[Node]) -> list[Fault]:
    """Labels that lead nowhere. Without declared sections there are none: each label gets a section."""
    if not sections:
        return []
    names = list(_declared(sections))
    known = {label_key(name) for name in names}
    return [
        label.mark.fault(
            f"no section is called {label.value!r}{did_you_mean(label.value, names)}; "
            f"declare it under 'sections', or name it in the 'include' of one"
        )
        for source in sources
        for label in _labels(source)
        if label.value is not None and label_key(label.value) not in known
    ]


def check_source_names(nodes: Iterable[Node], ids: Iterable[str]) -> list[Fault]:
    """Conditions on sources that are not there: they never hold."""
    known = set(ids)
    return [
        name.mark.fault(
            f"no source has the id {name.value!r}{did_you_mean(name.value, known)}; this never holds"
        )
        for node in nodes
        for name in _source_names(node)
        if name.value and name.value not in known
    ]


def _declared(sections: Sequence[Node]) -> Iterator[str]:
    for section in sections:
        if isinstance(section, Map):
            for key in ("id", "title", "include"):
                yield from (text.value for text in texts_of(section.get(key)) if text.value)


def _labels(source: Node) -> Iterator[Text]:
    section = source.get("section") if isinstance(source, Map) else None
    if isinstance(section, Text):
        yield section
    if isinstance(section, Map):
        for rule in items_of(section.get("match")):
            yield from texts_of(rule.get("to") if isinstance(rule, Map) else None)
        yield from texts_of(section.get("else"))


def _source_names(section: Node) -> Iterator[Text]:
    for key in ("match", "keep", "block", "any", "none"):
        condition = section.get(key) if isinstance(section, Map) else None
        if isinstance(condition, Map):
            yield from texts_of(condition.get("source"))
            yield from _source_names(condition)


# -- when no section is declared


def derived_sections(sources: Iterable[Source], title: str) -> tuple[Section, ...]:
    """One section for each label that the sources name, in that order, and one of everything."""
    taken = {*RESERVED, ALL}
    made: dict[str, Section] = {}
    for label in (label for source in sources for label in labels_of(source)):
        key = label_key(label)
        if key not in made and key != ALL:
            id = slug_of_name(label, taken)
            taken.add(id)
            made[key] = Section(id=id, title=label)
    return (*made.values(), Section(id=ALL, title=title, include=("*",)))


def labels_of(source: Source) -> tuple[str, ...]:
    """The sections that a source's configuration names."""
    if isinstance(source.section, Routing):
        last = (source.section.else_,) if source.section.else_ else ()
        return (*(rule.to for rule in source.section.match), *last)
    return (source.section,) if source.section else ()
