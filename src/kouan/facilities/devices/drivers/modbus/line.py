"""A connection to one Modbus TCP device, or to one unit behind a gateway: its registers are read at its interval."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Callable

from kouan.facilities.devices.addresses import endpoint, register
from kouan.facilities.devices.drivers.modbus import frames
from kouan.facilities.devices.drivers.modbus.registers import Read, plan
from kouan.facilities.devices.lining import Lost, Target
from kouan.facilities.devices.telling import Told, Value

PORT, UNIT = 502, 1
PATIENCE = 5.0
"""Seconds for a connection, or for an answer; a shorter keep-alive shortens it."""
ILLEGAL = frozenset({"illegal_address", "illegal_value"})


class ModbusLine:
    """One device. Registers that lie close together are read together, unless the device does not like that."""

    def __init__(self, device: Target) -> None:
        place, _, unit = device.data.address.partition("/")
        self._host, self._port = endpoint(place, PORT)
        self._unit = int(unit or UNIT)
        wanted = {one.name: found for one in device.data.metrics if (found := register(one.source)) is not None}
        self._reads = plan(wanted)
        self._every = device.data.poll_s or device.data.keep_alive_s / 2
        self._patience = min(PATIENCE, float(device.data.keep_alive_s))
        self._numbers = itertools.cycle(range(1, 0xFFFF))

    async def run(self, said: Callable[[Told], None]) -> None:
        """Tell its values at its interval until the connection breaks; Lost with the cause when it does not answer rightly."""
        reader, writer = await asyncio.wait_for(asyncio.open_connection(self._host, self._port), self._patience)
        clock = asyncio.get_running_loop().time
        try:
            while True:
                began = clock()
                said(await self.once(reader, writer))
                await asyncio.sleep(max(self._every - (clock() - began), 0.01))
        finally:
            writer.close()

    async def once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Told:
        """All its registers, once."""
        told, reads, missing = Told(), [], 0
        for read in self._reads:
            answer = await self._asked(reader, writer, read)
            if answer.trouble in ILLEGAL and len(read.of) > 1:
                reads += read.singly()  # a register between them is none; each alone is asked for from the next round on
                continue
            reads.append(read)
            if answer.trouble:
                told.refuse(f"modbus.{answer.trouble}", len(read.of))
                missing += answer.trouble in frames.BEHIND
            else:
                _take(told, read, answer.data)
        if missing and missing == len(self._reads):
            told.life = "death"
        self._reads = reads
        return told

    async def _asked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, read: Read) -> frames.Answer:
        number = next(self._numbers)
        writer.write(frames.request(number, self._unit, read.function, read.start, read.count))
        try:
            async with asyncio.timeout(self._patience):
                await writer.drain()
                head = await reader.readexactly(frames.HEAD)
                answer = frames.answer(head, await reader.readexactly(frames.length(head)))
        except TimeoutError as slow:
            raise Lost("timeout") from slow
        except asyncio.IncompleteReadError as gone:
            raise Lost("hung_up") from gone
        except frames.Malformed as wrong:
            raise Lost("modbus.malformed") from wrong
        if (answer.number, answer.unit, answer.function) != (number, self._unit, read.function):
            raise Lost("modbus.other_answer")
        return answer


def _take(told: Told, read: Read, data: bytes) -> None:
    found = 0
    for name, value in read.values(data):
        found += 1
        if math.isfinite(value):
            told.values.append(Value(name, value))
        else:
            told.refuse("not_a_number")
    if found < len(read.of):
        told.refuse("modbus.short", len(read.of) - found)
