"""The catalogue as DCAT 3 in JSON-LD (W3C Data Catalog Vocabulary), so that other catalogues can take it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from kouan.kernel.clock import stamp

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}  # fmt: skip
MEDIA = "application/ld+json"


def catalog(base: str, rows: Sequence[asyncpg.Record], site: str) -> dict[str, Any]:
    """Entries as a dcat:Catalog; `base`: the platform's address, `site`: the port's code."""
    return {
        "@context": CONTEXT,
        "@id": f"{base}/api/catalogue/dcat",
        "@type": "dcat:Catalog",
        "dct:identifier": site,
        "dct:title": _said("口岸数据资源目录", "Data catalogue of the port"),
        "dct:language": ["zh", "en"],
        "dcat:dataset": [_dataset(base, row) for row in rows],
    }


def _said(zh: str, en: str) -> list[dict[str, str]]:
    return [{"@language": "zh", "@value": zh}, {"@language": "en", "@value": en}]


def _dataset(base: str, row: asyncpg.Record) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@id": f"{base}/api/catalogue/entries/{row['id']}",
        "@type": "dcat:Dataset",
        "dct:identifier": row["id"],
        "dct:type": row["kind"],
        "dct:title": _said(row["title_zh"], row["title_en"]),
        "dct:modified": {"@type": "xsd:dateTime", "@value": stamp(row["changed"])},
        "dct:accessRights": f"level {row['level']}",
        "dct:publisher": [{"@type": "foaf:Organization", "foaf:name": owner} for owner in row["owner"].split(",") if owner],
    }
    if row["summary_zh"] and row["summary_en"]:
        made["dct:description"] = _said(row["summary_zh"], row["summary_en"])
    if row["theme"]:
        made["dcat:keyword"] = row["theme"]
    if path := _door(row["kind"], row["name"]):
        access = {"@type": "dcat:Distribution", "dcat:accessURL": {"@id": base + path}, "dct:format": "application/json"}
        made["dcat:distribution"] = [access]
    return made


def _door(kind: str, name: str) -> str:
    doors = {"record": f"/api/shared/{name}", "codes": f"/api/parameters/{name}", "element": f"/api/catalogue/elements/{name}"}
    return doors.get(kind, "")
