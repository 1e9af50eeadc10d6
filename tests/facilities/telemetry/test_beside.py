"""The base in which history and records are joined: it answers the platform's query and reaches nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
import pytest

from kouan.facilities.telemetry.beside import joined
from kouan.operations.site.cold import STAYS


async def test_tables_are_joined_and_nothing_else_is_reached(tmp_path: Path) -> None:
    made = {"one": pa.table({"a": [1, 2]}), "two": pa.table({"a": [2, 3], "b": ["x", "y"]})}
    assert await joined("select b from one join two using (a) where b <> $no", made, {"no": "y"}) == [{"b": "x"}]
    (tmp_path / "secret.csv").write_text("a\n1\n")
    for sql in (
        f"select * from read_csv('{tmp_path / 'secret.csv'}')", f"copy one to '{tmp_path / 'out.csv'}'", f"attach '{tmp_path / 'x.db'}'",
        "install httpfs", "set enable_external_access = true", "set memory_limit = '8GB'", "select * from made",
    ):  # fmt: skip
        with pytest.raises(duckdb.Error):
            await joined(sql, made, {})
    assert not (tmp_path / "out.csv").exists()


async def test_a_correction_takes_the_place_of_the_move_that_it_corrects() -> None:
    start = datetime(2026, 11, 22, tzinfo=UTC).replace(tzinfo=None)
    hour = [start + timedelta(hours=n) for n in range(9)]
    stamp = pa.timestamp("us")
    moves = pa.table({
        "ref": ["m1", "m2", "m3", "m4"], "activity": ["discharge", "stack", "stack", "shift"], "at": pa.array(hour[1:5], stamp),
        "place": ["q", "y", "z", "y"], "position": ["", "", "", ""], "function": ["original", "original", "correction", "cancellation"],
        "corrects": pa.array([None, None, "m2", "m1"], pa.string()),
    })  # fmt: skip
    readings = pa.table({
        "device": ["R"] * 5,
        "metric": ["setpoint", *["temperature"] * 4], "at": pa.array([hour[0], hour[0], hour[2], hour[4], hour[5]], stamp),
        "value": [-18.0, -17.0, -15.0, -10.0, 99.0], "quality": [0, 0, 0, 1, 2], "simulated": [True] * 5,
    })  # fmt: skip
    devices = pa.table({"code": ["R"], "name_zh": ["冷箱"], "name_en": ["Reefer"], "simulated": [True]})
    asked = {"since": start, "until": hour[8], "temperature": "temperature", "setpoint": "setpoint"}
    found = await joined(STAYS, {"moves": moves, "readings": readings, "devices": devices}, asked)
    told = [(one["move"], one["readings"], one["lowest"], one["farthest"]) for one in found]
    assert told == [(None, 2, -17.0, 3.0), ("m3", 1, -10.0, 8.0)]
