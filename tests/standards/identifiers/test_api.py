"""All checks at one door: any text is answered, every verdict holds together."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.standards.identifiers.api import KINDS, Check, check

SHARED = Path(os.environ.get("KOUAN_SHARED", Path(__file__).resolve().parents[4] / "shared"))
GOOD = {"container": "CSQU3054383", "imo": "9074729", "mmsi": "412345678", "locode": "CNSHG",
    "uscc": "91350100M000100Y43",
        "plate": "鲁B12345", "size_type": "22G1", "s10": "RR123456785CN", "awb": "888-11111111"}
any_text = st.one_of(
    st.text(max_size=80), st.text(st.characters(), max_size=20), st.text("0123456789OISBZGABCUJ鲁粤港 -·", max_size=24))


def hold_together(kind: str, verdict: Check) -> None:
    assert verdict.ok or verdict.reason is not None
    assert verdict.code.partition(".")[2]
    assert verdict.value not in verdict.repairs
    assert len(set(verdict.repairs)) == len(verdict.repairs)
    assert all(check(kind, repair).ok for repair in verdict.repairs)


def test_every_kind_has_a_good_example() -> None:
    assert set(GOOD) == set(KINDS)
    assert all(check(kind, value).ok for kind, value in GOOD.items())


def test_an_unknown_kind_is_a_programmer_s_mistake() -> None:
    with pytest.raises(KeyError):
        check("passport", "E12345678")


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(text=any_text)
def test_any_text_is_answered(kind: str, text: str) -> None:
    hold_together(kind, check(kind, text))


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(data=st.data())
def test_a_good_value_with_one_slip_is_answered(kind: str, data: st.DataObject) -> None:
    good = GOOD[kind]
    place = data.draw(st.integers(0, len(good) - 1))
    slip = data.draw(st.one_of(st.just(""), st.characters(), st.sampled_from("0O1I8B5S2Z6G-")))
    hold_together(kind, check(kind, good[:place] + slip + good[place + 1:]))


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("text", ["\ud800", "\x00", "A" * 100_000, " " * 300 + "9074729", "ﷺ" * 50, "ß" * 11,
    "ı" * 11, "１" * 18])
def test_strange_texts_are_refused_politely(kind: str, text: str) -> None:
    verdict = check(kind, text)
    assert not verdict.ok
    assert len(verdict.value) <= 18 * 256


@pytest.mark.skipif(not (SHARED / "data/images/containers/labels.csv").exists(), reason="the shared data are not here")
def test_numbers_on_photographed_containers_pass() -> None:
    with (SHARED / "data/images/containers/labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert all(check("container", row["container_number"]).ok for row in rows)
    assert all(check("size_type", row["size_type"]).ok for row in rows if row["size_type"])
