"""The carried lists: how many codes, both languages, parents that exist, and how they are looked up and searched."""

from __future__ import annotations

from datetime import date

import pytest

from kouan.standards.codes import api as codes
from kouan.standards.codes.api import Code
from kouan.standards.codes.table import Table, load

NAMES = ("country", "currency", "unit", "package", "hs", "un_number", "dg_class", "container_type",
"container_owner", "mid", "transport_mode", "message_function", "declaration_type", "procedure", "metric")


@pytest.fixture(params=NAMES)
def table(request: pytest.FixtureRequest) -> Table:
    return load(request.param)


def known(list_name: str, code: str, on: date | None = None) -> Code:
    entry = codes.lookup(list_name, code, on)
    assert entry is not None
    return entry


def test_the_catalogue_counts_what_the_lists_hold() -> None:
    counts = {entry.name: entry.count for entry in codes.lists()}
    assert set(counts) == {*NAMES, "locode"}
    assert {name: len(load(name)) for name in NAMES} == {name: counts[name] for name in NAMES}


def test_every_list_names_its_source_and_edition() -> None:
    assert all(entry.source and entry.edition and entry.title.zh for entry in codes.lists())


def test_every_code_is_found_again(table: Table) -> None:
    assert all(table.get(entry.code, None) is not None for entry in table)
    assert all(entry.since is None or entry.until is None or entry.since <= entry.until for entry in table)


@pytest.mark.parametrize(("list_name", "level", "count"), [
    ("hs", "section", 21), ("hs", "chapter", 97), ("hs", "heading", 1229), ("hs", "subheading", 5613),
])
def test_the_harmonized_system_is_whole(list_name: str, level: str, count: int) -> None:
    entries = [entry for entry in load(list_name) if entry.facts["level"] == level]
    assert len(entries) == count
    assert level not in ("section", "chapter") or all(entry.translated for entry in entries)


@pytest.mark.parametrize(("list_name", "count"), [
    ("country", 262), ("currency", 231), ("package", 405), ("dg_class", 25), ("container_type", 715), ("mid", 292),
    ("transport_mode", 10), ("message_function", 10), ("declaration_type", 18), ("procedure", 45), ("metric", 37)])
def test_lists_with_chinese_names_for_all(list_name: str, count: int) -> None:
    entries = list(load(list_name))
    assert len(entries) == count
    assert all(entry.translated for entry in entries)


def test_249_countries_stand_today() -> None:
    today = [entry for entry in load("country") if entry.stands(date(2026, 1, 1))]
    assert len(today) == 249
    assert len({entry.facts["numeric"] for entry in today}) == 249


def test_the_commoner_units_have_chinese_names() -> None:
    assert sum(entry.translated for entry in load("unit")) > 390
    for code, name in {"KGM": "千克", "TNE": "吨", "C62": "个（一）", "MTQ": "立方米", "H87": "件", "HAR": "公顷"}.items():
        assert known("unit", code).name.zh == name


@pytest.mark.parametrize(("list_name", "parents"), [("hs", "hs"), ("un_number", "dg_class"),
    ("dg_class", "dg_class"), ("mid", "country")])
def test_parents_exist(list_name: str, parents: str) -> None:
    above = load(parents)
    missing = {entry.parent for entry in load(list_name) if entry.parent and above.get(entry.parent, None) is None}
    assert missing == set()


def test_currencies_of_countries_exist() -> None:
    used = {code for entry in load("country") for code in entry.facts.get("currency", "").split()}
    assert len(used) > 150
    assert all(codes.lookup("currency", code) for code in used)


@pytest.mark.parametrize(("list_name", "written", "code"), [
    ("country", "cn", "CN"), ("country", "CHN", "CN"), ("country", "156", "CN"), ("currency", "156", "CNY"),
    ("hs", "8471.30", "847130"),
    ("hs", "01", "01"), ("un_number", "UN 1203", "1203"), ("un_number", "un1203", "1203"), ("package", "XBX", "BX"),
    ("package", "bx", "BX"), ("dg_class", "2.1", "2.1"), ("container_type", "22g1", "22G1"),
    ("container_owner", "MSKU", "MSKU"),
])
def test_spellings_and_aliases(list_name: str, written: str, code: str) -> None:
    assert known(list_name, written).code == code


def test_unknown_codes_and_lists() -> None:
    assert codes.lookup("country", "QQ") is None
    assert codes.lookup("country", "") is None
    with pytest.raises(KeyError):
        codes.lookup("colour", "RED")
    with pytest.raises(KeyError):
        codes.search("colour", "red")


def test_codes_stand_for_their_time() -> None:
    assert known("currency", "DEM", date(2001, 6, 1)).name.zh == "德国马克"
    assert codes.lookup("currency", "DEM", date(2010, 6, 1)) is None
    assert known("currency", "DEM").until == date(2002, 3, 31)
    assert codes.lookup("country", "SS", date(2010, 1, 1)) is None
    assert known("country", "SS", date(2012, 1, 1)).name.zh == "南苏丹"
    assert codes.lookup("hs", "010121", date(2021, 12, 31)) is None


def test_a_code_that_was_given_twice() -> None:
    assert known("country", "CS", date(1990, 1, 1)).name.en == "Czechoslovakia"
    assert known("country", "CS", date(2005, 1, 1)).name.en == "Serbia and Montenegro"
    assert codes.lookup("country", "CS", date(2000, 1, 1)) is None
    assert known("country", "CS").name.en == "Serbia and Montenegro"


@pytest.mark.parametrize(("list_name", "text", "first"), [
    ("country", "China", "CN"), ("country", "中国", "CN"), ("country", "cote d'iv", "CI"), ("currency", "美元", "USD"),
    ("unit", "kilogram", "KGM"), ("unit", "千克", "KGM"), ("package", "托盘", "PX"), ("hs", "horses", "0101"),
    ("hs", "0101", "0101"),
    ("un_number", "1203", "1203"), ("dg_class", "腐蚀", "8"), ("container_type", "22G1", "22G1"),
])
def test_search_finds_the_best_first(list_name: str, text: str, first: str) -> None:
    assert codes.search(list_name, text)[0].code == first


def test_search_by_several_words_and_its_limit() -> None:
    found = codes.search("hs", "bovine meat frozen", 5)
    assert found
    assert all(word in entry.name.en.lower() for entry in found for word in ("bovine", "meat", "frozen"))
    assert len(codes.search("hs", "of", 7)) == 7
    assert codes.search("hs", "   ") == ()
    assert codes.search("hs", "no such goods anywhere") == ()


def test_dangerous_goods_state_their_class() -> None:
    petrol = known("un_number", "1203")
    assert (petrol.parent, petrol.facts["classification"]) == ("3", "F1")
    assert "PETROL" in petrol.name.en
    assert not petrol.translated


def test_a_ten_digit_tariff_code_leads_to_its_subheading() -> None:
    entry = codes.ancestor("hs", "8471.30.00.00")
    assert entry is not None
    assert (entry.code, entry.parent) == ("847130", "8471")
    assert codes.ancestor("hs", "0000") is None
    assert codes.ancestor("hs", "") is None
