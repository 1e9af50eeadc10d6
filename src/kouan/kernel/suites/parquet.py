"""Parquet files, sealed: by Parquet's own encryption where its cipher is the suite's, else as a file of sealed blocks."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # pyarrow states no types
from pyarrow.parquet import encryption

from kouan.kernel.suites import blocks
from kouan.kernel.suites.suite import Suite


def write(suite: Suite, secret: bytes, place: str, path: Path, table: Any, **shape: Any) -> None:
    """Write a table, durably, whole or not at all.

    `secret` (32 bytes) is of this file alone; the file is bound to `place`; `shape` is what pyarrow's write_table is told.
    """
    draft = path.with_suffix(".new")
    with draft.open("wb") as out:
        if suite.columnar:
            sealing = encryption.create_encryption_properties(secret, aad_prefix=place.encode(), store_aad_prefix=False)
            pq.write_table(table, out, encryption_properties=sealing, **shape)
        else:
            made = pa.BufferOutputStream()
            pq.write_table(table, made, **shape)
            blocks.write(out, suite.key(secret), place, memoryview(made.getvalue()))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


def opened(suite: Suite, secret: bytes, place: str, path: Path) -> Any:
    """The file, to be read in part and closed; OSError when it cannot be opened."""
    if suite.columnar:
        return pq.ParquetFile(path, decryption_properties=encryption.create_decryption_properties(secret, aad_prefix=place.encode()))
    return pq.ParquetFile(io.BufferedReader(blocks.Blocks(path, suite.key(secret), place), blocks.BLOCK))
