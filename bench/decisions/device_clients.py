"""Our own Modbus TCP and OPC UA clients beside the libraries that others use: CPU for a reading, and what loading them costs.

pymodbus and asyncua are measured where they are installed; they are no part of the product. The devices are simulated ones in a
process of their own, so that only the client's CPU is counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import multiprocessing
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from typing import Any

from kouan.facilities.devices.addresses import NodeId, Register
from kouan.facilities.devices.drivers.modbus.line import ModbusLine
from kouan.facilities.devices.drivers.modbus.registers import plan
from kouan.facilities.devices.drivers.opcua import answers, requests
from kouan.facilities.devices.drivers.opcua.client import Client, Wishes
from kouan.facilities.devices.records import Device
from kouan.facilities.devices.register import Entry
from kouan_sim.modbus import Plc
from kouan_sim.opcua import Server

READS, VALUES, NODES = 2000, 50, 50


async def _devices(line: Connection) -> None:
    async with Plc() as plc, Server() as server:
        for n in range(VALUES):
            plc.put("holding", 2 * n, n / 7, ">f")
        for n in range(NODES):
            server.put((2, n), n / 7)
        line.send((plc.port, server.port))
        while not line.poll():
            await asyncio.sleep(0.1)


def _serve(line: Connection) -> None:
    asyncio.run(_devices(line))


async def _timed(reads: int, one: Callable[[], Awaitable[object]]) -> float:
    """Microseconds of CPU of this process for one turn."""
    await one()
    began = time.process_time()
    for _ in range(reads):
        await one()
    return round((time.process_time() - began) / reads * 1e6, 1)


async def modbus(port: int) -> dict[str, Any]:
    """Fifty float32 in one request, over and over."""
    metrics = [{"name": f"m{n}", "source": f"holding:{2 * n}:float32"} for n in range(VALUES)]
    data = Device.model_validate({"code": "B-1", "name_zh": "b", "name_en": "b", "kind": "other", "driver": "modbus",
                                  "address": f"127.0.0.1:{port}", "metrics": metrics})  # fmt: skip
    line = ModbusLine(Entry(None, data, "commissioned", ()))  # type: ignore[arg-type]  # no record stands behind it
    assert len(plan({f"m{n}": Register("holding", 2 * n, "float32") for n in range(VALUES)})) == 1
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    told = {"ours": await _timed(READS, lambda: line.once(reader, writer))}
    writer.close()
    with contextlib.suppress(ImportError):
        from pymodbus.client import AsyncModbusTcpClient  # noqa: PLC0415 - a peer, measured only where it is installed

        peer = AsyncModbusTcpClient("127.0.0.1", port=port)
        await peer.connect()

        async def once() -> list[float]:
            words = (await peer.read_holding_registers(0, count=2 * VALUES)).registers
            found: Any = peer.convert_from_registers(words, peer.DATATYPE.FLOAT32)
            return list(found)

        told["pymodbus"] = await _timed(READS, once)
        peer.close()
    return {"us_cpu_for_50_values": told}


async def opcua(port: int) -> dict[str, Any]:
    """Fifty nodes in one Read, over and over."""
    nodes = [NodeId(2, n) for n in range(NODES)]
    client = Client(f"opc.tcp://127.0.0.1:{port}", Wishes(nodes, 1, 10), 5, lambda _: None, Counter())
    await client.channel.open("127.0.0.1", port)
    await client.enter()

    async def once() -> object:
        return answers.values(await client.channel.ask(requests.READ, lambda head: requests.read(head, nodes)))

    told = {"ours": await _timed(READS // 2, once)}
    await client.channel.close()
    with contextlib.suppress(ImportError):
        import asyncua.client  # noqa: PLC0415 - a peer, measured only where it is installed

        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        async with asyncua.client.Client(f"opc.tcp://127.0.0.1:{port}") as peer:
            listed = [peer.get_node(f"ns=2;i={n}") for n in range(NODES)]
            told["asyncua"] = await _timed(READS // 4, lambda: peer.read_values(listed))
    return {"us_cpu_for_50_values": told}


def loading(module: str) -> float | None:
    """CPU seconds that loading a module costs a fresh Python; None when it is not installed."""
    code = (
        f"import time,asyncio,struct,uuid,datetime\na=time.process_time()\nimport {module}\nprint(time.process_time()-a)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    return round(float(done.stdout), 3)


async def measured() -> dict[str, Any]:
    """All of it."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,))
    process.start()
    try:
        ports = await asyncio.to_thread(here.recv)
        told = {"modbus": await modbus(ports[0]), "opcua": await opcua(ports[1])}
    finally:
        here.send(None)
        process.join(5)
    ours = "kouan.facilities.devices.drivers"
    modules = (f"{ours}.modbus.frames", "pymodbus.client", f"{ours}.opcua.requests", "asyncua")
    return {**told, "loading_cpu_s": {module: loading(module) for module in modules}, "data": "simulated devices (kouan_sim)"}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measured()), indent=1))
