"""The papers of a fresh voyage: whole, of one piece, and another set each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from lxml import etree

from kouan_sim.cli import main
from kouan_sim.identifiers import imo_number
from kouan_sim.ships import MAIN_SHIP, SISTER

NS = {"d": "urn:wco:datamodel:WCO:DEC-DMS:2"}


def written(out: Path) -> dict[str, Any]:
    assert main(["papers", "--out", str(out)]) == 0
    index: dict[str, Any] = orjson.loads((out / "index.json").read_bytes())
    return index


def test_the_papers_belong_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = written(tmp_path / "papers")
    assert orjson.loads(capsys.readouterr().out) == index
    call = orjson.loads((tmp_path / "papers/port-call.json").read_bytes())
    assert (call["ShipID"]["MMSINumber"], call["VoyageNumber"]) == (index["mmsi"], index["voyage"])
    manifest = (tmp_path / "papers/manifest.edi").read_text("latin-1")
    for name in ("green", "spare", "risky"):
        paper = index[name]
        tree = etree.parse(tmp_path / "papers" / paper["file"])
        assert tree.xpath("string(//d:FunctionalReferenceID)", namespaces=NS) == paper["reference"]
        assert tree.xpath("string(//d:TransportEquipment/d:ID)", namespaces=NS) == paper["container"]
        assert tree.xpath("string(//d:PreviousDocument/d:ID)", namespaces=NS) == paper["bill"]
        assert f"CNI+{('green', 'spare', 'risky').index(name) + 1}+{paper['bill']}" in manifest
        assert paper["booking"]["containers"] == [paper["container"]]
        assert paper["booking"]["vehicle"] == paper["vehicle"]


def test_another_set_each_time(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a"), written(tmp_path / "b")
    for name in ("green", "spare", "risky"):
        for fact in ("reference", "bill"):
            assert first[name][fact] != second[name][fact]
    assert first["voyage"] != second["voyage"]


def test_the_sister_is_another_ship_with_a_right_number() -> None:
    assert SISTER.mmsi != MAIN_SHIP.mmsi
    assert [imo_number(ship.imo // 10) for ship in (SISTER, MAIN_SHIP)] == [str(SISTER.imo), str(MAIN_SHIP.imo)]
