"""What all parts of feeds.yaml have in common."""

from __future__ import annotations

from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, model_validator


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_keys(cls, data: Any) -> Any:
        """A key with nothing behind it is as good as left out, unless none is a value of it."""
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None or cls.takes_nothing(key)}

    @classmethod
    def takes_nothing(cls, key: str) -> bool:
        """Whether "none" is a value of this key. Unknown keys are for the validation to refuse."""
        field = next((field for name, field in cls.model_fields.items() if key in (name, field.alias)), None)
        return field is None or NoneType in get_args(field.annotation)
