"""Canaries: values that stand nowhere else, put into every field of a record that takes them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from kouan.kernel.records import Record


class Canaries:
    """Makes canaries of one run: texts of eight characters, whole numbers and decimals of as many digits."""

    def __init__(self, run: int) -> None:
        self._numbers = itertools.count(run % 900 * 1000 + 100_000)
        self.made: set[str] = set()

    def text(self) -> str:
        """A new text, in upper case as identifiers are kept."""
        return self._made(f"ZQ{next(self._numbers):06}")

    def container(self) -> str:
        """A new container number with its check digit (ISO 6346: letters count from 10, multiples of 11 left out)."""
        letters = [value for value in range(10, 39) if value % 11]
        bare = f"ZQKU{next(self._numbers):06}"
        values = (letters[ord(sign) - 65] if sign.isalpha() else int(sign) for sign in bare)
        return self._made(f"{bare}{sum(value << place for place, value in enumerate(values)) % 11 % 10}")

    def whole(self) -> int:
        """A new whole number of eight digits."""
        return int(self._made(f"47{next(self._numbers):06}"))

    def decimal(self) -> float:
        """A new number with a fraction, small enough for a mass in kilograms."""
        number = next(self._numbers)
        return float(self._made(f"{31_000 + number // 1000}.{number % 1000 * 10 + 1:04}"))

    def _made(self, canary: str) -> str:
        self.made.add(canary)
        return canary

    def fill(self, cls: type[Record], base: Mapping[str, Any]) -> dict[str, Any]:
        """A record's content: what is given, and a canary in every other field that takes one."""
        data = dict(base)
        for name in cls.model_fields:
            if name not in data:
                data |= self._field(cls, name, data)
        made = cls.model_validate(data)
        kept = json.dumps(made.model_dump(mode="json"), ensure_ascii=False)
        self.made = {canary for canary in self.made if canary in kept or canary not in json.dumps(data, default=str)}
        return data

    def _field(self, cls: type[BaseModel], name: str, data: Mapping[str, Any]) -> dict[str, Any]:
        for value in self._candidates(cls.model_fields[name].annotation):
            try:
                cls.model_validate({**data, name: value})
            except ValidationError as error:
                if any(problem["loc"][:1] == (name,) for problem in error.errors()):
                    self._unmade(value)
                    continue
            return {name: value}
        return {}

    def _unmade(self, value: Any) -> None:
        text = json.dumps(value)
        self.made = {canary for canary in self.made if canary not in text}

    def _candidates(self, annotation: Any) -> Iterator[Any]:
        known = str(annotation)
        parts = [part for part in _inner(annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
        if parts and "tuple" in known:
            part: dict[str, Any] = {}
            for name in parts[0].model_fields:
                part |= self._field(parts[0], name, part)
            yield [part]
        elif "Literal" in known:
            yield from (value for inner in _inner(annotation) if get_origin(inner) is Literal for value in get_args(inner))
        elif "date" in known:
            yield from ("2026-11-20T01:02:03Z", "1990-02-03")
        elif "tuple" in known and "str" in known:
            yield [self.text()]
        elif "str" in known:
            yield from (self.text(), "X1")
        elif "float" in known or "Decimal" in known:
            yield self.decimal()
        elif "bool" in known:
            yield False
        elif "int" in known:
            yield from (self.whole(), 1)


def _inner(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _inner(part)
