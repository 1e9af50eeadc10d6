"""Running a query in a process of its own, which is killed when it has answered, when its time is over, or when it breaks off."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import struct
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.query import errors
from kouan.base.query.loading import Feed, Loaded
from kouan.kernel.errors import Refused, Unavailable

PROGRAM = Path(__file__).with_name("child.py")
LENGTH = struct.Struct("!Q")
START, SECONDS, LOADING = 30, 10, 30
"""Seconds that a process may take to start; that a statement may be read, and may run; that handing its tables over may take."""
MEMORY, BYTES = "512MB", 8_000_000
"""Memory of a query in DuckDB; size of an answer."""
_READABLE = 64_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a statement; `columns`: name and the engine's type of each; `truncated`: there are more, or they are too big."""

    columns: Sequence[Mapping[str, str]]
    rows: list[list[Any]]
    truncated: bool


class Child:
    """A process with one statement: first its tree where that is asked for, then its answer over some tables."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def tree(self) -> dict[str, Any]:
        """The statement as the engine's parser reads it."""
        return await self._read(SECONDS)

    async def answer(self, tables: Mapping[str, Loaded | Feed]) -> Answer:
        """The statement's rows over some tables. Refused when it fails, or is not done in its time or memory."""
        told = [{"name": name, **({"json": one.json} if isinstance(one, Loaded) else one.told())} for name, one in tables.items()]
        try:
            async with asyncio.timeout(LOADING):
                await self._take(orjson.dumps(told))
                for one in tables.values():
                    await self._hand_over(one)
        except TimeoutError:
            raise errors.refused(errors.LOADED_LONG, "sql", "time", seconds=LOADING) from None
        except OSError:
            # It ended before it had all: what it said of that still stands in its output.
            await self._broken()
            return _read_of(await self._read(SECONDS))
        return _read_of(await self._read(SECONDS))

    async def _hand_over(self, one: Loaded | Feed) -> None:
        if isinstance(one, Loaded):
            await self._take(await asyncio.to_thread(_stream, one.table))
        else:
            await one.hand_over(self._take)
            await self._take(b"")

    async def _broken(self) -> None:
        """Take note that its input is broken, so that nobody logs it."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await self._process.stdin.wait_closed()

    async def _take(self, content: bytes) -> None:
        self._write(content)
        assert self._process.stdin is not None
        await self._process.stdin.drain()

    def _write(self, content: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(LENGTH.pack(len(content)) + content)

    async def _drain(self) -> None:
        assert self._process.stdin is not None
        async with asyncio.timeout(START):
            await self._process.stdin.drain()

    async def _read(self, seconds: float) -> dict[str, Any]:
        out = self._process.stdout
        assert out is not None
        try:
            async with asyncio.timeout(seconds):
                (size,) = LENGTH.unpack(await out.readexactly(LENGTH.size))
                if size > _READABLE:
                    raise errors.refused(errors.TOO_BIG, "sql", "memory", memory=MEMORY)
                found: dict[str, Any] = orjson.loads(await out.readexactly(size))
        except TimeoutError:
            raise errors.refused(errors.TOO_LONG, "sql", "time", seconds=SECONDS) from None
        except (asyncio.IncompleteReadError, ConnectionError, orjson.JSONDecodeError):
            raise errors.refused(errors.BROKE, "sql", "broke") from None
        return found

    async def begin(self, order: Mapping[str, Any]) -> None:
        """Hand over the order and wait until the process is there; Unavailable when it does not come."""
        try:
            self._write(orjson.dumps(order))
            await self._drain()
            await self._read(START)
        except (OSError, Refused) as problem:
            raise Unavailable(errors.AWAY, retry_after=5) from problem


def _read_of(found: Mapping[str, Any]) -> Answer:
    if found.get("error") == "memory":
        raise errors.refused(errors.TOO_BIG, "sql", "memory", memory=MEMORY)
    if "error" in found:
        raise errors.refused(errors.FAILED, "sql", "failed", said=found["said"])
    return Answer(found["columns"], found["rows"], found["truncated"])


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


@asynccontextmanager
async def started(sql: str, values: Sequence[str], *, rows: int, zone: str, tree: bool = False) -> AsyncIterator[Child]:
    """A process for one statement, gone at the end. `tree`: its tree is asked for first; `zone`: in which days begin."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-B", str(PROGRAM), stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, cwd="/", env={},
        start_new_session=True,
    )  # fmt: skip
    try:
        child = Child(process)
        await child.begin({
            "sql": sql, "values": list(values), "rows": rows, "bytes": BYTES, "memory": MEMORY, "seconds": SECONDS + LOADING, "zone": zone,
            "tree": tree,
        })  # fmt: skip
        yield child
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        await asyncio.shield(process.wait())
