"""Outlines of places."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kouan.app.demo import geometry
from kouan.base.place.api import Place
from kouan.kernel.rules import Found, judge, rules_at
from tests.base.conftest import load

load()
FOUND = Found(datetime(2026, 11, 22, tzinfo=UTC), "portoffice", {}, {})
SQUARE = [[0, 0], [0, 1], [1, 1], [0, 0]]


def wrong(shape: Any) -> bool:
    base = {"code": "CNWHH/X", "kind": "yard", "name_zh": "场", "name_en": "Yard"}
    place = Place.model_validate({**base, "geometry": shape})
    return any(one.unmet for one in judge(rules_at("filing", Place.facts.name), place, FOUND))


@pytest.mark.parametrize(
    ("kind", "coordinates", "refused"),
    [
        ("Point", [121.6, 36.05], False),
        ("Point", [121.6, 36.05, 3.5], False),
        ("Point", [36.05, 121.6], True),
        ("Point", [], True),
        ("Point", ["121", "36"], True),
        ("Point", [float("nan"), 1], True),
        ("LineString", [[0, 0], [1, 1]], False),
        ("LineString", [0, 0], True),
        ("LineString", [[0, 0], [[1, 1]]], True),
        ("Polygon", [SQUARE], False),
        ("Polygon", [SQUARE[:3]], True),
        ("Polygon", [[*SQUARE[:3], [5, 5]]], True),
        ("Polygon", SQUARE, True),
        ("Polygon", [], True),
        ("Polygon", [SQUARE, []], True),
        ("Polygon", [SQUARE, "x"], True),
        ("MultiPolygon", [[SQUARE], [SQUARE]], False),
        ("MultiPolygon", [SQUARE], True),
        ("MultiPolygon", [7], True),
        ("MultiPolygon", [[7]], True),
        ("GeometryCollection", [], True),
        (7, [0, 0], True),
    ],
)
def test_outlines(kind: Any, coordinates: Any, refused: bool) -> None:
    assert wrong({"type": kind, "coordinates": coordinates}) is refused


@pytest.mark.parametrize("shape", [{}, {"type": "Point"}, {"type": "Point", "coordinates": "here"}])
def test_what_is_no_geometry(shape: dict[str, Any]) -> None:
    assert wrong(shape)


LINE = {"type": "LineString", "coordinates": SQUARE[:3]}
AREA = {"type": "Polygon", "coordinates": [SQUARE]}


@pytest.mark.parametrize(
    ("kind", "shape", "direction", "refused"),
    [
        ("zone", AREA, None, False), ("zone", LINE, None, True), ("restricted_area", LINE, None, True), ("room", AREA, None, False),
        ("tripwire", LINE, "to_left", False), ("tripwire", AREA, None, True), ("fairway", LINE, "along", False),
        ("fairway", LINE, "to_right", True),
    ],
)  # fmt: skip
def test_an_outline_suits_its_kind(kind: str, shape: dict[str, Any], direction: str | None, refused: bool) -> None:
    base = {"code": "CNWHH/X", "kind": kind, "name_zh": "区", "name_en": "Area", "direction": direction}
    place = Place.model_validate({**base, "geometry": shape})
    assert any(one.unmet for one in judge(rules_at("filing", Place.facts.name), place, FOUND)) is refused


def test_the_demo_port_stands() -> None:
    rules = rules_at("filing", Place.facts.name)
    places = [Place.model_validate(place) for place in geometry.places()]
    assert [place.code for place in places if any(one.unmet for one in judge(rules, place, FOUND))] == []
