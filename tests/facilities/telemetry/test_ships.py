"""Ships as documents, made by columns: as plain reading row by row makes them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.numbers import entity_key
from kouan.facilities.telemetry.posting import read_body
from kouan.facilities.telemetry.ships import documents, moment
from kouan.facilities.telemetry.signals import Position, VesselStatic
from kouan.kernel.signals import Frame

NUMBER = st.one_of(st.just(math.nan), st.floats(-180, 180, width=32))
ROW = st.tuples(
    st.integers(200_000_000, 775_000_000), st.integers(1, 2**51), st.tuples(*[NUMBER] * 5), st.integers(0, 255), st.integers(0, 7)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ROW, max_size=12, unique_by=lambda row: row[0]), st.booleans())
def test_documents_say_what_the_rows_say(rows: list[tuple[int, int, tuple[float, ...], int, int]], known: bool) -> None:
    names = ("lon", "lat", "speed", "course", "heading")
    columns = {
        "key": np.array([entity_key("ship", row[0]) for row in rows], np.uint64), "at": np.array([row[1] for row in rows], np.int64),
        **{name: np.array([row[2][n] for row in rows], "f8" if n < 2 else "f4") for n, name in enumerate(names)},
        "status": np.array([row[3] for row in rows], "u1"), "flags": np.array([row[4] for row in rows], "u1"),
    }  # fmt: skip
    static = Frame("vessel_static", {"key": columns["key"][:1], "name": np.array([b"SIM STAR"] * len(rows[:1]), "S20")})
    static = static if known else static.pick(np.zeros(0, int))
    found = documents(Frame("position", columns).complete(Position.columns), static.complete(VesselStatic.columns))
    assert len(found) == len(rows)
    for place, (ship, (mmsi, at, values, status, flags)) in enumerate(zip(found, rows, strict=True)):
        assert (ship["mmsi"], ship["kind"], ship["at"]) == (f"{mmsi:09d}", "ship", moment(at).isoformat(timespec="microseconds"))
        assert (ship["status"], ship["simulated"]) == (None if status > 14 else status, bool(flags & 1))
        for name, value in zip(("lon", "lat", "sog", "cog", "heading"), values, strict=True):
            kept = value if name in ("lon", "lat") else float(np.float32(value))
            assert ship[name] == (None if math.isnan(value) else round(kept, 7))
        assert ship.get("name") == ("SIM STAR" if known and place == 0 else None)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_what_is_refused_of_a_file_is_told_by_its_line(end: bytes) -> None:
    good = b"!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C"
    _, accepted, refused = read_body(end.join([good, good.replace(b"5C", b"5D"), b"", good]))
    assert ([one["index"] for one in accepted], refused) == ([0, 3], [{"index": 1, "code": "checksum"}])
    found, accepted, refused = read_body(good + good.replace(b"5C", b"5D") + b" " + good + end)
    assert (len(found), [one["index"] for one in accepted], refused) == (2, [0, 0], [{"index": 0, "code": "checksum"}])
