"""Ask a PostgreSQL server over its socket whether it takes connections; the pid says nothing about that."""

from __future__ import annotations

import contextlib
import socket
import struct
from enum import Enum
from pathlib import Path

PROTOCOL = 196608  # version 3.0
SOCKET = ".s.PGSQL.5432"
LONGEST_PATH = 107  # sun_path without its closing zero
TOO_MANY = b"53300"


class Answer(Enum):
    """What the server said."""

    READY = "ready"
    BUSY = "busy"  # starting, recovering or stopping
    SILENT = "silent"


def ask(folder: Path, *, user: str = "postgres", seconds: float = 2.0) -> Answer:
    """Try a real log-in and leave; BUSY when the server refuses for now, SILENT when nobody answers."""
    pairs = b"".join(name + b"\0" for name in (b"user", user.encode(), b"database", b"postgres"))
    hello = struct.pack("!i", PROTOCOL) + pairs + b"\0"
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(seconds)
        try:
            line.connect(str(folder / SOCKET))
            line.sendall(struct.pack("!i", len(hello) + 4) + hello)
            return _listen(line)
        except OSError:
            return Answer.SILENT


def _listen(line: socket.socket) -> Answer:
    with line.makefile("rb") as stream:
        while head := stream.read(5):
            kind, length = head[:1], struct.unpack("!i", head[1:])[0]
            body = stream.read(length - 4)
            if kind == b"Z":
                with contextlib.suppress(OSError):
                    line.sendall(b"X" + struct.pack("!i", 4))
                return Answer.READY
            if kind == b"E":
                return Answer.READY if b"C" + TOO_MANY in body else Answer.BUSY
    return Answer.SILENT
