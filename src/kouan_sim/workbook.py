"""Writer of a simulated FAL workbook: the document of `calls.fal_port_call`, typed into cells by an agent without software.

One sheet for each form, named by its number; columns are named by the document's own elements.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from xlsxwriter import Workbook  # type: ignore[import-untyped]  # the package carries no types

_LISTS = {
    "FAL2": "CargoDeclaration", "FAL3": "ShipStore", "FAL4": "DutiableCrewEffects", "FAL5": "CrewList",
    "FAL6": "PassengerList", "FAL7": "DangerousGoods",
}  # fmt: skip
_SINGLE = {"MDH": "HealthData", "ISPS": "Security", "WASTE": "WasteInformation"}
_BELOW = {"ISPS10": ("Security", "LastPortCalls"), "WASTE2": ("WasteInformation", "WasteItem")}


def fal_workbook(document: bytes) -> bytes:
    """The FAL document (JSON) as XLSX."""
    told: dict[str, Any] = orjson.loads(document)
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = {name: value for name, value in told.items() if not isinstance(value, list) and name not in _SINGLE.values()}
        _write(book.add_worksheet("FAL1"), [("Item", "Value"), *(_flat(head))])
        for sheet, name in _LISTS.items():
            _table(book.add_worksheet(sheet), told.get(name, []))
        for sheet, name in _SINGLE.items():
            _write(book.add_worksheet(sheet), [("Item", "Value"), *_flat(told.get(name, {}))])
        for sheet, (above, name) in _BELOW.items():
            _table(book.add_worksheet(sheet), told.get(above, {}).get(name, []))
    return out.getvalue()


def _flat(value: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, part in value.items():
        if isinstance(part, Mapping):
            found += _flat(part, f"{before}{name}/")
        elif not isinstance(part, list):
            found.append((f"{before}{name}", part))
    return found


def _table(sheet: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    flat = [dict(_flat(row)) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    if names:
        _write(sheet, [names, *([row.get(name, "") for name in names] for row in flat)])


def _write(sheet: Any, rows: Iterable[Sequence[Any]]) -> None:
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
