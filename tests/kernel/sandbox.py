"""The registries of the words, taken aside: a test may declare what it likes and leaves nothing behind."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kouan.kernel import modules, records, references, topics
from kouan.kernel.words import Word


@dataclass
class Registries:
    """What was declared, by registry."""

    types: dict[str, Any]
    words: dict[Any, dict[str, Any]]
    kinds: dict[str, Any]
    modules: dict[str, Any]
    topics: dict[str, Any]


def _snapshot() -> Registries:
    return Registries(
        dict(records._types),
        {kind: dict(known) for kind, known in Word.kinds.items()},
        dict(references._kinds),
        dict(modules._modules),
        {topic: set(codes) for topic, codes in topics._listening.items()},
    )


def _install(state: Registries) -> None:
    for registry, content in (
        (records._types, state.types), (references._kinds, state.kinds), (modules._modules, state.modules),
    ):  # fmt: skip
        registry.clear()
        registry.update(content)
    topics._listening.clear()
    topics._listening.update({topic: set(codes) for topic, codes in state.topics.items()})
    for kind, known in Word.kinds.items():
        known.clear()
        known.update(state.words.get(kind, {}))


EMPTY = Registries({}, {}, {}, {}, {})


@contextmanager
def only(state: Registries = EMPTY) -> Iterator[None]:
    """With these words declared and no others; what was declared before stands again afterwards."""
    before = _snapshot()
    _install(state)
    try:
        yield
    finally:
        _install(before)


@contextmanager
def aside() -> Iterator[None]:
    """With all that is declared now; what is declared meanwhile is forgotten."""
    with only(_snapshot()):
        yield
    forget()


def forget() -> None:
    """Empty what the code remembers of the registries."""
    for name, module in list(sys.modules.items()):
        for found in vars(module).values() if name.startswith("kouan.") else ():
            if isinstance(found, functools._lru_cache_wrapper):
                found.cache_clear()


def declared(make: Callable[[], Any]) -> tuple[Any, Registries]:
    """What `make` answers and all words that it declares, none of which stays declared."""
    with only():
        made = make()
        return made, _snapshot()
