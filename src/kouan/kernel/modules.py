"""Module: a room of a board; its parts are imported by it and so register themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kouan.kernel.text import Text

MODES: Mapping[str, Text] = {
    "water": Text("水运", "Water"), "air": Text("航空", "Air"), "road": Text("公路", "Road"), "rail": Text("铁路", "Rail"),
}  # fmt: skip
"""How a port of entry is reached (HS/T 82 8.1.6, 10.1.1)."""


@dataclass(frozen=True, slots=True)
class Page:
    """A hand-written page of the web client that belongs to a module."""

    path: str
    title: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Module:
    """What a module states: its name (`board.module`), what it is for, and the clauses that it serves.

    `ways`: routes that the application asks before all others, for what comes in more often than everything else.
    `modes`: for which ports of entry it is, () for all; `lasting`: no port's profile can switch it off.
    """

    name: str
    title: Text
    summary: Text
    clauses: tuple[str, ...]
    pages: tuple[Page, ...] = ()
    routes: Sequence[Any] = ()
    ways: Sequence[Any] = ()
    ddl: tuple[str, ...] = ()
    health: Callable[[Any], Any] | None = field(default=None)
    modes: tuple[str, ...] = ()
    lasting: bool = False

    @property
    def board(self) -> str:
        """The board it stands in."""
        return self.name.partition(".")[0]


_modules: dict[str, Module] = {}


def declare(module: Module) -> Module:
    """Register a module; a name that is taken by another, or a mode that is none, is refused (ValueError)."""
    if unknown := set(module.modes) - set(MODES):
        raise ValueError(f"module {module.name} is for unknown modes {sorted(unknown)}")
    if module.name in _modules and _modules[module.name] != module:
        raise ValueError(f"module {module.name} is declared twice")
    _modules[module.name] = module
    return module


def module_of(record: str) -> Module | None:
    """The module that a record type stands in, by the type's full name."""
    return _modules.get(record.rpartition(".")[0])


def modules() -> tuple[Module, ...]:
    """All declared modules, by name."""
    return tuple(_modules[name] for name in sorted(_modules))
