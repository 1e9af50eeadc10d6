"""A simulated Modbus TCP device (模拟 Modbus 设备): coils, inputs and registers on a socket of its own."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from types import TracebackType
from typing import Self

TABLES = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS = 1, 2
LONGEST = 260


class Plc:
    """A device. `tables`: what stands at each address of each table; all else is an illegal address.

    `broken`: an exception that it answers to everything; `mute`: it takes requests and answers nothing.
    """

    def __init__(self, unit: int = 1) -> None:
        self.unit, self.port, self.asked = unit, 0, 0
        self.tables: dict[str, dict[int, int]] = {name: {} for name in TABLES.values()}
        self.broken, self.mute = 0, False
        self._lines: set[asyncio.StreamWriter] = set()

    def put(self, table: str, address: int, value: float, form: str = ">H", *, swapped: bool = False) -> None:
        """Let a value stand in its registers; `form`: as struct packs it."""
        raw = struct.pack(form, value if form in (">f", ">d") else int(value))
        words = [int.from_bytes(raw[n : n + 2], "big") for n in range(0, len(raw), 2)]
        for place, word in enumerate(reversed(words) if swapped else words):
            self.tables[table][address + place] = word

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Break all connections."""
        for line in self._lines:
            line.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, OSError):
                while True:
                    head = await reader.readexactly(7)
                    size = int.from_bytes(head[4:6], "big") - 1
                    body = await reader.readexactly(min(size, LONGEST))
                    self.asked += 1
                    if not self.mute and head[6] == self.unit:
                        answer = self._answer(body)
                        writer.write(head[:4] + (len(answer) + 1).to_bytes(2, "big") + head[6:7] + answer)
        finally:
            self._lines.discard(writer)
            writer.close()

    def _answer(self, body: bytes) -> bytes:
        function, start, count = struct.unpack(">BHH", body[:5].ljust(5, b"\0"))
        if self.broken or function not in TABLES:
            return bytes([function | 0x80, self.broken or ILLEGAL_FUNCTION])
        table = self.tables[TABLES[function]]
        if not all(start + n in table for n in range(count)):
            return bytes([function | 0x80, ILLEGAL_ADDRESS])
        values = [table[start + n] for n in range(count)]
        if function in (1, 2):
            packed = [sum(bit << place for place, bit in enumerate(values[n : n + 8])) for n in range(0, count, 8)]
            return bytes([function, len(packed), *packed])
        return bytes([function, 2 * count]) + b"".join(word.to_bytes(2, "big") for word in values)
