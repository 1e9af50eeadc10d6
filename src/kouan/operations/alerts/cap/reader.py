"""A CAP 1.2 message read and checked by its own structure (OASIS CAP 1.2, chapter 3); what is wrong is named with its line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lxml import etree

from kouan.kernel.errors import Problem, Refused
from kouan.kernel.text import Text
from kouan.operations.alerts.hazards import CATEGORIES

SPACE = "urn:oasis:names:tc:emergency:cap:1.2"
LARGEST, MOST_POINTS, MOST_PROBLEMS = 1 << 20, 5000, 50
EARTH_KM = 6371.0088
XML = Text("不是格式良好的XML：{why}", "Not well-formed XML: {why}")
DTD = Text("不接受带有文档类型声明的XML", "XML with a document type declaration is not taken")
ROOT = Text("根元素应为CAP 1.2的alert", "The root element is alert of CAP 1.2")
SIZE = Text("报文超过1 MiB", "The message is over 1 MiB")
MISSING = Text("缺少元素{name}", "The element {name} is missing")
VALUE = Text("{name}的值不在CAP 1.2允许的范围内：{found}", "The value of {name} is none that CAP 1.2 allows: {found}")
TIME = Text("{name}应为带时区的时间：{found}", "{name} is a time with its zone: {found}")
POLYGON = Text("polygon应为首尾相同的至少四个“纬度,经度”", "A polygon is four or more “latitude,longitude”, the last the same as the first")
CIRCLE = Text("circle应为“纬度,经度 半径（公里）”", "A circle is “latitude,longitude radius”, in kilometres")
_SENDER = re.compile(r"[^\s,<&]{1,200}\Z")
_PAIR = re.compile(r"(-?\d{1,3}(?:\.\d{1,12})?),(-?\d{1,3}(?:\.\d{1,12})?)\Z")
ALLOWED = {
    "status": ("Actual", "Exercise", "System", "Test", "Draft"),
    "msgType": ("Alert", "Update", "Cancel", "Ack", "Error"),
    "scope": ("Public", "Restricted", "Private"),
    "urgency": ("Immediate", "Expected", "Future", "Past", "Unknown"),
    "severity": ("Extreme", "Severe", "Moderate", "Minor", "Unknown"),
    "certainty": ("Observed", "Likely", "Possible", "Unlikely", "Unknown"),
    "category": tuple(CATEGORIES),
}
TAKEN = ("Alert", "Update", "Cancel")
NOT_TAKEN = Text("只受理Alert、Update、Cancel消息，不受理{found}", "Alert, Update and Cancel are taken, {found} is not")


class _Reader:
    """One message; problems are gathered, so that the sender sees all of them at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, element: Any, where: str, rule: str, reason: Text, **values: object) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            short = {key: str(value)[:80] for key, value in values.items()}
            self.problems.append(Problem("structure.cap", where, rule, reason.fill(**short), f"line {element.sourceline}"))

    def text(self, parent: Any, name: str, *, wanted: bool = True) -> str:
        found = parent.find(f"{{{SPACE}}}{name}")
        value = (found.text or "").strip() if found is not None else ""
        if wanted and not value:
            self.wrong(parent, name, "cap.3.2", MISSING, name=name)
        return value

    def code(self, parent: Any, name: str) -> str:
        value = self.text(parent, name)
        if value and value not in ALLOWED[name]:
            self.wrong(parent, name, "cap.3.2", VALUE, name=name, found=value)
        return value

    def time(self, parent: Any, name: str, *, wanted: bool = False) -> str | None:
        value = self.text(parent, name, wanted=wanted)
        if not value:
            return None
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            self.wrong(parent, name, "cap.3.3.2", TIME, name=name, found=value)
            return None
        return value

    def areas(self, info: Any) -> Iterator[dict[str, Any]]:
        for area in info.findall(f"{{{SPACE}}}area"):
            polygons = [ring for e in area.findall(f"{{{SPACE}}}polygon") if (ring := self._polygon(e))]
            circles = [c for e in area.findall(f"{{{SPACE}}}circle") if (c := self._circle(e))]
            rings = [*polygons, *(ring_of(*circle) for circle in circles if circle[2] > 0)]
            points = [[circle[0], circle[1]] for circle in circles if circle[2] == 0]
            yield {"description": self.text(area, "areaDesc")[:400], "geometry": _geometry(rings, points),
                   "centre": circles[0][:2] if len(circles) == 1 and not polygons else None}  # fmt: skip

    def _polygon(self, element: Any) -> list[list[float]] | None:
        pairs = (element.text or "").split()
        points = [_point(pair) for pair in pairs[: MOST_POINTS + 1]]
        if not 4 <= len(points) <= MOST_POINTS or None in points or points[0] != points[-1]:
            self.wrong(element, "polygon", "cap.3.2.4", POLYGON)
            return None
        return [point for point in points if point]

    def _circle(self, element: Any) -> tuple[float, float, float] | None:
        parts = (element.text or "").split()
        centre = _point(parts[0]) if len(parts) == 2 else None
        try:
            radius = float(parts[1]) if centre else math.nan
        except ValueError:
            radius = math.nan
        if centre is None or not 0 <= radius <= 20_000:
            self.wrong(element, "circle", "cap.3.2.4", CIRCLE)
            return None
        return centre[0], centre[1], radius


def read(body: bytes) -> dict[str, Any]:
    """The hazard's fields out of a message. Raises Refused with every problem; nothing outside the body is fetched."""
    root = _root(body)
    reader = _Reader()
    infos = root.findall(f"{{{SPACE}}}info")
    data = _head(reader, root)
    if not infos and data["type"] != "Cancel":
        reader.wrong(root, "info", "cap.3.2.1", MISSING, name="info")
    data |= _said(reader, infos)
    if reader.problems:
        raise Refused.of(reader.problems)
    return {name: value for name, value in data.items() if value is not None}


def _root(body: bytes) -> Any:
    if len(body) > LARGEST:
        raise Refused(SIZE, rule="cap", code="structure.cap")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Refused(DTD, rule="cap", code="structure.cap")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as wrong:
        raise Refused(XML.fill(why=str(wrong)[:80]), rule="cap", code="structure.cap") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused(DTD, rule="cap", code="structure.cap")
    if root.tag != f"{{{SPACE}}}alert":
        raise Refused(ROOT, rule="cap", code="structure.cap")
    return root


def _head(reader: _Reader, root: Any) -> dict[str, Any]:
    kind = reader.code(root, "msgType")
    if kind in ALLOWED["msgType"] and kind not in TAKEN:
        reader.wrong(root, "msgType", "cap.3.2.1", NOT_TAKEN, found=kind)
    identifier, sender = reader.text(root, "identifier"), reader.text(root, "sender")
    for name, value in (("identifier", identifier), ("sender", sender)):
        if value and not _SENDER.match(value):
            reader.wrong(root, name, "cap.3.2.1", VALUE, name=name, found=value)
    reader.code(root, "scope")
    named = [part.split(",") for part in reader.text(root, "references", wanted=False).split()]
    return {
        "identifier": identifier, "sender": sender, "sent": reader.time(root, "sent", wanted=True),
        "status": reader.code(root, "status"), "type": kind,
        "replaces": [f"{part[0]}|{part[1]}"[:400] for part in named if len(part) == 3][:50],
    }  # fmt: skip


def _said(reader: _Reader, infos: list[Any]) -> dict[str, Any]:
    if not infos:
        return {"kind": "natural", "severity": "Unknown", "sayings": [{"language": "en", "event": "Cancelled"}]}
    first = infos[0]
    categories = [(e.text or "").strip() for e in first.findall(f"{{{SPACE}}}category")]
    if not categories:
        reader.wrong(first, "category", "cap.3.2.2", MISSING, name="category")
    for one in categories:
        if one not in ALLOWED["category"]:
            reader.wrong(first, "category", "cap.3.2.2", VALUE, name="category", found=one)
    areas = list(reader.areas(first))
    centres = [area.pop("centre") for area in areas]
    track = {"type": "LineString", "coordinates": [list(c) for c in centres]} if len(centres) > 1 and all(centres) else None
    return {
        "kind": CATEGORIES.get(categories[0] if categories else "", "accident"), "categories": categories[:12],
        **{name: reader.code(first, name) for name in ("severity", "urgency", "certainty")},
        "onset": reader.time(first, "onset"), "expires": reader.time(first, "expires"),
        "sayings": [_saying(reader, info) for info in infos[:10]], "areas": areas[:200], "track": track,
        "web": reader.text(first, "web", wanted=False)[:400] or None,
    }  # fmt: skip


def _saying(reader: _Reader, info: Any) -> dict[str, Any]:
    optional = {name: reader.text(info, name, wanted=False) for name in ("headline", "description", "instruction")}
    language = reader.text(info, "language", wanted=False) or "en-US"  # CAP 1.2 3.2.2: that is what no language means
    return {
        "language": language[:20], "event": reader.text(info, "event")[:200], "headline": optional["headline"][:400],
        "description": optional["description"][:4000], "instruction": optional["instruction"][:4000],
    }  # fmt: skip


def _point(pair: str) -> list[float] | None:
    """A position as GeoJSON has it, longitude first; CAP has latitude first."""
    found = _PAIR.match(pair)
    if found is None:
        return None
    lat, lon = float(found[1]), float(found[2])
    return [lon, lat] if abs(lat) <= 90 and abs(lon) <= 180 else None


def _geometry(rings: list[list[list[float]]], points: list[list[float]]) -> dict[str, Any] | None:
    if rings:
        return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    return {"type": "MultiPoint", "coordinates": points} if points else None


def ring_of(lon: float, lat: float, radius_km: float, corners: int = 48) -> list[list[float]]:
    """A circle on the sphere as a closed ring; it is cut off at the poles and at the date line."""
    angle, phi, lam = radius_km / EARTH_KM, math.radians(lat), math.radians(lon)
    ring = []
    for n in range(corners):
        bearing = 2 * math.pi * n / corners
        north = math.asin(math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(bearing))
        across, along = math.sin(bearing) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * math.sin(north)
        east = lam + math.atan2(across, along)
        ring.append([round(min(max(math.degrees(east), -180.0), 180.0), 6), round(math.degrees(north), 6)])
    return [*ring, ring[0]]
