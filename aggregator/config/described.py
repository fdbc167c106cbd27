"""What each key means: the words that stand behind it in the source of its type.

They are for the schema and the reference alone. pydantic would read them for itself each time the program starts,
which takes as long as making the types.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from itertools import pairwise
from textwrap import dedent

from aggregator.config.base import Model


def meanings(model: type[Model]) -> Mapping[str, str]:
    """By the key as feeds.yaml spells it, inherited ones included."""
    words = {name: text for part in reversed(model.__mro__) for name, text in _behind(part)}
    fields = model.model_fields
    return {fields[name].alias or name: text for name, text in words.items() if name in fields}


def _behind(part: type) -> Iterator[tuple[str, str]]:
    if not issubclass(part, Model):
        return
    made = ast.parse(dedent(inspect.getsource(part))).body[0]
    assert isinstance(made, ast.ClassDef)
    for key, words in pairwise(made.body):
        match key, words:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
