"""A twin of a MySQL server: its client/server protocol (handshake 10, text results) on a real socket, over a SQLite file.

`mysql_native_password` only; statements that set something are answered and not done; what is asked for is read from SQLite, which
takes names in backticks, too. A real MariaDB stands beside it in the tests where one is installed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socketserver
import sqlite3
import struct
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

USER, PASSWORD = "reader", "secret"
_CAPABILITIES = 0x0000_8000 | 0x0008_0000 | 0x0000_0200 | 0x0000_0008 | 0x0000_0001 | 0x0000_0002 | 0x0000_2000
_END, _NULL = b"\xfe\0\0\2\0", b"\xfb"


def _sized(value: bytes) -> bytes:
    size = len(value)
    return (bytes([size]) if size < 251 else b"\xfc" + struct.pack("<H", size)) + value


def _answer(salt: bytes) -> bytes:
    """What the client shows of the password."""
    once = hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).digest()
    twice = hashlib.sha1(once, usedforsecurity=False).digest()
    mixed = hashlib.sha1(salt + twice, usedforsecurity=False).digest()
    return bytes(a ^ b for a, b in zip(once, mixed, strict=True))


class _Caller(socketserver.StreamRequestHandler):
    server: _Server

    def _send(self, *packets: bytes) -> None:
        for packet in packets:
            self.wfile.write(struct.pack("<I", len(packet))[:3] + bytes([self.number & 255]) + packet)
            self.number += 1

    def _take(self) -> bytes:
        head = self.rfile.read(4)
        if len(head) < 4:
            return b""
        self.number = head[3] + 1
        return self.rfile.read(int.from_bytes(head[:3], "little"))

    def handle(self) -> None:
        self.number, salt = 0, os.urandom(20).replace(b"\0", b"x")
        self._send(
            b"\x0a8.0.0-twin\0" + struct.pack("<I", 7) + salt[:8] + b"\0"
            + struct.pack("<HBHH", _CAPABILITIES & 65535, 45, 2, _CAPABILITIES >> 16) + bytes([21]) + bytes(10) + salt[8:]
            + b"\0mysql_native_password\0"
        )  # fmt: skip
        user, _, rest = self._take()[32:].partition(b"\0")
        if user.decode() != USER or rest[1 : 1 + rest[0]] != _answer(salt):
            self._send(b"\xff" + struct.pack("<H", 1045) + b"#28000Access denied")
            return
        self._send(b"\0\0\0\2\0\0\0")
        while command := self._take():
            if command[0] == 1:
                return
            self._send(*self._said(command[1:].decode()) if command[0] == 3 else (b"\0\0\0\2\0\0\0",))

    def _said(self, text: str) -> Sequence[bytes]:
        self.server.asked.append(text)
        if not text.lower().startswith("select") or "@@" in text:
            return (b"\0\0\0\2\0\0\0",)
        try:
            with contextlib.closing(sqlite3.connect(self.server.path)) as database:
                found = database.execute(text)
                names, rows = [column[0] for column in found.description], found.fetchall()
        except sqlite3.Error as wrong:
            return (b"\xff" + struct.pack("<H", 1064) + b"#42000" + str(wrong).encode(),)
        whole = [all(isinstance(row[at], int) for row in rows) for at in range(len(names))]
        columns = [
            _sized(b"def") + _sized(b"") * 3 + _sized(name.encode()) * 2
            + struct.pack("<BHIBHBH", 12, 45, 1024, 8 if mine else 253, 0, 0, 0)
            for name, mine in zip(names, whole, strict=True)
        ]  # fmt: skip
        told = [b"".join(_NULL if value is None else _sized(str(value).encode()) for value in row) for row in rows]
        return (bytes([len(names)]), *columns, _END, *told, _END)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address = True, True
    path: Path
    asked: list[str]


@contextlib.contextmanager
def twin(path: Path, asked: list[str] | None = None) -> Iterator[int]:
    """Serve a SQLite file as MySQL; its port. `asked`: where its statements are told."""
    with _Server(("127.0.0.1", 0), _Caller) as server:
        server.path, server.asked = path, [] if asked is None else asked
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


def filled(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """A database of one table, `moves` (n, port)."""
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("create table moves (n integer primary key, port text)")
        database.executemany("insert into moves values (?, ?)", rows)
    return path
