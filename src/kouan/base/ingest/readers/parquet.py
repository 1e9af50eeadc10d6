"""Parquet by columns, in the types in which it lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
import pyarrow.compute as pc  # type: ignore[import-untyped]  # pyarrow states no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.ingest.readers.file import File
from kouan.base.ingest.readers.pages import DELTA_BYTES, DELTAS, MOST_FOOTER, Chunk, Untrue, chunks, footer
from kouan.base.ingest.readers.piece import MOST_COLUMNS, SIZE, SOME, Piece, Unreadable, unique
from kouan.base.quality.api import ROW
from kouan.kernel.text import Text

WRONG = Text("不是可读的 Parquet 文件", "Not readable as Parquet")
LARGE = Text("行组解压后超过 {most} MiB，请以较小的行组重写", "A row group unpacks to over {most} MiB: write it with smaller ones")
FULL = Text("Parquet 文件的尾部过大", "The footer of the Parquet file is too large")
MOST_GROUP, MOST_PIECE, BUFFER = 512 << 20, 16 << 20, 1 << 20
MOST_VALUES = MOST_GROUP // 8
"""Elements of the lists of a column in a row group: one value that all of them share takes next to nothing in the file."""


def read(file: File, *, start: int = 0) -> Iterator[Piece]:
    """Pieces of a Parquet file; rows count from 1.

    What it comes to is known by its pages before any is unpacked. A text that many rows may share stands once here until it is known
    what they come to; one that stands in the file as often as in the rows is read as it is.
    """
    try:
        if footer(file) > MOST_FOOTER:
            raise Unreadable(FULL)
        with pq.ParquetFile(file.for_arrow()) as opened:
            found = chunks(file, opened.metadata)
            _check(opened, found)
            schema, size = opened.schema_arrow, _size(opened, found)
            texts = _texts(opened, found, size)
        # Read ahead, it would keep all that it has read until its end.
        with pq.ParquetFile(file.for_arrow(), pre_buffer=False, buffer_size=BUFFER, read_dictionary=texts) as opened:
            names, first = unique(schema.names)[:MOST_COLUMNS], 1
            for batch in opened.iter_batches(batch_size=size, columns=schema.names[:MOST_COLUMNS]):
                if sum(_unpacked(column) for column in batch.columns) > MOST_GROUP:
                    raise Unreadable(LARGE.fill(most=MOST_GROUP >> 20))
                table, types = pa.Table.from_batches([batch]), pa.schema([schema.field(at) for at in range(batch.num_columns)])
                table = (table if table.schema.equals(types) else table.cast(types)).rename_columns(names)
                table = table.append_column(ROW, pa.array(np.arange(first, first + len(batch), dtype=np.int64)))
                first += len(batch)
                if first - 1 > start:
                    yield Piece(table.slice(max(start - (first - 1 - len(batch)), 0)))
    except (pa.ArrowException, OSError, Untrue):
        raise Unreadable(WRONG) from None


def _size(file: pq.ParquetFile, found: Sequence[Chunk]) -> int:
    """Rows of a piece, so that it holds some 16 MiB."""
    groups = [file.metadata.row_group(at) for at in range(min(file.metadata.num_row_groups, 100))]
    width = sum(one.size for one in found if one.group < 100) / max(sum(group.num_rows for group in groups), 1)
    return int(min(max(MOST_PIECE / max(width, 1), SOME), 4 * SIZE, max(MOST_GROUP // _widest(file, found), 1)))


def _leaves(file: pq.ParquetFile) -> list[Any]:
    return [file.schema.column(at) for at in range(len(file.schema.names))]


def _texts(file: pq.ParquetFile, found: Sequence[Chunk], rows: int) -> list[str]:
    """The columns of texts in which few bytes may come to very many rows, but those that are written as differences.

    The library cannot keep these as what they share. No text is longer than the dictionary that it stands in.
    """
    paths = {one.path for one in _leaves(file) if one.physical_type == "BYTE_ARRAY"}
    told = {one.path for one in found if one.encodings & DELTAS}
    share = MOST_GROUP // max(len(paths), 1)
    wide = {one.path for one in found if one.shared * (one.values if "." in one.path else rows) > share}
    return sorted((paths & wide) - told)


def _widest(file: pq.ParquetFile, found: Sequence[Chunk]) -> int:
    """Bytes that a single value may have which many rows share without its being told once: of fixed length, or as what differs."""
    fixed = max((int(one.length or 0) for one in _leaves(file) if one.physical_type == "FIXED_LEN_BYTE_ARRAY"), default=0)
    told = {one.path for one in found if one.encodings & DELTAS}
    shared = (max(one.shared, one.size if DELTA_BYTES in one.encodings else 0) for one in found if one.path in told)
    return max([1, fixed, *shared])


def _unpacked(column: Any) -> int:
    """Bytes that a column comes to once each row has its own values."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        sizes = pc.binary_length(column.dictionary) if _is_text(kind.value_type) else pa.array([8] * len(column.dictionary))
        most = (pc.max(sizes).as_py() or 0) * len(column)
        return int(most if most <= MOST_GROUP else pc.sum(sizes.take(column.indices)).as_py() or 0)
    if pa.types.is_struct(kind):
        return sum(_unpacked(column.field(at)) for at in range(kind.num_fields))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _unpacked(column.values)
    if pa.types.is_map(kind):
        return _unpacked(column.keys) + _unpacked(column.items)
    return int(column.nbytes)


def _is_text(kind: Any) -> bool:
    return any(test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary))


def _check(file: pq.ParquetFile, found: Sequence[Chunk]) -> None:
    fixed = {one.path: int(one.length or 0) for one in _leaves(file) if one.physical_type == "FIXED_LEN_BYTE_ARRAY"}
    sizes = Counter[int]()
    for one in found:
        sizes[one.group] += one.size
    nested = [one for one in found if "." in one.path]
    wide = any(one.values > MOST_VALUES or one.values * fixed.get(one.path, 0) > MOST_GROUP for one in nested)
    if wide or max(sizes.values(), default=0) > MOST_GROUP:
        raise Unreadable(LARGE.fill(most=MOST_GROUP >> 20))
