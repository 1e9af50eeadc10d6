"""Dates that are never guessed from a bare number.

Pydantic takes a number, and a text of digits, for the seconds or milliseconds since 1970, so that 20261123 (ISO 8601 in
its basic form) and 46349 (a day as spreadsheets count it) would be kept as moments of the year 1970.
"""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any, get_args

from pydantic import AwareDatetime, BaseModel, NaiveDatetime, model_validator
from pydantic_core import PydanticCustomError

_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")
_NO_DATE = ()


class Dated(BaseModel):
    """A model whose dates, times and moments are texts of ISO 8601 or the objects themselves; a number is refused as no date."""

    @model_validator(mode="before")
    @classmethod
    def _unnumbered(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        bare = [name for name in _dates(cls) if _number(data.get(name))]
        return {**data, **dict.fromkeys(bare, _NO_DATE)} if bare else data


def unnumbered(value: Any) -> Any:
    """A value that a date is to be made of, for a validator before it. PydanticCustomError for a number or a text of digits."""
    if _number(value):
        raise PydanticCustomError("datetime_type", "a number is no date")
    return value


@cache
def _dates(cls: type[BaseModel]) -> tuple[str, ...]:
    """The names under which a model is given a date, a time or a moment."""
    return tuple(info.alias or name for name, info in cls.model_fields.items() if _is_date(info.annotation))


def _is_date(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, date | time | AwareDatetime | NaiveDatetime):
        return True
    return any(map(_is_date, get_args(annotation)))


def _number(value: Any) -> bool:
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None
    return isinstance(value, int | float | Decimal)
