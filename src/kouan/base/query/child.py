"""The process of a query: DuckDB in memory over the tables that it is handed, and nothing else.

A program of its own: it imports nothing of the platform and is started with an empty environment, so it holds no address, key or
credential. Frames (eight bytes of length, then content) come by standard input and go by standard output: an order (JSON), answered by
`ready` and, where it asks for that, by the statement's tree; then a list of tables (JSON) and each as an Arrow stream, or as CSV in frames
up to an empty one, then the answer. A table that is gone through once is read as it comes and never held.
"""

from __future__ import annotations

import ctypes
import io
import json
import resource
import signal
import struct
import sys
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
from pyarrow import csv

LENGTH = struct.Struct("!Q")
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SAFE = 2**53
BLOCK = 1 << 20
TYPES = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(), "time": pa.timestamp("us", tz="UTC")}
MADE = {"json": 'json("{name}")', "list": """from_json("{name}", '["varchar"]')""", "decimal": 'try_cast("{name}" as decimal(38, 9))'}
"""What becomes of a column of text; a number of more than 29 whole digits is none."""
LOCKED = {
    "enable_external_access": "false", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
    "allow_community_extensions": "false", "python_enable_replacements": "false", "threads": "1", "temp_directory": "",
    "max_temp_directory_size": "0B",
}  # fmt: skip


def confine(seconds: int) -> None:
    """No file is written, no new privilege, no core, an end with its parent, bounds of memory and time; where the system grants it, no
    network."""
    LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    LIBC.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    LIBC.unshare(CLONE_NEWUSER | CLONE_NEWNET)
    for what, most in (
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_DATA, 2 << 30),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))


def read() -> bytes:
    """The next frame; the end of the input is the end of us."""
    head = sys.stdin.buffer.read(LENGTH.size)
    if len(head) < LENGTH.size:
        sys.exit(0)
    return sys.stdin.buffer.read(LENGTH.unpack(head)[0])


def write(content: Any) -> None:
    """A frame of JSON."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    sys.stdout.buffer.write(LENGTH.pack(len(body)) + body)
    sys.stdout.buffer.flush()


def plain(value: Any) -> Any:
    """A value as JSON has it: times in UTC with Z, decimals and great whole numbers as text."""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z" if value.tzinfo else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    if value is None or isinstance(value, str | bool) or (isinstance(value, int) and abs(value) <= SAFE):
        return value
    return str(value)


def done(base: Any, sql: str, values: list[str] | None = None) -> list[Any]:
    """Execute a statement of ours to its end; its rows."""
    rows: list[Any] = base.execute(sql, values or []).fetchall()
    return rows


class Frames(io.RawIOBase):
    """The frames of one table, up to an empty one, as a file."""

    def __init__(self) -> None:
        self._left, self._ended = memoryview(b""), False

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: Any) -> int:
        """Bytes of the frame at hand, or of the next one; 0 at the end."""
        while not self._left and not self._ended:
            part = read()
            self._left, self._ended = memoryview(part), not part
        size = min(len(into), len(self._left))
        into[:size], self._left = self._left[:size], self._left[size:]
        return size

    def rest(self) -> None:
        """Pass over what was not asked for, so that who hands it over gets rid of it."""
        while not self._ended:
            self._ended = not read()


def take(base: Any) -> Frames | None:
    """Read the tables that are handed over into the base; the frames of the one that is read by the statement itself."""
    for told in json.loads(read()):
        name = '"' + told["name"] + '"'
        if "columns" not in told:
            content = arrow()
            kinds = {column: "json" if column in told["json"] else "" for column in content.column_names}
        else:
            frames, kinds = Frames(), told["columns"]
            content = rows(frames, kinds)
        cells = [MADE.get(kind, '"{name}"').format(name=column) + f' as "{column}"' for column, kind in kinds.items()]
        chosen = ", ".join(cells) or '"_"'
        base.register("handed_over", content)
        if told.get("once"):
            done(base, f"create temp view {name} as select {chosen} from handed_over")  # noqa: S608 - names of the registry
            return frames
        done(base, f"create table {name} as select {chosen} from handed_over")  # noqa: S608 - names of the registry
        base.unregister("handed_over")
    return None


def arrow() -> Any:
    """A table as an Arrow stream."""
    with pa.ipc.open_stream(pa.BufferReader(read())) as stream:
        return stream.read_all()


def rows(frames: Frames, kinds: dict[str, str]) -> Any:
    """A table as CSV, block by block: nothing between two commas is nothing, an empty text stands in quotes."""
    types = {name: TYPES.get(kind, pa.string()) for name, kind in kinds.items()} or {"_": pa.int64()}
    file = io.BufferedReader(frames, BLOCK)
    if not file.peek(1):
        return pa.schema(list(types.items())).empty_table()
    return csv.open_csv(
        file,
        csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=list(types)),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(check_utf8=False, column_types=types, null_values=[""], true_values=["true", "t"], false_values=["false", "f"],
                           strings_can_be_null=True, quoted_strings_can_be_null=False),
    )  # fmt: skip


def answer(base: Any, order: dict[str, Any]) -> dict[str, Any]:
    """The rows of the statement, as many as are asked for."""
    reader = base.sql(order["sql"], params=order["values"] or None).to_arrow_reader(2048)
    columns = [{"name": field.name, "type": str(field.type)} for field in reader.schema]
    rows: list[list[Any]] = []
    size = 0
    for batch in reader:
        for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            row = [plain(cell) for cell in cells]
            size += sum(len(cell) if isinstance(cell, str) else 8 if not isinstance(cell, list | dict) else len(str(cell)) for cell in row)
            if len(rows) >= order["rows"] or size > order["bytes"]:
                return {"columns": columns, "rows": rows, "truncated": True}
            rows.append(row)
    return {"columns": columns, "rows": rows, "truncated": False}


def tree(base: Any, sql: str) -> Any:
    """The statement as DuckDB's own parser reads it; nothing of it is run."""
    try:
        return json.loads(done(base, "select json_serialize_sql(?)", [sql])[0][0])
    except (duckdb.Error, MemoryError, ValueError, RecursionError) as problem:
        return {"error": True, "error_message": failure(problem)["said"]}


def failure(problem: Exception) -> dict[str, Any]:
    """What went wrong, in a word and in the engine's."""
    name = "memory" if isinstance(problem, MemoryError | duckdb.OutOfMemoryException) else "failed"
    return {"error": name, "said": str(problem).partition("\n")[0][:300]}


def main() -> None:
    """One query."""
    order = json.loads(read())
    confine(order["seconds"])
    base = duckdb.connect(":memory:", config={**LOCKED, "memory_limit": order["memory"]})
    done(base, f"set TimeZone = '{order['zone']}'")
    done(base, "set lock_configuration = true")
    write({"ready": True})
    if order["tree"]:
        write(tree(base, order["sql"]))
    try:
        left = take(base)
        found = answer(base, order)
        if left is not None:
            left.rest()
        write(found)
    except (duckdb.Error, pa.ArrowException, MemoryError, ValueError, OverflowError) as problem:
        write(failure(problem))


if __name__ == "__main__":
    main()
