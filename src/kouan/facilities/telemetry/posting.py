"""What is posted to the HTTP doors of signals: sentences line by line; readings and positions in batches, as JSON or CSV."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
import pyarrow.compute as pc  # type: ignore[import-untyped]  # pyarrow states no types
import pyarrow.csv as pcsv  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.exchange.api import delimiter_of
from kouan.facilities.telemetry.drivers.ais.driver import AisDriver
from kouan.facilities.telemetry.ships import micros
from kouan.kernel.errors import Refused
from kouan.kernel.references import make
from kouan.kernel.signals import Array
from kouan.kernel.text import Text

LISTED = 100
"""Refused rows of which each one's index is told; of the others the count by cause."""
MOST = 100_000
MOST_LINES = 300_000
"""Lines of one posted NMEA body: as many sentences as the largest body holds; of shorter lines the answer would be far larger than it."""
_TOGETHER = re.compile(rb"(?<=\*[0-9A-Fa-f]{2})[ \t]*(?=[!$][A-Z]{5},)")
"""Where a sentence follows another on one line, as in datagrams that were joined."""
BOM = b"\xef\xbb\xbf"
_REASONS = {
    "empty": Text("报文中没有任何语句", "There is no sentence in this body"),
    "batch": Text("应为 JSON 对象数组或带表头的 CSV", "Neither a JSON array of objects nor CSV with a header"),
    "columns": Text("缺少列：{names}", "Columns are missing: {names}"),
    "rows": Text("一次最多 {most} 行", "At most {most} rows at once"),
}
ROW_REASONS = {
    "at": Text("时间应为带时区的 ISO 8601", "The time is not ISO 8601 with a zone"),
    "value": Text("不是数值", "Not a number"),
    "unknown": Text("没有这个设备测点，或贵单位不能为其报送", "There is no such metric of a device, or you may not report for it"),
    "unit": Text("单位与测点不符", "The unit is not that of the metric"),
    "place": Text("经纬度不在范围内", "Longitude or latitude is out of range"),
    "kind": Text("没有这种移动目标", "There is no such kind of mover"),
    "range": Text("超出量程", "Out of range"), "rate": Text("变化过快", "Changes too fast"),
    "stuck": Text("读数不变", "Stuck at one value"), "not_a_number": Text("不是数值", "Not a number"),
    "old": Text("过时", "Too old"), "duplicate": Text("重复", "Duplicate"),
}  # fmt: skip
_FIELDS = {
    "unknown": "device",
    "place": "lon",
    "range": "value",
    "rate": "value",
    "stuck": "value",
    "not_a_number": "value",
    "old": "at",
}


@dataclass(slots=True)
class Posted:
    """A batch as columns; `refused` tells rows that cannot be taken, by index."""

    columns: Mapping[str, pa.Array]
    rows: int
    refused: dict[int, str] = field(default_factory=dict)

    def texts(self, name: str) -> pa.Array:
        """A column as texts; empty where it is missing."""
        column = self.columns.get(name)
        return pc.fill_null(column, "") if column is not None else pa.array([""] * self.rows, pa.string())

    def numbers(self, name: str, cause: str = "", absent: float = np.nan) -> Array:
        """A column as floats; rows without a number there are refused for `cause` where one is named."""
        column = self.columns.get(name)
        found = np.full(self.rows, absent) if column is None else _floats(column)
        if cause:
            self.refuse(~np.isfinite(found), cause)
        return found

    def times(self, name: str = "at") -> Array:
        """A column as microseconds UTC; rows without a time are refused."""
        texts = self.texts(name)
        try:
            parsed = pc.cast(texts, pa.timestamp("us", "UTC")).cast(pa.int64())
            found: Array = parsed.to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            found = np.array([_time(text) for text in texts.to_pylist()], np.int64)
        self.refuse(found <= 0, "at")
        return found

    def refuse(self, rows: Array, cause: str) -> None:
        """Refuse rows of a mask, unless they are refused already."""
        for index in np.flatnonzero(rows).tolist():
            self.refused.setdefault(index, cause)

    def kept(self) -> Array:
        """A mask of the rows that are not refused."""
        mask = np.ones(self.rows, bool)
        mask[list(self.refused)] = False
        return mask

    def answer(self, screened: Counter[str] | None = None) -> dict[str, Any]:
        """What the sender is told: how many were taken, which were not and why."""
        counts = Counter(self.refused.values()) + (screened or Counter())
        listed = [{"index": index, **_told(cause)} for index, cause in sorted(self.refused.items())[:LISTED]]
        causes = {cause: {"count": count, "reason": ROW_REASONS[cause].out()} for cause, count in counts.items()}
        return {"accepted": self.rows - counts.total(), "refused": listed, "causes": causes}


def read_batch(body: bytes, needed: Sequence[str]) -> Posted:
    """A posted batch; Refused when it is none, lacks a column or has too many rows."""
    body = body.removeprefix(BOM)
    start = body.lstrip()[:1]
    columns = _json(body) if start in (b"[", b"{") else _csv(body)
    rows = len(next(iter(columns.values()))) if columns else 0
    if missing := [name for name in needed if name not in columns]:
        raise _refusal("columns", _REASONS["columns"].fill(names=", ".join(missing)))
    if rows > MOST:
        raise _refusal("rows", _REASONS["rows"].fill(most=MOST))
    return Posted(columns, rows)


def _json(body: bytes) -> dict[str, pa.Array]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _refusal("batch", _REASONS["batch"]) from None
    if isinstance(found, dict):
        found = found.get("rows", found.get("readings", found.get("positions")))
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise _refusal("batch", _REASONS["batch"])
    names = dict.fromkeys(name for row in found[:1000] for name in row if isinstance(name, str))
    return {name: pa.array([_text(row.get(name)) for row in found], pa.string()) for name in names}


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else repr(value) if isinstance(value, float | int) else ""


def _csv(body: bytes) -> dict[str, pa.Array]:
    try:
        body.decode()
        head = body.splitlines()[0].decode()
        delimiter = delimiter_of(head)
        names = [name.strip().strip('"') for name in head.split(delimiter)]
        table = pcsv.read_csv(
            io.BytesIO(body),
            read_options=pcsv.ReadOptions(column_names=names, skip_rows=1, use_threads=False),
            parse_options=pcsv.ParseOptions(delimiter=delimiter),
            convert_options=pcsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError, IndexError, KeyError):
        raise _refusal("batch", _REASONS["batch"]) from None
    if len(set(names)) != len(names):
        raise _refusal("batch", _REASONS["batch"])
    return {name: table.column(name).combine_chunks() for name in names}


def _refusal(code: str, reason: Text) -> Refused:
    return Refused(reason, field="body", rule="telemetry.batch", code=f"telemetry.{code}")


def _floats(column: pa.Array) -> Array:
    try:
        found: Array = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        found = np.array([_float(text) for text in column.to_pylist()])
    return found


def _float(text: str | None) -> float:
    try:
        return float(text) if text else np.nan
    except ValueError:
        return np.nan


def _time(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return 0
    return micros(moment.astimezone(UTC)) if moment.tzinfo else 0


def _told(cause: str) -> dict[str, Any]:
    return {
        "code": f"telemetry.{cause}",
        "field": _FIELDS.get(cause, cause),
        "rule": "telemetry.screening",
        "reason": ROW_REASONS[cause].out(),
    }


def read_body(body: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """A posted NMEA body by its lines, each of one sentence or several: observations, accepted lines, refused lines with their cause.

    Refused when it holds no line at all, or too many.
    """
    lines = body.removeprefix(BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if len(lines) > MOST_LINES:
        raise _refusal("rows", _REASONS["rows"].fill(most=f"{MOST_LINES:,}"))
    if not any(map(bytes.strip, lines)):
        raise _refusal("empty", _REASONS["empty"])
    driver = AisDriver()
    observations: list[dict[str, Any]] = []
    accepted: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for index, line in enumerate(lines):
        for sentence in _TOGETHER.split(line) if line.count(b"*") > 1 else (line,):
            if not sentence.strip():
                continue
            outcome = driver.line(sentence.strip()[:2048])
            if isinstance(outcome, str):
                refused.append({"index": index, "code": outcome})
            elif outcome is None:
                accepted.append({"index": index, "ref": None})
            else:
                observations.append(outcome)
                accepted.append({"index": index, "ref": make("vessel", f"mmsi:{outcome['mmsi']}")})
    return observations, accepted, refused
