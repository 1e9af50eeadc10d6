"""Maritime mobile service identities (ITU-R M.585): nine digits whose beginning tells the kind of station.

There is no check digit; what can be checked is the length, the kind, and the maritime identification digits (MID)
of the administration that gave the number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.standards.identifiers.check import Check, empty, normalise
from kouan.standards.identifiers.repair import DIGITS, suggest

_SHAPE = re.compile(r"[0-9]{9}")
_ALPHABETS = (DIGITS,) * 9


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of station: how its numbers begin, and where the MID stands (None: it has none)."""

    name: str
    title: Text
    prefix: str
    mid_at: int | None


# Longest prefix first; the first that fits decides.
KINDS = (
    Kind("sar-aircraft", Text("搜救航空器", "search and rescue aircraft"), "111", 3),
    Kind("sart", Text("AIS 搜救发射器", "AIS search and rescue transmitter"), "970", None),
    Kind("mob", Text("人员落水示位器", "man overboard device"), "972", None),
    Kind("epirb", Text("带 AIS 的应急示位标", "EPIRB with AIS"), "974", None),
    Kind("amrd", Text("B 组自主海上无线电设备", "autonomous radio device, group B"), "979", None),
    Kind("coast", Text("海岸电台", "coast station"), "00", 2),
    Kind("craft", Text("母船附属艇", "craft of a parent ship"), "98", 2),
    Kind("aton", Text("航标", "aid to navigation"), "99", 2),
    Kind("group", Text("船队", "group of ships"), "0", 1),
    Kind("handheld", Text("手持设备", "handheld radio"), "8", 1),
    *(Kind("ship", Text("船舶", "ship"), first, 0) for first in "234567"),
)


def kind_of(value: str) -> Kind | None:
    """The kind of a nine-digit number; None when no kind begins so."""
    return next((k for k in KINDS if value.startswith(k.prefix)), None)


def country(value: str) -> str | None:
    """The ISO 3166 alpha-2 code of the administration that gave a nine-digit number; None when unknown."""
    kind = kind_of(value)
    if kind is None or kind.mid_at is None:
        return None
    mid = codes.lookup("mid", value[kind.mid_at:kind.mid_at + 3])
    return mid.parent if mid else None


def passes(value: str) -> bool:
    """Whether a normalised value is nine digits of a known kind with an assigned MID."""
    kind = kind_of(value) if _SHAPE.fullmatch(value) else None
    return kind is not None and (kind.mid_at is None or country(value) is not None)


def check(text: str) -> Check:
    """Check an MMSI; `kind` of the verdict is the kind of station (ship, coast, aton …)."""
    value = normalise(text).removeprefix("MMSI").lstrip(":")
    if not value:
        return empty("mmsi")
    kind = kind_of(value)
    if kind and passes(value):
        return Check(value, True, "mmsi.ok", kind=kind.name)
    if len(value) != 9:
        padded = value.zfill(9) if value.isascii() and value.isdigit() and len(value) in (7, 8) else ""
        return Check(value, False, "mmsi.length", Text(
            f"MMSI 应为 9 位数字，写了 {len(value)} 位", f"an MMSI has 9 digits, not {len(value)}"),
            (padded,) if passes(padded) else ())
    if not _SHAPE.fullmatch(value):
        return Check(value, False, "mmsi.structure", Text("MMSI 应为 9 位数字", "an MMSI is 9 digits"),
                     suggest(value, _ALPHABETS, passes))
    if kind is None:
        return Check(value, False, "mmsi.kind", Text(
            f"没有以 {value[:2]} 开头的电台类别", f"no kind of station begins with {value[:2]}"), _near(value))
    at = kind.mid_at or 0
    mid = value[at:at + 3]
    return Check(value, False, "mmsi.mid", Text(
        f"水上识别数字 {mid} 没有分配给任何主管机关", f"the maritime identification digits {mid} are assigned to nobody"),
        _near(value), kind.name)


def _near(value: str) -> tuple[str, ...]:
    return suggest(value, _ALPHABETS, passes, most=5)
