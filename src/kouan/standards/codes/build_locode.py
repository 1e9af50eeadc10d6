"""The places of UN/LOCODE out of the source files: the whole list of 2019-2, six countries renewed from 2022."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path

Row = dict[str, str]
RENEWED = ("cn", "hk", "kr", "kz", "nl", "sg")
_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{3}")
_FIELD = re.compile(r"^\s+(\w+): ?(.*)$", re.MULTILINE)
_POSITION = re.compile(r"(\d{2}) ?(\d{2}) ?([NS])[ ,]*(\d{3}) ?(\d{2}) ?([EW])")


def places(source: Path) -> list[Row]:
    """All places, one a code, by code; other names of the same code stand in `others`."""
    whole = _whole(source / "un-locode" / "unlocode-2019-2.csv.gz")
    for country in RENEWED:
        newer = _renewed(source / "un-locode-2022" / f"{country}.yaml")
        older = {code: whole.pop(code) for code in list(whole) if code[:2] == country.upper()}
        for code, row in newer.items():
            row["coordinates"] = row["coordinates"] or older.get(code, row)["coordinates"]
        whole |= newer
    return [whole[code] for code in sorted(whole)]


def _whole(path: Path) -> dict[str, Row]:
    found: dict[str, Row] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["status_code"] == "XX":
                continue
            position = f"{row['latitude']} {row['longitude']}"
            _add(found, row["un_locode"], row["name"], row["function_code"], row["status_code"], row["date"], position,
                 row["subdivision"])
    return found


def _renewed(path: Path) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for block in path.read_text(encoding="utf-8").split("\n-"):
        row = {key: _unquoted(value) for key, value in _FIELD.findall(block)}
        if row.get("locode"):
            _add(found, row["locode"], row["name"], row["function"], row["status"], row["date"], row["coordinates"],
                 row["subdiv"])
    return found


def _add(
    found: dict[str, Row], code: str, name: str, function: str, status: str, date: str, position: str, subdivision: str,
) -> None:
    key = code.replace(" ", "")
    if not _CODE.fullmatch(key):
        return
    name = " ".join(name.split())
    if key in found:
        others = [found[key]["name"], *found[key]["others"].split("|")]
        if name not in others:
            found[key]["others"] = "|".join(filter(None, [*others[1:], name]))
        return
    match = _POSITION.search(position)
    found[key] = {
        "code": key, "name": name, "function": function.strip().ljust(8, "-")[:8], "status": status,
        "entered": _month(date), "coordinates": "".join(match.groups()) if match else "",
        "subdivision": subdivision, "others": "",
    }


def _month(date: str) -> str:
    """`0601` as `2006-01`: the list began in 1981."""
    if not re.fullmatch(r"\d{4}", date) or not 1 <= int(date[2:]) <= 12:
        return ""
    return f"{19 if int(date[:2]) >= 80 else 20}{date[:2]}-{date[2:]}"


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1].replace("''", "'") if value[:1] == value[-1:] == "'" and len(value) > 1 else value
