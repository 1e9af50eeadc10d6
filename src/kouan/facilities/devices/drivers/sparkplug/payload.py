"""Payload and metrics of Sparkplug B (Eclipse Sparkplug 3.0, chapter 6), read field by field; text and files are passed over."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from kouan.facilities.devices.drivers.sparkplug.wire import FIXED32, FIXED64, Malformed, fields, put

INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FLOAT, DOUBLE, BOOLEAN = range(1, 12)
MOST = 5000
_SIGNED = {INT8: 8, INT16: 16, INT32: 32, INT64: 64}
_AT, _METRICS, _SEQ = 1, 2, 3
_NAME, _ALIAS, _WHEN, _TYPE, _NULL, _INT, _LONG, _FLOAT, _DOUBLE, _BOOLEAN = 1, 2, 3, 4, 7, 10, 11, 12, 13, 14


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: name ("" when an alias stands for it), alias, time in milliseconds, data type (0: not told), value or None."""

    name: str = ""
    alias: int | None = None
    at: int = 0
    datatype: int = 0
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """A message: time in milliseconds since 1970, its metrics, and its number in the edge node's sequence (None: none)."""

    at: int
    metrics: tuple[Metric, ...]
    seq: int | None


def read(content: bytes) -> Payload:
    """A payload; Malformed when the bytes are none."""
    at, seq = 0, None
    metrics: list[Metric] = []
    for number, _, value in fields(content):
        if number == _AT:
            at = _integer(value)
        elif number == _SEQ:
            seq = _integer(value)
        elif number == _METRICS:
            if len(metrics) >= MOST:
                raise Malformed("too many metrics")
            metrics.append(_metric(_bytes(value)))
    return Payload(at, tuple(metrics), seq)


def signed(value: int, datatype: int) -> int:
    """An integer as its data type means it: Sparkplug sends negative numbers in the unsigned fields."""
    bits = _SIGNED.get(datatype)
    if bits is None:
        return value
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> bits - 1 else value


def _metric(content: bytes) -> Metric:
    name, alias, at, datatype = "", None, 0, 0
    stated: float | None = None
    whole: int | None = None
    for number, _, value in fields(content):
        if number == _NAME:
            name = _bytes(value).decode("utf-8", "replace")
        elif number == _ALIAS:
            alias = _integer(value)
        elif number == _WHEN:
            at = _integer(value)
        elif number == _TYPE:
            datatype = _integer(value)
        elif number in (_INT, _LONG):
            whole = _integer(value)
        elif number == _BOOLEAN:
            stated = float(bool(_integer(value)))
        elif number in (_FLOAT, _DOUBLE):
            stated = _real(_bytes(value))
    if whole is not None:
        stated = float(signed(whole, datatype))
    return Metric(name, alias, at, datatype, stated if stated is not None and math.isfinite(stated) else None)


def _real(raw: bytes) -> float:
    if len(raw) not in (4, 8):
        raise Malformed("no number")
    return float(struct.unpack("<f" if len(raw) == 4 else "<d", raw)[0])


def _integer(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise Malformed("no integer")
    return value


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise Malformed("no bytes")
    return value


def write(at: int, metrics: Iterable[Metric], seq: int | None = None) -> bytes:
    """A payload as bytes; values go as double, booleans and integers by their data type."""
    made = put(_AT, at) + b"".join(put(_METRICS, _written(metric)) for metric in metrics)
    return made + (put(_SEQ, seq) if seq is not None else b"")


def _written(metric: Metric) -> bytes:
    made = put(_NAME, metric.name.encode()) if metric.name else b""
    made += put(_ALIAS, metric.alias) if metric.alias is not None else b""
    made += put(_WHEN, metric.at) if metric.at else b""
    made += put(_TYPE, metric.datatype or DOUBLE)
    if metric.value is None:
        return made + put(_NULL, 1)
    if metric.datatype == BOOLEAN:
        return made + put(_BOOLEAN, int(bool(metric.value)))
    if metric.datatype == FLOAT:
        return made + put(_FLOAT, struct.pack("<f", metric.value), FIXED32)
    if metric.datatype in (INT64, UINT64):
        return made + put(_LONG, int(metric.value) & 0xFFFFFFFFFFFFFFFF)
    if metric.datatype in range(INT8, DOUBLE):
        return made + put(_INT, int(metric.value) & 0xFFFFFFFF)
    return made + put(_DOUBLE, struct.pack("<d", metric.value), FIXED64)
