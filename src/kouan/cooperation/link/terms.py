"""The terms of an agreement in one wording: each side writes its own half, and both must come out the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kouan.cooperation.link.records import Agreement, Given
from kouan.kernel.clock import stamp

IN_FORCE = "in-force"


def terms(agreement: Agreement, own_key: str) -> dict[str, Any]:
    """What was agreed, without what is one side's own business (addresses, readers). The sides stand under their names."""
    us = {"level": agreement.own_level, "key": own_key, "gives": _gives(agreement.gives)}
    them = {"level": agreement.partner_level, "key": agreement.partner_key, "gives": _gives(agreement.takes)}
    return {
        "number": agreement.number, "delay_seconds": agreement.delay_seconds, "since": stamp(agreement.since),
        "until": stamp(agreement.until) if agreement.until else None, "purpose": agreement.purpose,
        "sides": {agreement.own_name: us, slug_of(agreement): them},
    }  # fmt: skip


def slug_of(agreement: Agreement) -> str:
    """The partner's short name here."""
    return agreement.partner.partition(":")[2]


def _gives(given: tuple[Given, ...]) -> list[dict[str, Any]]:
    shapes = [
        {"record": one.record, "fields": sorted(set(one.fields)),
         "where": sorted(({"name": n.name, "values": sorted(set(n.values))} for n in one.where), key=str)}
        for one in given
    ]  # fmt: skip
    return sorted(shapes, key=str)


def without_keys(wording: Mapping[str, Any]) -> dict[str, Any]:
    """A wording without the sides' keys."""
    sides = wording.get("sides")
    if not isinstance(sides, Mapping):
        return dict(wording)
    bare = {name: {k: v for k, v in side.items() if k != "key"} if isinstance(side, Mapping) else side for name, side in sides.items()}
    return {**wording, "sides": bare}


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Where two wordings differ, as paths; empty when they are the same."""
    found = []
    for name in sorted({*ours, *theirs}):
        mine, its = ours.get(name), theirs.get(name)
        if isinstance(mine, Mapping) and isinstance(its, Mapping):
            found += [f"{name}.{path}" for path in differences(mine, its)]
        elif mine != its:
            found.append(name)
    return found


def lasts(agreement: Agreement, at: datetime) -> bool:
    """Whether a moment lies within the agreed time."""
    return agreement.since <= at and (agreement.until is None or at < agreement.until)
