"""From staff's rules as they are kept to rules as the engine runs them: zones drawn, scopes decided."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from kouan.kernel.text import Text
from kouan.operations.alerts.conditions import Compare, Unfit, drawn, leaves, parse
from kouan.operations.alerts.engine import Watched
from kouan.operations.alerts.rulebook import StaffRule
from kouan.operations.alerts.spells import Change, Terms
from kouan.operations.alerts.wording import threshold

log = logging.getLogger(__name__)
IMPULSE_S = 30.0
"""A crossing is over as it happens: its alarm stands at least so long."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a key of a frame stands for: a metric of a device, or a mover by its reference and kind."""

    name: str
    metric: str = ""
    kind: str = ""
    unit: str = ""
    orgs: tuple[str, ...] = ()


Names = Mapping[int, Known]


def watched(rules: Iterable[StaffRule], outlines: Mapping[str, Any], names: Names) -> list[Watched]:
    """The rules that can run; one that names a place which is not drawn is left out, and the log says so."""
    made = []
    for rule in rules:
        try:
            made.append(watch(rule, outlines, names))
        except Unfit as unfit:
            log.warning("rule %s is not watched: %s %s", rule.code, unfit.path, unfit.reason.en)
    return made


def watch(rule: StaffRule, outlines: Mapping[str, Any], names: Names) -> Watched:
    """One rule. Raises Unfit when a place that it names is not drawn."""
    node = parse(drawn(rule.condition, outlines), rule.signal)
    if missing := [leaf for leaf in leaves(node) if getattr(leaf, "polygons", 1) == () or getattr(leaf, "points", 1) == ()]:
        raise Unfit("condition", Text(f"地点没有图形：{missing[0]}", f"a place is not drawn: {missing[0]}"))
    clears = max(rule.clears_after_s, IMPULSE_S if any(_impulse(leaf) for leaf in leaves(node)) else 0)
    terms = Terms(rule.for_s, rule.count, rule.within_s, rule.absent_s, clears)
    only = frozenset(rule.devices) if rule.devices and not any(name.endswith("*") for name in rule.devices) else None
    return Watched(rule.code, rule.revision, rule.signal, node, terms, _covers(rule, names), only, partial(_name, names))


def _name(names: Names, key: int) -> str:
    known = names.get(key)
    return known.name if known else ""


def _impulse(leaf: Any) -> bool:
    return hasattr(leaf, "points") or getattr(leaf, "how", "") in ("enters", "leaves")


def _covers(rule: StaffRule, names: Names) -> Callable[[int], bool]:
    exact = {name for name in rule.devices if not name.endswith("*")}
    begins = tuple(name[:-1] for name in rule.devices if name.endswith("*"))
    metric, kinds, everything = rule.metric, frozenset(rule.kinds), not rule.devices

    def covers(key: int) -> bool:
        known = names.get(key)
        if known is None or (metric is not None and rule.signal == "reading" and known.metric != metric):
            return False
        if kinds and rule.signal == "position" and known.kind not in kinds:
            return False
        return everything or known.name in exact or known.name.startswith(begins or ("\x00",))

    return covers


def message(rule: StaffRule, known: Known | None, change: Change) -> Text:
    """The rule's message about one alarm."""
    limit = limit_of(rule)
    value = change.value if change.value == change.value else None
    filled = {
        "device": known.name if known else str(change.key), "metric": rule.metric or "", "name": known.name if known else "",
        "value": f"{value:g}" if value is not None else "–", "threshold": f"{limit:g}" if limit is not None else "–",
        "place": (rule.place or "").partition(":")[2], "unit": known.unit if known else "",
    }  # fmt: skip
    return Text(_filled(rule.message_zh, filled), _filled(rule.message_en, filled))


def limit_of(rule: StaffRule) -> float | None:
    """The threshold that a person knows the rule by: that of its first comparison."""
    try:
        ends = leaves(parse(rule.condition, rule.signal))
    except Unfit:
        return None
    first = next((leaf for leaf in ends if isinstance(leaf, Compare)), None)
    return first.value if first else next((limit for leaf in ends if (limit := threshold(leaf)) is not None), None)


def _filled(template: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template[:600]
