"""Boxes at the exit: which papers must be released before a box may leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kouan.kernel.rules import Kept, Unmet
from kouan.supervision.release import gate
from tests.facts import NOW, consignment, declaration, found, kept

BOX = "container:MSKU9070323"


def line(bill: str = "B1", manifest: str = "CARRIER/M1", days: int = 0, **more: Any) -> Kept:
    return kept(consignment(bill=bill, manifest=manifest, **more), at=NOW - timedelta(days=days), filer="carrier")


def paper(state: str, bills: tuple[str, ...] = ("B1",), days: int = 0, **more: Any) -> Kept:
    record = declaration(bills=bills, functional_reference=f"WH-{state}-{len(bills)}-{days}", **more)
    return kept(record, state=state, at=NOW - timedelta(days=days))


def why(lines: list[Kept], of_box: list[Kept], **of_bill: list[Kept]) -> Unmet | None:
    facts = [(gate.lines(BOX), lines), (gate.papers(BOX), of_box)]
    facts += [(gate.citing(f"bill:{bill}"), papers) for bill, papers in of_bill.items()]
    return gate.unreleased(BOX, found(*facts))


def test_a_box_that_no_paper_knows_is_not_customs_business() -> None:
    assert why([], []) is None


def test_on_a_manifest_but_not_declared() -> None:
    said = why([line()], [])
    assert said is not None
    assert "not declared" in said.reason.en


@pytest.mark.parametrize("state", ["lodged", "assessed", "targeted", "inspected", "held"])
def test_declared_but_not_released(state: str) -> None:
    said = why([line()], [paper(state)])
    assert said is not None
    assert "B1" in said.reason.en
    assert said.ref.startswith("declaration:")


def test_released_goods_leave() -> None:
    assert why([line()], [paper("released")]) is None
    assert why([line()], [paper("rejected"), paper("released", days=1)]) is None


def test_a_declaration_that_names_the_bill_alone_counts() -> None:
    by_bill = paper("released", containers=[])
    assert why([line()], [], B1=[by_bill]) is None
    assert why([line()], [], B1=[paper("assessed", containers=[])]) is not None


def test_every_bill_of_a_shared_box_must_be_released() -> None:
    shared = [line("B1"), line("B2")]
    assert why(shared, [paper("released")]) is not None
    assert why(shared, [paper("released"), paper("released", ("B2",), days=1)]) is None
    assert why(shared, [paper("released", ("B1", "B2"))]) is None


def test_papers_of_an_earlier_voyage_do_not_release_this_one() -> None:
    lines = [line("B9", "CARRIER/M9"), line("B1", "CARRIER/M1", days=200)]
    said = why(lines, [paper("released", days=200)])
    assert said is not None
    assert "B9" in said.reason.en


def test_a_bill_number_used_again_years_later_needs_its_own_release() -> None:
    assert why([line()], [paper("released", days=400)]) is not None


def test_another_offices_papers_neither_release_nor_count_as_declared() -> None:
    assert why([line()], [paper("released", office="9902")]) is not None
    assert why([], [paper("lodged", office="9902")]) is not None


def test_without_manifest_the_newest_declaration_decides() -> None:
    assert why([], [paper("released", ()), paper("held", (), days=9)]) is None
    assert why([], [paper("held", ()), paper("released", (), days=9)]) is not None


def test_a_strangers_declaration_for_another_bill_blocks_nothing() -> None:
    assert why([line()], [paper("held", ("B7",)), paper("released", days=1)]) is None
