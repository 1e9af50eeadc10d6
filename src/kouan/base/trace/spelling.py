"""One key in any spelling: which references a text may mean, by its shape first, then by every kind there is."""

from __future__ import annotations

import re
from uuid import UUID

from kouan.kernel.references import full, kinds
from kouan.standards.identifiers.api import check

LONGEST = 200
_SHIP = re.compile(r"(?:IMO)?[:\s]*([0-9]{7})\Z", re.IGNORECASE)
_STATION = re.compile(r"(?:MMSI)?[:\s]*([0-9]{9})\Z", re.IGNORECASE)
_BOX = re.compile(r"[A-Z]{4}[0-9]{7}\Z")


def readings(text: str) -> list[str]:
    """References that a text may mean, the likeliest first, persons last; empty when it can mean none."""
    bare = text.strip()[:LONGEST]
    if explicit(bare):
        return _made(bare)
    likely = [f"{kind}:{value}" for kind, value in _shapes(bare)]
    anything = [f"{kind}:{bare}" for kind in sorted(kinds(), key=lambda name: kinds()[name].personal)]
    return list(dict.fromkeys(ref for one in (*likely, *anything) for ref in _made(one)))


def explicit(text: str) -> bool:
    """Whether a text itself says what kind of reference it is, so that it is nobody's name."""
    kind, colon, _ = text.partition(":")
    return bool(colon) and kind.strip().lower() in kinds()


def shaped(text: str) -> bool:
    """Whether the shape of a text alone says what it is: a container, a ship's number, a plate."""
    return bool(_shapes(text.strip()[:LONGEST]))


def words(text: str) -> list[str]:
    """How a name or number may be written in a record: as it stands, in capitals, without blanks."""
    bare = " ".join(text.split())[:LONGEST].replace("\0", "")
    return list(dict.fromkeys(one for one in (bare, bare.upper(), bare.replace(" ", "").upper()) if one))


def identifier(text: str) -> UUID | None:
    """The identifier of a receipt or record, with or without its kind; None when the text is none."""
    bare = text.strip().rpartition(":")[2]
    try:
        return UUID(bare)
    except ValueError:
        return None


def _shapes(bare: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if _BOX.match(check("container", bare).value):
        found.append(("container", bare))
    if match := _SHIP.match(bare):
        found.append(("vessel", f"imo:{match.group(1)}"))
    if match := _STATION.match(bare):
        found.append(("vessel", f"mmsi:{match.group(1)}"))
    if check("plate", bare).ok:
        found.append(("vehicle", bare))
    return found


def _made(text: str) -> list[str]:
    kind, _, value = text.partition(":")
    try:
        return [full(f"{kind.strip()}:{value}")]
    except ValueError:
        return []
