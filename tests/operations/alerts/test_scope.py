"""Which rules a new entity is held against."""

from __future__ import annotations

from kouan.operations.alerts.conditions import parse
from kouan.operations.alerts.engine import Watched
from kouan.operations.alerts.spells import Terms
from tests.operations.alerts.frames import readings
from tests.operations.alerts.test_engine import run, told


def test_a_new_entity_is_held_only_against_the_rules_that_may_name_it() -> None:
    asked: list[tuple[str, int]] = []

    def scoped(name: str, only: frozenset[str] | None) -> Watched:
        def covers(key: int) -> bool:
            asked.append((name, key))
            return only is None or str(key) in only

        over = parse({"field": "value", "op": ">", "value": 0}, "reading")
        return Watched(name, 1, "reading", over, Terms(), covers, only)

    rules = [scoped(f"own-{n}", frozenset({str(n)})) for n in range(50)]
    found = run([*rules, scoped("any", None), scoped("two", frozenset({"7", "8"}))], readings([(7, 0, 1.0), (9, 0, 1.0)]))
    assert sorted((name, key) for name, key, _, began in told(found) if began) == [
        ("any", 7), ("any", 9), ("own-7", 7), ("own-9", 9), ("two", 7),
    ]  # fmt: skip
    assert sorted(asked) == [("any", 7), ("any", 9), ("own-7", 7), ("own-9", 9), ("two", 7)]
