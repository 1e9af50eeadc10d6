"""Orders of notices: the published ones are all possible, impossible ones are told, and arrival order plays no part."""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.exchange.codecs.wco import responses
from kouan.base.exchange.codecs.wco.responses import NOTICES
from kouan.base.receipt.standing import ANYWHERE, MOVES, Told, standing

BEGAN = datetime(2026, 11, 22, tzinfo=UTC)
NAMES = sorted(notice.name for notice in NOTICES.values())
SHARED = Path(os.environ.get("KOUAN_SHARED", Path(__file__).parents[3].parent / "shared")) / "data"


def told(*names: str) -> list[Told]:
    return [Told(name, BEGAN + timedelta(minutes=at)) for at, name in enumerate(names)]


@pytest.mark.parametrize(
    ("names", "state"),
    [
        (("DMSACC", "DMSTAX", "DMSTAX", "DMSCLE"), "cleared"), (("DMSREJ",), "rejected"), ((), "lodged"),
        (("DMSRCV", "DMSTAX", "DMSALV", "DMSACC", "DMSCTL", "DMSROG", "DMSCLE"), "cleared"),
        (("DMSACC", "DMSRCV", "DMSREQ", "DMSINV"), "invalidated"), (("DMSACC", "DMSROG", "DMSCLE", "DMSEOG"), "left"),
    ],
)  # fmt: skip
def test_orders_that_are_possible(names: tuple[str, ...], state: str) -> None:
    found = standing(told(*names))
    assert (found.state, found.surprises) == (state, ())


@pytest.mark.parametrize(
    "names", [("DMSCLE",), ("DMSREJ", "DMSCLE"), ("DMSINV", "DMSACC"), ("DMSROG", "DMSACC"), ("DMSACC", "DMSCLE", "DMSREJ")]
)
def test_orders_that_are_not(names: tuple[str, ...]) -> None:
    assert standing(told(*names)).surprises


@given(st.lists(st.sampled_from(NAMES), max_size=8), st.randoms())
def test_arrival_plays_no_part(names: list[str], chance: object) -> None:
    notices = told(*names)
    shuffled = list(notices)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert standing(shuffled) == standing(notices)


def test_every_notice_has_its_place() -> None:
    assert {name for moves in MOVES.values() for name in moves} | ANYWHERE == set(NAMES)
    assert {state for moves in MOVES.values() for state in moves.values()} <= set(MOVES)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published data are not here")
def test_every_published_order_is_possible() -> None:
    seen = 0
    for folder in sorted((SHARED / "customs/hmrc-cds/examples").iterdir()):
        by_number: dict[str, list[Told]] = defaultdict(list)
        for path in sorted(folder.rglob("*DMS*.xml")):
            for one in responses.read_all(path.read_bytes()).responses:
                by_number[one.id].append(Told(one.name, one.issued or BEGAN, one.version or 0))
        for notices in by_number.values():
            by_time, by_file = standing(notices), standing(told(*(one.name for one in notices)))
            assert (by_time.surprises, by_file.surprises) == ((), ()), folder.name
            seen += len(notices)
    assert seen > 130
