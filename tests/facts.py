"""Facts for rules, made by hand: kept records and what was found for needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from kouan.base.declaration.api import Declaration
from kouan.base.manifest.api import Consignment
from kouan.kernel.records import Record
from kouan.kernel.references import make
from kouan.kernel.rules import Found, Kept, Need

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SITE = {"code": "CNWHH", "office": "9901", "zone": "Asia/Shanghai"}


def kept(
    data: Record,
    *,
    state: str = "kept",
    filer: str = "trader",
    at: datetime = NOW,
    tracks: Mapping[str, Mapping[str, Any]] | None = None,
) -> Kept:
    """A record as rules see it."""
    ref = make(data.facts.ref, data.key(filer).replace("|", "/"))
    return Kept(str(uuid4()), ref, data.facts.name, 1, state, tracks or {}, at, 10, filer, data)


def found(*facts: tuple[Need, Sequence[Kept]], filer: str = "trader", **site: str) -> Found:
    """What was found, at the tests' moment."""
    return Found(NOW, filer, {**SITE, **site}, dict(facts))


def declaration(**more: Any) -> Declaration:
    """A declaration at the demo port's office, of one line of machines."""
    item = {"sequence": 1, "hs": "84581100", "origin": "DE", "value": "210000", "currency": "USD", "net_kg": 10400.0}
    stated = {
        "functional_reference": "WH-1", "function_code": "9", "office": "9901", "containers": ["MSKU9070323"], "bills": ["B1"],
        "gross_kg": 11200.0, "items": [item],
    }  # fmt: skip
    return Declaration.model_validate({**stated, **more})


def consignment(**more: Any) -> Consignment:
    """A manifest line of one box."""
    stated = {"manifest": "CARRIER/M1", "bill": "B1", "containers": ["MSKU9070323"], "gross_kg": 11200.0}
    return Consignment.model_validate({**stated, **more})
