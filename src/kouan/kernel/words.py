"""What all ten words share: a class that states its facts once and is refused at import when one is missing."""

from __future__ import annotations

import inspect
from abc import ABC
from typing import Any, ClassVar, TypeVar

from kouan.kernel.text import Text

W = TypeVar("W", bound="Word")


class Incomplete(TypeError):
    """A word was declared without one of its facts."""


class Word(ABC):
    """Base of the declared words (Rule, Lifecycle, Handler, Format, …).

    A subclass of a kind (a class that names `requires`) is registered under `code` when it is concrete.
    """

    requires: ClassVar[tuple[str, ...]] = ()
    code: ClassVar[str]
    kinds: ClassVar[dict[type, dict[str, type[Any]]]] = {}
    kind: ClassVar[type | None] = None
    declared: ClassVar[int] = 0

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if Word in cls.__bases__:
            cls.kind = cls
            Word.kinds[cls] = {}
            return
        if inspect.isabstract(cls) or cls.__dict__.get("abstract", False):
            return
        cls._register()

    @classmethod
    def _register(cls) -> None:
        where = f"{cls.__module__}.{cls.__qualname__}"
        for fact in ("code", *cls.requires):
            if not hasattr(cls, fact):
                raise Incomplete(f"{where}: states no `{fact}`")
        for fact in cls.requires:
            value = getattr(cls, fact)
            if fact in ("title", "message") and not isinstance(value, Text):
                raise Incomplete(f"{where}: `{fact}` must be a Text in both languages")
        assert cls.kind is not None
        known = Word.kinds[cls.kind]
        if cls.code in known and known[cls.code].__qualname__ != cls.__qualname__:
            raise Incomplete(f"{where}: code `{cls.code}` is taken by {known[cls.code].__module__}")
        known[cls.code] = cls
        Word.declared += 1


_ordered: dict[type, tuple[tuple[int, int], tuple[type[Any], ...]]] = {}


def every(kind: type[W]) -> tuple[type[W], ...]:
    """All declared words of a kind, in order of their codes."""
    known = Word.kinds.get(kind, {})
    held, stand = _ordered.get(kind), (Word.declared, len(known))
    if held is None or held[0] != stand:
        held = _ordered[kind] = (stand, tuple(known[code] for code in sorted(known)))
    return held[1]


def named(kind: type[W], code: str) -> type[W]:
    """The word of a kind with that code; KeyError when there is none."""
    word: type[W] = Word.kinds[kind][code]
    return word
