"""A simulated weighbridge indicator (模拟地磅仪表): it sends its weight ten times a second to whoever connects."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

EVERY = 0.1


class Indicator:
    """An indicator on a socket of its own. `toledo`: in Toledo's continuous form, else as `ST,GS,+  12340kg`."""

    def __init__(self, weight: int = 0, *, toledo: bool = False) -> None:
        self.weight, self.steady, self._toledo, self.port = weight, True, toledo, 0
        self._lines: set[asyncio.StreamWriter] = set()

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

    def said(self) -> bytes:
        """The weight as it is sent now."""
        if self._toledo:
            return b"\x02*" + (b"0" if self.steady else b"8") + b" " + f"{self.weight:>6d}{0:>6d}".encode() + b"\r"
        return f"{'ST' if self.steady else 'US'},GS,+{self.weight:>7d}kg\r\n".encode()

    async def _serve(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        try:
            while not writer.is_closing():
                writer.write(self.said())
                await asyncio.sleep(EVERY)
        finally:
            self._lines.discard(writer)
            writer.close()
