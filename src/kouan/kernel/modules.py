"""Module: a room of a board; its parts are imported by it and so register themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kouan.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Page:
    """A hand-written page of the web client that belongs to a module."""

    path: str
    title: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Module:
    """What a module states: its name (`board.module`), what it is for, and the clauses that it serves."""

    name: str
    title: Text
    summary: Text
    clauses: tuple[str, ...]
    pages: tuple[Page, ...] = ()
    routes: Sequence[Any] = ()
    ddl: tuple[str, ...] = ()
    health: Callable[[Any], Any] | None = field(default=None)

    @property
    def board(self) -> str:
        """The board it stands in."""
        return self.name.partition(".")[0]


_modules: dict[str, Module] = {}


def declare(module: Module) -> Module:
    """Register a module; a name that is taken by another is refused (ValueError)."""
    if module.name in _modules and _modules[module.name] != module:
        raise ValueError(f"module {module.name} is declared twice")
    _modules[module.name] = module
    return module


def modules() -> tuple[Module, ...]:
    """All declared modules, by name."""
    return tuple(_modules[name] for name in sorted(_modules))
