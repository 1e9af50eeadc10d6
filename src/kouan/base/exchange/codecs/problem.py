"""What a codec says when it cannot take a message: problems with code, place and reason in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kouan.kernel.errors import Problem
from kouan.kernel.text import Text

__all__ = ["MOST", "CodecError", "Fault", "Problem"]

MOST = 100
"""At most this many problems are named for one body; the rest would bury the first."""


class CodecError(Exception):
    """A body that is not taken; `problems` holds at least one and at most `MOST` of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)[:MOST]
        if not self.problems:
            raise ValueError("a refusal needs a problem")
        first = self.problems[0]
        super().__init__(f"{first.code} at {first.position or 'start'}: {first.reason.en}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of problem, stated once: stable code, rule (clause of the standard), sentence with placeholders."""

    code: str
    rule: str
    reason: Text

    def at(self, position: str, field: str = "", **values: object) -> Problem:
        """The problem at a place. Values are cut to 80 characters: a reason must not carry a body back."""
        short = {key: _short(value) for key, value in values.items()}
        return Problem(self.code, field, self.rule, self.reason.fill(**short), position)

    def error(self, position: str, field: str = "", **values: object) -> CodecError:
        """The refusal that names this problem alone."""
        return CodecError((self.at(position, field, **values),))


def _short(value: object) -> object:
    if isinstance(value, int):
        return value
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value)[:81])
    return text if len(text) <= 80 else text[:79] + "…"
