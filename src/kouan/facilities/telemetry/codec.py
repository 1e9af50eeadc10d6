"""Frames as Arrow IPC streams: how they travel on the bus and lie in the history's journal. Columns are not copied to be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.kernel.signals import Array, Column, Frame

SIGNAL = b"signal"


def pack(frame: Frame) -> bytes:
    """A frame as bytes."""
    batch = to_arrow(frame)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def unpack(content: bytes) -> Frame:
    """The frame that these bytes are; its columns are read-only. ValueError when they are none."""
    try:
        with pa.ipc.open_stream(content) as reader:
            batch = reader.read_next_batch()
        signal = (batch.schema.metadata or {})[SIGNAL].decode()
    except (pa.ArrowInvalid, OSError, StopIteration, KeyError) as unreadable:
        raise ValueError("not a frame") from unreadable
    return from_arrow(signal, batch)


def to_arrow(frame: Frame) -> pa.RecordBatch:
    """A frame as an Arrow record batch; texts of fixed length become binaries of fixed size."""
    arrays = [_array(np.ascontiguousarray(column)) for column in frame.columns.values()]
    schema = pa.schema(
        [pa.field(name, array.type) for name, array in zip(frame.columns, arrays, strict=True)],
        metadata={SIGNAL: frame.signal.encode()},
    )
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def from_arrow(signal: str, batch: pa.RecordBatch | pa.Table) -> Frame:
    """The frame that an Arrow batch or table holds."""
    table = batch.combine_chunks() if isinstance(batch, pa.Table) else batch
    return Frame(signal, {name: _column(table.column(name)) for name in table.schema.names})


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a declared column."""
    kind = np.dtype(column.dtype)
    return pa.binary(kind.itemsize) if kind.kind == "S" else pa.from_numpy_dtype(kind)


def _array(column: Array) -> pa.Array:
    if column.dtype.kind == "S":
        return pa.Array.from_buffers(pa.binary(column.dtype.itemsize), len(column), [None, pa.py_buffer(column)])
    if column.dtype.kind in "OU":
        return pa.array(
            [value if isinstance(value, bytes) else str(value).encode() for value in column.tolist()], pa.binary()
        )
    return pa.array(column)


def _column(array: Any) -> Array:
    if isinstance(array, pa.ChunkedArray):
        array = (
            array.chunk(0)
            if array.num_chunks == 1
            else pa.concat_arrays(array.chunks)
            if array.num_chunks
            else pa.array([], array.type)
        )
    if isinstance(array.type, pa.FixedSizeBinaryType):
        width = array.type.byte_width
        whole: Array = (
            np.frombuffer(array.buffers()[1], f"S{width}", (array.offset + len(array)))
            if len(array)
            else np.zeros(0, f"S{width}")
        )
        return whole[array.offset :]
    if pa.types.is_binary(array.type):
        found = np.empty(len(array), object)
        found[:] = array.to_pylist()
        return found
    column: Array = array.to_numpy(zero_copy_only=not pa.types.is_boolean(array.type))
    return column
