"""A simulated OPC UA server (模拟 OPC UA 服务器): values that change, by the binary protocol on a socket of its own, without security."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from kouan_sim.opcua_wire import POLICY, Cursor, Place, blob, dated, endpoint, listed, moment, number, text

UNKNOWN_NODE, DENIED, UNSUPPORTED, NO_SESSION = 0x80340000, 0x80210000, 0x800B0000, 0x80250000
SERVER_STATE = (0, 2259)
_NO_DIAGNOSTICS = b"\0" + struct.pack("<i", 0) + b"\0\0\0"


class Server:
    """A server. `put` a value and everyone who subscribed hears of it. `users`: names and passwords; with none, anybody enters.

    `secure`: it offers no door without encryption; `subscribes` False: it knows only Read; `chunk`: bytes of a chunk's body;
    `lifetime`: milliseconds of a channel's token.
    """

    def __init__(
        self, *, users: Mapping[str, str] | None = None, secure: bool = False, subscribes: bool = True, chunk: int = 60_000,
        lifetime: int = 60_000,
    ) -> None:  # fmt: skip
        self.users, self.secure, self.subscribes, self.chunk, self.lifetime = dict(users or {}), secure, subscribes, chunk, lifetime
        self.port, self.renewed, self.skip = 0, 0, 0
        self.values: dict[Place, tuple[Any, int, datetime]] = {SERVER_STATE: (0, 0, datetime.now(UTC))}
        self.lines: set[Line] = set()
        self.said = bytearray()
        self.mute = False

    @property
    def url(self) -> str:
        """Where it is."""
        return f"opc.tcp://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Break all connections."""
        for line in self.lines:
            line.writer.close()

    def put(self, place: Place, value: Any, status: int = 0, at: datetime | None = None) -> None:
        """Let a node have a value."""
        self.values[place] = value, status, at or datetime.now(UTC)
        for line in self.lines:
            line.changed(place)

    def written(self, place: Place) -> bytes:
        """A node's value as bytes."""
        value, status, at = self.values.get(place, (None, UNKNOWN_NODE, datetime.now(UTC)))
        return dated(value, status, at)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(self, writer)
        self.lines.add(line)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, OSError, struct.error, ValueError):
                while True:
                    head = await reader.readexactly(8)
                    [size] = struct.unpack("<I", head[4:])
                    line.take(head[:3], await reader.readexactly(size - 8))
        finally:
            line.end()
            self.lines.discard(line)
            writer.close()


class Line:
    """One client's connection: its channel, its session, its subscription."""

    def __init__(self, server: Server, writer: asyncio.StreamWriter) -> None:
        self.server, self.writer = server, writer
        self._numbers, self._told = itertools.count(1), itertools.count(1)
        self._token = 0
        self._active = False
        self._items: dict[Place, list[int]] = {}
        self._changes: list[bytes] = []
        self._waiting: list[tuple[int, int]] = []
        self._every, self._alive = 1.0, 10
        self._task: asyncio.Task[None] | None = None

    def end(self) -> None:
        """The client is gone."""
        if self._task is not None:
            self._task.cancel()

    def take(self, kind: bytes, body: bytes) -> None:
        """One message of the client; each fits one chunk."""
        if kind == b"HEL":
            self._write(b"ACK", b"F", struct.pack("<5I", 0, 65_536, 65_536, 0, 0))
            return
        cursor = Cursor(body)
        cursor.of("I")
        if kind == b"OPN":
            for _ in range(3):
                cursor.blob()
        else:
            cursor.of("I")
        cursor.of("I")
        request = int(cursor.of("I"))
        if kind != b"CLO" and not self.server.mute:
            self._asked(request, cursor)

    def _asked(self, request: int, cursor: Cursor) -> None:
        (_, kind), _, handle = cursor.head()
        acts = {446: self._open, 461: self._create, 467: self._activate, 473: self._close, 631: self._read, 787: self._subscribe,
                751: self._monitor}  # fmt: skip
        if kind == 826:
            self._waiting.append((request, handle))
            return
        act = acts.get(int(kind))
        needs = kind in (631, 787, 751)
        if act is None or (needs and not self._active) or (kind == 787 and not self.server.subscribes):
            self._fault(request, handle, NO_SESSION if needs and not self._active else UNSUPPORTED)
            return
        answer = act(cursor)
        if isinstance(answer, int):
            self._fault(request, handle, answer)
        else:
            self._answer(request, handle, int(kind) + 3, answer, opens=kind == 446)

    def _open(self, cursor: Cursor) -> bytes:
        cursor.of("I")
        self.server.renewed += cursor.of("i")
        self._token += 1
        return struct.pack("<III", 0, 7, self._token) + moment() + struct.pack("<I", self.server.lifetime) + blob()

    def _create(self, _cursor: Cursor) -> bytes:
        door = endpoint(self.server.url, 3 if self.server.secure else 1, POLICY, bool(self.server.users))
        session = number(77) + number(88) + struct.pack("<d", 60_000)
        return session + blob(b"n" * 32) + blob() + listed(door) + listed() + text(None) + blob() + struct.pack("<I", 0)

    def _activate(self, cursor: Cursor) -> bytes | int:
        cursor.blob()
        cursor.blob()
        for _ in range(2):
            for _ in range(cursor.of("i")):
                cursor.blob()
        _, kind = cursor.node()
        cursor.of("B")
        told = Cursor(cursor.blob())
        policy = told.blob()
        if self.server.users:
            user, password = (told.blob().decode(), told.blob().decode()) if kind == 324 else ("", "")
            if policy != b"user-0" or self.server.users.get(user) != password:
                return DENIED
        self._active = True
        return blob(b"n" * 32) + listed() + listed()

    def _close(self, _cursor: Cursor) -> bytes:
        self._active = False
        return b""

    def _read(self, cursor: Cursor) -> bytes:
        cursor.of("d")
        cursor.of("i")
        return listed(*(self.server.written(cursor.value_id()) for _ in range(cursor.of("i")))) + listed()

    def _subscribe(self, cursor: Cursor) -> bytes:
        self._every = cursor.of("d") / 1000
        lifetime, self._alive = cursor.of("I"), cursor.of("I")
        self._task = asyncio.get_running_loop().create_task(self._publish())
        return struct.pack("<IdII", 5, self._every * 1000, lifetime, self._alive)

    def _monitor(self, cursor: Cursor) -> bytes:
        cursor.of("I")
        cursor.of("i")
        results = []
        for item in range(cursor.of("i")):
            place = cursor.value_id()
            cursor.of("i")
            handle = int(cursor.of("I"))
            cursor.of("d")
            cursor.node()
            cursor.of("B")
            cursor.of("I")
            cursor.of("B")
            known = place in self.server.values
            if known:
                self._items.setdefault(place, []).append(handle)
                self._changes.append(struct.pack("<I", handle) + self.server.written(place))
            results.append(struct.pack("<IIdI", 0 if known else UNKNOWN_NODE, item + 1, 100.0, 1) + b"\0\0\0")
        return listed(*results) + listed()

    def changed(self, place: Place) -> None:
        """A node has another value."""
        self._changes += [struct.pack("<I", handle) + self.server.written(place) for handle in self._items.get(place, ())]

    async def _publish(self) -> None:
        quiet = self._alive
        following = 1
        while True:
            await asyncio.sleep(self._every)
            quiet += 1
            if not self._waiting or not (self._changes or quiet >= self._alive):
                continue
            changes, self._changes, quiet = self._changes, [], 0
            told = []
            following = next(self._told) if changes else following
            if changes and self.server.skip:
                self.server.skip -= 1
                continue
            if changes:
                inner = listed(*changes) + listed()
                told = [number(811) + b"\1" + blob(inner)]
            request, handle = self._waiting.pop(0)
            body = struct.pack("<I", 5) + listed() + b"\0" + struct.pack("<I", following) + moment() + listed(*told) + listed() + listed()
            self._answer(request, handle, 829, body)

    def _fault(self, request: int, handle: int, status: int) -> None:
        self._send(b"MSG", request, number(397) + moment() + struct.pack("<II", handle, status) + _NO_DIAGNOSTICS)

    def _answer(self, request: int, handle: int, kind: int, body: bytes, *, opens: bool = False) -> None:
        self._send(b"OPN" if opens else b"MSG", request, number(kind) + moment() + struct.pack("<II", handle, 0) + _NO_DIAGNOSTICS + body)

    def _send(self, kind: bytes, request: int, body: bytes) -> None:
        head = struct.pack("<I", 7)
        head += text(POLICY) + struct.pack("<ii", -1, -1) if kind == b"OPN" else struct.pack("<I", self._token)
        for begin in range(0, len(body), self.server.chunk):
            part, last = body[begin : begin + self.server.chunk], begin + self.server.chunk >= len(body)
            self._write(kind, b"F" if last else b"C", head + struct.pack("<II", next(self._numbers), request) + part)

    def _write(self, kind: bytes, form: bytes, rest: bytes) -> None:
        whole = kind + form + struct.pack("<I", 8 + len(rest)) + rest
        self.server.said += whole
        if not self.writer.is_closing():
            self.writer.write(whole)
