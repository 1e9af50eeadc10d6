"""What others may import: one check per kind of identifier, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kouan.standards.identifiers import awb, container, imo, locode, mmsi, plate, s10, size_type, uscc
from kouan.standards.identifiers.check import Check

__all__ = ["KINDS", "Check", "awb", "check", "container", "imo", "locode", "mmsi", "plate", "s10", "size_type", "uscc"]

KINDS: Mapping[str, Callable[[str], Check]] = MappingProxyType({
    "container": container.check, "imo": imo.check, "mmsi": mmsi.check, "locode": locode.check, "uscc": uscc.check,
    "plate": plate.check, "size_type": size_type.check, "s10": s10.check, "awb": awb.check,
})


def check(kind: str, text: str) -> Check:
    """Check `text` as an identifier of `kind`; KeyError for an unknown kind. Never raises on any text."""
    return KINDS[kind](text)
