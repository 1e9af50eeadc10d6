"""Who listens to which topic: codes of handlers, filled as they are declared."""

from __future__ import annotations

_listening: dict[str, set[str]] = {}


def listen(code: str, topics: tuple[str, ...]) -> None:
    """A handler listens to topics; `board.module.record:*` stands for all of a record's."""
    for topic in topics:
        _listening.setdefault(topic, set()).add(code)


def codes_on(topic: str) -> tuple[str, ...]:
    """Codes of the handlers that listen to a topic, in order."""
    record = topic.partition(":")[0]
    return tuple(sorted(_listening.get(topic, set()) | _listening.get(f"{record}:*", set())))
