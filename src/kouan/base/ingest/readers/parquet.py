"""Parquet by columns, in the types in which it lies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.ingest.readers.piece import MOST_COLUMNS, SIZE, SOME, Piece, Unreadable, unique
from kouan.base.quality.api import ROW
from kouan.kernel.text import Text

WRONG = Text("不是可读的 Parquet 文件", "Not readable as Parquet")
LARGE = Text("行组解压后超过 {most} MiB，请以较小的行组重写", "A row group unpacks to over {most} MiB: write it with smaller ones")
MOST_GROUP, MOST_PIECE, BUFFER = 512 << 20, 16 << 20, 1 << 20


def read(path: Path, *, start: int = 0) -> Iterator[Piece]:
    """Pieces of a Parquet file; rows count from 1."""
    try:
        # Read ahead, it would keep all that it has read until its end.
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=BUFFER) as file:
            _check(file)
            names, first = unique(file.schema_arrow.names)[:MOST_COLUMNS], 1
            for batch in file.iter_batches(batch_size=_size(file), columns=file.schema_arrow.names[:MOST_COLUMNS]):
                table = pa.Table.from_batches([batch]).rename_columns(names)
                table = table.append_column(ROW, pa.array(np.arange(first, first + len(batch), dtype=np.int64)))
                first += len(batch)
                if first - 1 > start:
                    yield Piece(table.slice(max(start - (first - 1 - len(batch)), 0)))
    except (pa.ArrowException, OSError):
        raise Unreadable(WRONG) from None


def _size(file: pq.ParquetFile) -> int:
    """Rows of a piece, so that it holds some 16 MiB."""
    groups = [file.metadata.row_group(at) for at in range(min(file.metadata.num_row_groups, 100))]
    width = sum(group.total_byte_size for group in groups) / max(sum(group.num_rows for group in groups), 1)
    return int(min(max(MOST_PIECE / max(width, 1), SOME), 4 * SIZE))


def _check(file: pq.ParquetFile) -> None:
    sizes = (file.metadata.row_group(at).total_byte_size for at in range(file.metadata.num_row_groups))
    if max(sizes, default=0) > MOST_GROUP:
        raise Unreadable(LARGE.fill(most=MOST_GROUP >> 20))
