"""CUSCAR: any report is read back equal; damaged messages are refused, never raised."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs.edifact import cuscar

WORD = st.text(st.characters(categories=["Lu", "Ll", "Nd", "Lo"], max_codepoint=0x9FFF), min_size=1, max_size=12)
TEXT = st.lists(WORD, min_size=1, max_size=12).map(" ".join)
CODE = st.text("ABCDEFGHIJ0123456789", min_size=1, max_size=11)
MAYBE = st.one_of(st.just(""), CODE)
KG = st.one_of(st.none(), st.decimals(0, 10**9, places=3, allow_nan=False))
COUNT = st.one_of(st.none(), st.integers(0, 10**8))
MOMENT = st.integers(0, 68 * 365 * 86_400).map(lambda s: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
PLACES = st.lists(st.builds(cuscar.Place, st.sampled_from(["9", "11", "7", "60"]), CODE, MAYBE), max_size=3).map(tuple)
PARTIES = st.lists(
    st.builds(
        cuscar.Party, st.sampled_from(["CZ", "CN", "NI", "FW"]), MAYBE, st.one_of(st.just(""), TEXT),
        st.lists(WORD, max_size=4).map(tuple), MAYBE, MAYBE, MAYBE,
    ),
    max_size=3,
).map(tuple)
PLACEMENTS = st.lists(st.builds(cuscar.Placement, CODE, COUNT, KG), max_size=3).map(tuple)


def weighed(item: cuscar.GoodsItem) -> bool:
    """Goods without a weight of their own are read with that of their placements; such are left out here."""
    return item.gross_kg is not None or any(p.gross_kg is None for p in item.placements) or not item.placements


GOODS = st.builds(
    cuscar.GoodsItem, st.integers(1, 99_999), COUNT, MAYBE, st.one_of(st.just(""), TEXT), KG, KG, KG,
    st.lists(WORD, max_size=12).map("\n".join), st.lists(st.from_regex(r"[0-9]{6,10}", fullmatch=True), unique=True,
    max_size=2).map(tuple), st.lists(st.from_regex(r"[0-9]{4}", fullmatch=True), unique=True, max_size=2).map(tuple),
    placements=PLACEMENTS,
).filter(weighed)
CONSIGNMENTS = st.builds(
    lambda number, bill, places, parties, goods, placements: cuscar.Consignment(
        number, bill, bill, places, parties, goods, (cuscar.Reference("BM", bill),), placements
    ),
    st.integers(1, 99_999), CODE, PLACES, PARTIES, st.lists(GOODS, max_size=3).map(tuple), PLACEMENTS,
)
EQUIPMENT = st.builds(
    cuscar.Equipment, st.just("CN"), CODE, MAYBE, MAYBE, MAYBE, st.lists(CODE, max_size=2).map(tuple), KG, KG
).map(lambda e: cuscar.Equipment(e.kind, e.id, e.size_type, e.status, e.load, e.seals, e.gross_kg, e.tare_kg))
REPORTS = st.builds(
    cuscar.CargoReport, CODE, st.sampled_from("159"), st.just("785"), st.just("D"), st.just("95B"), st.just("1"), MAYBE,
    MAYBE, MAYBE, MAYBE, MAYBE, MAYBE, PLACES,
    st.lists(st.builds(cuscar.Moment, st.sampled_from(["137", "132"]), MOMENT), max_size=2).map(tuple), PARTIES,
    equipment=st.lists(EQUIPMENT, max_size=2).map(tuple), consignments=st.lists(CONSIGNMENTS, max_size=3).map(tuple),
)


@settings(max_examples=80, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(REPORTS)
def test_any_report_is_read_back_equal(report: cuscar.CargoReport):
    assert cuscar.read(cuscar.write(report)) == (report,)


def test_shuffled_and_damaged_segments_are_refused_or_read(sample: Callable[[str], bytes], refused: Callable[..., Any]):
    segments = sample("cuscar-wanghai.edi").decode().split("'\n")[:-1]
    head, inner, tail = segments[:2], segments[2:-2], segments[-2:]
    chance = random.Random(7)
    for _ in range(400):
        mixed = list(inner)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(mixed))
            mixed[at] = chance.choice([mixed[at][:5], mixed[at].replace("+", ":"), chance.choice(inner), "QTY+1:X"])
        chance.shuffle(mixed)
        body = "'".join([*head, *mixed, *tail, ""]).encode()
        assert all(problem.position for problem in refused(partial(cuscar.read, body)))
