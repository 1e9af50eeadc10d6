"""Where devices keep their metrics: registers of Modbus and nodes of OPC UA, as a metric's address in the device states them.

Modbus: `holding:100:float32`, `input:3:int16`, `holding:7:bit4`, `coil:7`, `discrete:7`; the number is the address of the protocol,
counted from 0; `uint16` unless a type is stated; the high word comes first unless `:swapped` follows.
OPC UA: `ns=2;s=Pump.Pressure`, `i=2258`, `ns=2;g=…`, `ns=2;b=…` (OPC 10000-6, 5.3.1.10).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Table = Literal["coil", "discrete", "holding", "input"]
WORDS = {"int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "float32": 2}
"""Registers that a value of each type takes."""
BITS = frozenset({"coil", "discrete"})
LAST = 0xFFFF
_REGISTER = re.compile(r"(coil|discrete|holding|input):([0-9]{1,5})(?::(u?int16|u?int32|float32|bit(?:[0-9]|1[0-5]))(:swapped)?)?\Z")
_KINDS: dict[type, str] = {int: "i", str: "s", UUID: "g", bytes: "b"}
_TABLES: dict[str, Table] = {"coil": "coil", "discrete": "discrete", "holding": "holding", "input": "input"}
_NODE = re.compile(r"(?:ns=([0-9]{1,5});)?([isgb])=(.{1,240})\Z")


@dataclass(frozen=True, slots=True)
class Register:
    """A value's place in a Modbus device. `type` is "" for a coil or discrete input; `swapped`: the low word comes first."""

    table: Table
    address: int
    type: str
    swapped: bool = False

    @property
    def size(self) -> int:
        """Registers, or bits, that it takes."""
        return 1 if self.table in BITS else WORDS.get(self.type, 1)


@dataclass(frozen=True, slots=True)
class NodeId:
    """A node of an OPC UA server."""

    namespace: int
    name: int | str | UUID | bytes

    def __str__(self) -> str:
        name = base64.b64encode(self.name).decode() if isinstance(self.name, bytes) else str(self.name)
        stated = f"{_KINDS[type(self.name)]}={name}"
        return f"ns={self.namespace};{stated}" if self.namespace else stated


def register(text: str) -> Register | None:
    """The register that a text states; None when it states none."""
    match = _REGISTER.match(text.strip())
    if match is None:
        return None
    table, address, kind, swapped = _TABLES[match[1]], match[2], match[3], match[4]
    if table in BITS:
        return None if kind or int(address) > LAST else Register(table, int(address), "")
    found = Register(table, int(address), kind or "uint16", swapped is not None)
    fits = found.address + found.size - 1 <= LAST and not (swapped and found.size == 1)
    return found if fits else None


def node(text: str) -> NodeId | None:
    """The node that a text states; None when it states none."""
    match = _NODE.match(text.strip())
    if match is None or int(match[1] or 0) > LAST:
        return None
    name = _named(match[2], match[3])
    return None if name is None else NodeId(int(match[1] or 0), name)


def _named(kind: str, text: str) -> int | str | UUID | bytes | None:
    try:
        if kind == "i":
            return int(text) if text.isascii() and text.isdigit() and int(text) < 1 << 32 else None
        if kind == "g":
            return UUID(text)
        return base64.b64decode(text, validate=True) if kind == "b" else text
    except (ValueError, binascii.Error):
        return None


def endpoint(address: str, default: int) -> tuple[str, int]:
    """Host and port of `[opc.tcp://]host[:port][/path]`."""
    place = address.partition("://")[2] or address
    host, _, port = place.partition("/")[0].rpartition(":")
    return (host, int(port)) if host else (port, default)
