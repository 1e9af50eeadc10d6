"""Build the committed data from the source files: `python -m kouan.standards.codes.build SHARED_DIR`.

The sources stand in `SHARED_DIR/data/codes` (see `data/SOURCES.md`); what this project wrote itself, mostly Chinese
names, stands in `written/`. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from kouan.standards.codes.build_locode import places
from kouan.standards.codes.catalogue import SPECS
from kouan.standards.codes.locode import COLUMNS as PLACE_COLUMNS
from kouan.standards.codes.table import COLUMNS

HERE = Path(__file__).parent
Row = dict[str, str]
_WITHDRAWN = re.compile(r"^-|^\?$")


def main() -> None:
    """Write every list into `data/`, and how many codes each has."""
    parser = argparse.ArgumentParser(description="Build the code lists.")
    parser.add_argument("shared", type=Path, help="folder that holds data/codes")
    parser.add_argument("--out", type=Path, default=HERE / "data", help="where to write (default: the package's data)")
    args = parser.parse_args()
    build(args.shared / "data" / "codes", args.out)


def build(source: Path, out: Path) -> None:
    """Write all lists of `source` into the folder `out`."""
    small = {
        "country": _countries(source), "currency": _currencies(source), "unit": _units(source),
        "package": _packages(source), "hs": _hs(source), "un_number": _un_numbers(source),
        "dg_class": _written("dg_class"), "container_type": _container_types(source),
        "container_owner": _owners(source), "mid": _mids(source),
        **{name: _written(name) for name in ("transport_mode", "message_function", "declaration_type", "procedure", "metric")},
    }
    counts = {}
    for name, rows in small.items():
        listed = [dict.fromkeys(COLUMNS, "") | row for row in rows]
        counts[name] = len(listed)
        (out / f"{name}.csv").write_text(_csv(listed), encoding="utf-8", newline="")
    lines = [[place[column] for column in PLACE_COLUMNS] for place in places(source)]
    counts["locode"] = len(lines)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    (out / "locode.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))
    (out / "locode_zh.csv").write_text(_csv(_written("locode_zh")), encoding="utf-8", newline="")
    totals = _csv({"list": name, "count": str(counts[name])} for name in SPECS)
    (out / "counts.csv").write_text(totals, encoding="utf-8", newline="")


def _read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _written(name: str) -> list[Row]:
    return list(_read(HERE / "written" / f"{name}.csv"))


def _chinese(name: str) -> Row:
    return {row["code"]: row["zh"] for row in _written(name)}


def _csv(rows: Iterable[Row]) -> str:
    listed = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(k for row in listed for k in row)), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return out.getvalue()


# Names that the source gives in another form than ISO 3166.
_ISO_NAMES = {
    "CI": "Côte d'Ivoire", "HK": "Hong Kong, China", "MO": "Macao, China", "TW": "Taiwan, Province of China",
    "VG": "Virgin Islands (British)", "VI": "Virgin Islands (U.S.)", "FK": "Falkland Islands (Malvinas)",
    "SH": "Saint Helena, Ascension and Tristan da Cunha",
}


def _countries(source: Path) -> list[Row]:
    ours = {row["code"]: row for row in _written("country_zh")}
    rows = []
    for row in _read(source / "countries" / "country-codes.csv"):
        code, alpha3 = row["ISO3166-1-Alpha-2"], row["ISO3166-1-Alpha-3"]
        numeric = row["ISO3166-1-numeric"].zfill(3)
        rows.append({
            "code": code, "zh": ours[code]["zh"], "en": _ISO_NAMES.get(code, row["official_name_en"]),
            "since": ours[code]["since"], "also": f"{alpha3} {numeric}", "alpha3": alpha3, "numeric": numeric,
            "currency": row["ISO4217-currency_alphabetic_code"].replace(",", " ") or {"TR": "TRY"}.get(code, ""),
        })
    former = [row | {"also": row["alpha3"]} for row in _written("country_former")]
    return sorted(rows + former, key=lambda r: (r["code"], r.get("until", "")))


_CURRENCY_COLUMNS = ("alphabetic_code", "numeric_code", "minor_unit", "name")


def _currencies(source: Path) -> list[Row]:
    chinese, rows = _chinese("currency_zh"), {}
    for row in _read(source / "countries" / "country-codes.csv"):
        columns = (row[f"ISO4217-currency_{column}"].split(",") for column in _CURRENCY_COLUMNS)
        for code, numeric, minor, name in zip(*columns, strict=False):
            if code:
                rows[code] = {"code": code, "zh": chinese.get(code, ""), "en": name.strip(), "also": numeric,
                              "numeric": numeric, "minor": minor}
    for row in _written("currency_more"):
        rows[row["code"]] = row | {"also": "" if row["until"] else row["numeric"]}
    return [rows[code] for code in sorted(rows)]


def _units(source: Path) -> list[Row]:
    chinese = _chinese("unit_zh")
    rows = {row["code"]: {"code": row["code"], "zh": chinese.get(row["code"], ""), "en": row["name"]}
            for row in _read(source / "unece" / "rec20_units.csv")}
    rows |= {row["code"]: row for row in _written("unit_more")}
    return [rows[code] for code in sorted(rows)]


def _packages(source: Path) -> list[Row]:
    """The source writes `X` before each code, as electronic invoices do; that spelling is kept as an alias."""
    chinese = _chinese("package_zh")
    rows = ({"code": row["code"][1:], "zh": chinese.get(row["code"][1:], ""), "en": row["name"], "also": row["code"],
             "description": row["description"]} for row in _read(source / "unece" / "rec21_packages.csv"))
    return sorted(rows, key=lambda r: r["code"])


def _hs(source: Path) -> list[Row]:
    chinese = _chinese("hs_zh")
    rows = [{"code": row["section"], "zh": chinese[row["section"]], "en": _capital(row["name"].strip()),
             "since": "2022-01-01", "level": "section"} for row in _read(source / "hs" / "sections.csv")]
    levels = {"2": "chapter", "4": "heading", "6": "subheading"}
    for row in _read(source / "hs" / "harmonized-system.csv"):
        if row["level"] in levels:
            code = row["hscode"]
            parent = row["section"].replace("TOTAL", "") if row["level"] == "2" else row["parent"]
            rows.append({"code": code, "zh": chinese.get(code, ""), "en": row["description"], "since": "2022-01-01",
                         "parent": parent, "level": levels[row["level"]]})
    return rows


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _un_numbers(source: Path) -> list[Row]:
    """Numbers no longer in use are left out; the proper shipping name is kept as the source has it."""
    text = (source / "un-numbers" / "un-numbers.json").read_text(encoding="utf-8")
    return [{"code": entry["number"], "en": entry["description"].strip(), "parent": entry["class"],
             "also": f"UN{entry['number']}", "classification": entry.get("classCode", ""),
             "tunnel": entry.get("tunnel", "")}
            for entry in json.loads(text) if not _WITHDRAWN.match(entry["class"])]


def _container_types(source: Path) -> list[Row]:
    chinese = {row["type"]: row["zh"] for row in _written("container_words")}
    listed = json.loads((source / "iso6346" / "iso_container_types.json").read_text(encoding="utf-8"))
    rows = []
    for code, entry in sorted(listed.items()):
        length, height, kind = f"{entry['length']:g}", f"{entry['height']:g}", entry["type"]
        rows.append({"code": code, "zh": f"{length} 英尺{chinese[kind]}，高 {height} 英尺",
                     "en": f"{length} ft {kind.lower()}, {height} ft high", "length_ft": length, "height_ft": height})
    return rows


def _owners(source: Path) -> list[Row]:
    codes = (source / "iso6346" / "owner_prefixes.txt").read_text(encoding="utf-8").strip().split(",")
    return [{"code": code, "zh": f"箱主代码 {code}", "en": f"owner code {code}"} for code in sorted(set(codes))]


def _mids(source: Path) -> list[Row]:
    countries = {row["code"]: row for row in _countries(source) if not row.get("until")}
    return [{"code": row["code"], "zh": countries[row["parent"]]["zh"], "en": countries[row["parent"]]["en"],
             "parent": row["parent"]} for row in _written("mid")]


if __name__ == "__main__":
    main()
