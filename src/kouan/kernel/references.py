"""Typed references: `kind:value` strings that name a thing of the port the same way in every record.

A higher board registers the kinds (`container`, `vessel`, …) with their normal form and check; the kernel only
knows that a reference has a kind and a value (ARCHITECTURE: references).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from kouan.kernel.text import Text

REMEMBERED = 16_384
"""References whose spelling is remembered: the same few are read again and again while goods pass."""
_VALUE = re.compile(r"[^\s\x00-\x1f\x7f]{1,240}\Z")


@dataclass(frozen=True, slots=True)
class ReferenceKind:
    """One kind of thing that can be referred to."""

    name: str
    title: Text
    normal: Callable[[str], str]
    check: Callable[[str], Text | None]
    trail: bool
    personal: bool
    former: Callable[[str], tuple[str, ...]]


_kinds: dict[str, ReferenceKind] = {}


def tidy(text: str) -> str:
    """Full-width to half-width, upper case, no blanks: the common normal form of identifiers."""
    if text.isascii():
        return "".join(text.upper().split())
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def reference_kind(
    name: str,
    title: Text,
    *,
    normal: Callable[[str], str] = tidy,
    check: Callable[[str], Text | None] = lambda _value: None,
    trail: bool = False,
    personal: bool = False,
    former: Callable[[str], tuple[str, ...]] = lambda _value: (),
) -> ReferenceKind:
    """Declare a kind of reference.

    `normal` gives the value's one spelling; `check` answers a warning when the value fails its check digit or list;
    `trail`: a trace follows it from document to document; `personal`: kept only as a keyed token; `former`: the spellings under
    which a value may have been kept before it had this one.
    """
    _kinds[name] = kind = ReferenceKind(name, title, normal, check, trail, personal, former)
    _made.cache_clear()
    return kind


def kind_of(ref: str) -> ReferenceKind:
    """The kind of a full reference; KeyError when unknown."""
    return _kinds[ref.partition(":")[0]]


def kinds() -> dict[str, ReferenceKind]:
    """All declared kinds by name."""
    return dict(_kinds)


def make(kind: str, value: str) -> str:
    """The full reference of a bare or already prefixed value, of ANY kind of a prefixed one; ValueError when it has no usable value."""
    if kind == ANY:
        return full(value)
    declared = _kinds.get(kind)
    # What names a person is not left lying in memory.
    return _make(kind, value) if declared is None or declared.personal else _made(kind, value)


def _make(kind: str, value: str) -> str:
    bare = value.strip()
    if bare.lower().startswith(kind + ":"):
        bare = bare[len(kind) + 1 :]
    declared = _kinds.get(kind)
    bare = declared.normal(bare) if declared else tidy(bare)
    if not _VALUE.match(bare):
        raise ValueError(f"no {kind} reference: {value[:40]!r}")
    return f"{kind}:{bare}"


def spellings(ref: str) -> tuple[str, ...]:
    """A full reference, and those under which the same was kept before its kind had one spelling for it."""
    kind, _, value = ref.partition(":")
    declared = _kinds.get(kind)
    return (ref, *(f"{kind}:{one}" for one in declared.former(value))) if declared else (ref,)


_made = lru_cache(maxsize=REMEMBERED)(_make)


ANY = "*"


def full(text: str) -> str:
    """A reference of any known kind, in its one spelling; ValueError when its kind is missing or unknown."""
    kind, _, value = text.strip().partition(":")
    if kind.lower() not in _kinds:
        raise ValueError(f"no known kind of reference: {kind[:24]!r}")
    return make(kind.lower(), value)


@dataclass(frozen=True, slots=True)
class Reference:
    """Annotation of a text field that holds a reference: `Annotated[str, Reference("container")]`; ANY takes all."""

    kind: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._normalise, handler(source))

    def _normalise(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return full(value) if self.kind == ANY else make(self.kind, value)
        except ValueError:
            raise PydanticCustomError("reference", "not a {kind} reference", {"kind": self.kind}) from None
