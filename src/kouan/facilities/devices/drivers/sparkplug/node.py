"""An edge node as its host sees it: births give names to aliases, every message has the next number, a gap asks for a rebirth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kouan.facilities.devices.drivers.sparkplug.payload import Metric, Payload

REBIRTH = "Node Control/Rebirth"
BD_SEQ = "bdSeq"
Kind = Literal["NBIRTH", "NDEATH", "NDATA", "DBIRTH", "DDEATH", "DDATA"]
KINDS = frozenset({"NBIRTH", "NDEATH", "NDATA", "DBIRTH", "DDEATH", "DDATA"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a message meant: metrics by name ("" device: the node itself), who came or went, whether a rebirth is wanted, and why."""

    device: str = ""
    metrics: tuple[Metric, ...] = ()
    life: Literal["", "birth", "death"] = ""
    gone: tuple[str, ...] = ()
    rebirth: str = ""
    unnamed: int = 0


@dataclass(slots=True)
class Node:
    """One edge node. `devices`: those that were born and did not die; `aliases` by device."""

    seq: int | None = None
    bd_seq: float | None = None
    alive: bool = False
    devices: set[str] = field(default_factory=set)
    aliases: dict[str, dict[int, str]] = field(default_factory=dict)

    def hear(self, kind: str, device: str, payload: Payload) -> Outcome:
        """Take one message. One that is out of order is still read, and the node is asked to be born anew."""
        if kind == "NDEATH":
            return self._death(payload)
        if kind == "NBIRTH":
            return self._birth(payload)
        if not self.alive:
            return Outcome(device, rebirth="not_born")
        gap = payload.seq is None or self.seq is None or payload.seq != (self.seq + 1) % 256
        self.seq = payload.seq
        outcome = self._device(kind, device, payload)
        return Outcome(outcome.device, outcome.metrics, outcome.life, rebirth="gap", unnamed=outcome.unnamed) if gap else outcome

    def _death(self, payload: Payload) -> Outcome:
        """A death of an earlier session (bdSeq) says nothing of this one."""
        told = next((m.value for m in payload.metrics if m.name == BD_SEQ), None)
        if told is not None and self.bd_seq is not None and told != self.bd_seq:
            return Outcome()
        gone, self.devices, self.alive = tuple(sorted(self.devices)), set(), False
        return Outcome("", (), "death", gone)

    def _birth(self, payload: Payload) -> Outcome:
        gone, self.devices, self.aliases = tuple(sorted(self.devices)), set(), {}
        self.alive, self.seq = True, payload.seq
        self.bd_seq = next((m.value for m in payload.metrics if m.name == BD_SEQ), None)
        self._learn("", payload)
        return Outcome("", payload.metrics, "birth", gone, rebirth="" if payload.seq == 0 else "gap" if payload.seq is None else "")

    def _device(self, kind: str, device: str, payload: Payload) -> Outcome:
        if kind == "DBIRTH":
            self.devices.add(device)
            self._learn(device, payload)
            return Outcome(device, payload.metrics, "birth")
        if kind == "DDEATH":
            self.devices.discard(device)
            return Outcome(device, (), "death")
        if device and device not in self.devices:
            return Outcome(device, rebirth="not_born")
        return self._named(device, payload)

    def _learn(self, device: str, payload: Payload) -> None:
        self.aliases[device] = {m.alias: m.name for m in payload.metrics if m.alias is not None and m.name}

    def _named(self, device: str, payload: Payload) -> Outcome:
        known = self.aliases.get(device, {})
        named, unnamed = [], 0
        for metric in payload.metrics:
            name = metric.name or (known.get(metric.alias, "") if metric.alias is not None else "")
            if name:
                named.append(Metric(name, metric.alias, metric.at or payload.at, metric.datatype, metric.value))
            else:
                unnamed += 1
        return Outcome(device, tuple(named), rebirth="alias" if unnamed else "", unnamed=unnamed)
