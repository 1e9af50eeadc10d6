"""UN/LOCODE: the whole list, found without an index, searched in both languages."""

from __future__ import annotations

import tracemalloc
from importlib.resources import files

import pytest

from kouan.standards.codes import api as codes
from kouan.standards.codes.locode import load


def test_the_list_is_whole_and_every_place_is_found() -> None:
    places = load()
    listed = list(places)
    counted = next(entry.count for entry in codes.lists() if entry.name == "locode")
    assert len(listed) == len(places) == counted == 111_047
    assert [p.code for p in listed] == sorted({p.code for p in listed})
    assert all((found := places.get(p.code, None)) is not None and found.code == p.code for p in listed[::7])


def test_first_and_last_are_found_and_what_is_between_is_not() -> None:
    places = load()
    listed = list(places)
    assert places.get(listed[0].code, None) == listed[0]
    assert places.get(listed[-1].code, None) == listed[-1]
    for absent in ("AAAAA", "ZZZZZ", "CNWHH", "C,NSH", "CNSH", "", "CNSHGX", "上海港口岸"):
        assert places.get(absent, None) is None


@pytest.mark.parametrize(("code", "en", "zh"), [
    ("CNSHG", "Shanghai Pt", "上海港"), ("CN QIN", "Qingdao", "青岛"), ("nlrtm", "Rotterdam", "鹿特丹"),
    ("SEGOT", "Göteborg", "哥德堡"),
    ("HKHKG", "Hong Kong", "香港"), ("CNMAA", "Ma'anshan", "马鞍山"),
])
def test_places_have_names(code: str, en: str, zh: str) -> None:
    place = codes.lookup("locode", code)
    assert place is not None
    assert (place.name.en, place.name.zh, place.translated) == (en, zh, True)
    assert place.parent == place.code[:2]


def test_facts_of_a_place() -> None:
    place = codes.lookup("locode", "NLRTM")
    assert place is not None
    assert place.facts["function"].startswith("12345")
    assert place.facts["subdivision"] == "ZH"
    position = codes.position(place)
    assert position is not None
    assert position == pytest.approx((4.5, 51.9167), abs=0.02)


def test_a_place_without_coordinates_has_no_position() -> None:
    place = codes.lookup("locode", "CNSHG")
    assert place is not None
    assert codes.position(place) is None


def test_southern_and_western_places_are_negative() -> None:
    place = codes.lookup("locode", "ARBUE")
    assert place is not None
    position = codes.position(place)
    assert position is not None
    assert position[0] < 0
    assert position[1] < 0


@pytest.mark.parametrize(("text", "code"), [
    ("shanghai", "CNSGH"), ("上海", "CNSHG"), ("CNSHG", "CNSHG"), ("goteborg", "SEGOT"), ("göteborg", "SEGOT"),
    ("rotterdam", "NLRTM"),
    ("new york", "USNYC"), ("tanjung priok", "IDTPP"), ("ancona", "ITAOI"),
])
def test_search(text: str, code: str) -> None:
    assert code in [place.code for place in codes.search("locode", text, 5)]


def test_search_by_a_second_name() -> None:
    twice = next(place for place in load() if place.facts.get("others"))
    other = twice.facts["others"].split("|")[0]
    assert twice.code in [place.code for place in codes.search("locode", other, 50)]


@pytest.mark.parametrize("text", ["", "  ", "no such place at all", "\n", ",", "1-------", "x" * 500])
def test_search_for_nothing(text: str) -> None:
    assert codes.search("locode", text, 5) == ()


def test_the_list_stays_small() -> None:
    """Committed below 2.5 MB, and below 60 MB in memory with its search text."""
    assert len(files("kouan.standards.codes").joinpath("data", "locode.csv.gz").read_bytes()) < 2_500_000
    load.cache_clear()
    tracemalloc.start()
    try:
        load().find("shanghai", 5)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 40_000_000
    assert peak < 60_000_000
