"""CSV by columns: UTF-8, UTF-16 or GB 18030, any line ends, rows of another width told apart."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
from pyarrow import csv

from kouan.base.exchange.api import delimiter_of, seems_chinese
from kouan.base.ingest.readers.file import File
from kouan.base.ingest.readers.piece import Broken, Piece, Unreadable, unique
from kouan.base.quality.api import ROW
from kouan.kernel.text import Text

BLOCK = 8 << 20
_CHUNK = 1 << 20
BINARY = Text("这不是文本表格（含二进制数据）", "This is no text table: it holds binary data")
ENCODING = Text(
    "文本既不是 UTF-8 也不是 GB 18030（或为 Big5、Latin-1 等编码）；请另存为 UTF-8",
    "The text is neither UTF-8 nor GB 18030 (Big5 or Latin-1, perhaps): save it as UTF-8",
)
EMPTY = Text("文件为空", "The file is empty")
WIDTH = Text("本行有 {found} 个单元格，表头有 {expected} 个", "This row has {found} cells, the header {expected}")
QUOTES = Text("第 {row} 行起引号不成对或单元格过大", "Quotes do not pair, or a cell is too large, from row {row} on")


def encoding_of(file: File) -> str:
    """The encoding of a text file, read through once. Unreadable for binary data and other encodings."""
    with file.open() as opened:
        head = opened.read(4)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig" if _decodes(file, "utf-8") else _no(ENCODING)
    if _decodes(file, "utf-8"):
        return "utf-8"
    return "gb18030" if _decodes(file, "gb18030") and _chinese(file) else _no(ENCODING)


def _chinese(file: File) -> bool:
    """Whether what decodes as GB 18030 is meant as such, told by its first chunk that holds more than ASCII."""
    with io.TextIOWrapper(file.open(), "gb18030", newline="") as opened:
        return seems_chinese(next((chunk for chunk in iter(lambda: opened.read(_CHUNK), "") if not chunk.isascii()), ""))


def _no(reason: Text) -> str:
    raise Unreadable(reason)


def _decodes(file: File, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with file.open() as opened:
        try:
            while chunk := opened.read(_CHUNK):
                if b"\0" in chunk:
                    raise Unreadable(BINARY)
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def head(file: File, encoding: str) -> str:
    """The beginning of a text file."""
    with io.TextIOWrapper(file.open(), encoding, errors="replace", newline="") as opened:
        return opened.read(65_536)


@dataclass(slots=True)
class _Rows:
    """Numbers of the rows: the header is row 1, blank lines do not count, broken rows do."""

    next: int = 2
    broken: list[Broken] = field(default_factory=list)

    def handle(self, row: Any) -> str:
        """Set a row of another width aside."""
        odd = str(row.text).count('"') % 2
        reason = QUOTES.fill(row=row.number) if odd else WIDTH.fill(found=row.actual_columns, expected=row.expected_columns)
        self.broken.append(Broken(int(row.number or 0), str(row.text)[:2000], reason))
        return "skip"


def read(file: File, *, start: int = 0, delimiter: str = "") -> Iterator[Piece]:
    """Pieces of a CSV, behind the row `start`. A quote that nothing ends takes in all that follows: such a row is set aside."""
    last: Piece | None = None
    for piece in _pieces(file, start=start, delimiter=delimiter):
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield _ended(last, file)


def _ended(last: Piece, file: File) -> Piece:
    """The last piece of a file, its last row set aside if it holds several lines behind a quote that has no other."""
    table = last.table
    end = table.column(table.num_columns - 2)[-1].as_py() if table.num_rows and table.num_columns > 1 else None
    if end is None or not ("\n" in end or "\r" in end) or not _odd(file):
        return last
    number = table.column(ROW)[-1].as_py()
    return Piece(table.slice(0, table.num_rows - 1), [*last.broken, Broken(number, end[:2000], QUOTES.fill(row=number))])


def _odd(file: File) -> bool:
    """Whether a file has an odd number of quotes; no other character of UTF-8 or GB 18030 holds that byte."""
    with file.open() as opened:
        return sum(chunk.count(b'"') for chunk in iter(lambda: opened.read(_CHUNK), b"")) % 2 == 1


def _pieces(file: File, *, start: int, delimiter: str) -> Iterator[Piece]:
    encoding = encoding_of(file)
    beginning = head(file, encoding)
    if not beginning.strip():
        raise Unreadable(EMPTY)
    rows = _Rows()
    parse = csv.ParseOptions(
        delimiter=delimiter or delimiter_of(beginning), newlines_in_values=True, invalid_row_handler=rows.handle
    )
    options = csv.ReadOptions(block_size=BLOCK, encoding="utf-8" if encoding == "utf-8-sig" else encoding, use_threads=False)
    try:
        names = _names(file, options, parse)
        rows.broken.clear()
        convert = csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=True, null_values=[""], check_utf8=True,
        )  # fmt: skip
        plain = csv.ReadOptions(block_size=BLOCK, use_threads=False, encoding=options.encoding, column_names=names, skip_rows=1)
        with csv.open_csv(file.for_arrow(), read_options=plain, parse_options=parse, convert_options=convert) as reader:
            for batch in reader:
                piece = _piece(pa.Table.from_batches([batch]), rows, start)
                if piece is not None:
                    yield piece
            if rows.broken:
                yield from _rest(names, rows, start)
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        raise Unreadable(QUOTES.fill(row=rows.next)) from None
    except UnicodeDecodeError:
        raise Unreadable(ENCODING) from None


def _names(file: File, options: Any, parse: Any) -> list[str]:
    first = csv.ReadOptions(block_size=BLOCK, use_threads=False, encoding=options.encoding)
    with csv.open_csv(file.for_arrow(), read_options=first, parse_options=parse) as reader:
        return unique(name.lstrip("\ufeff") for name in reader.schema.names)


def _piece(table: pa.Table, rows: _Rows, start: int) -> Piece | None:
    # The reader looks ahead: of the rows that were set aside, some may belong to the next piece.
    numbers = _numbers(rows.next, table.num_rows, [row.row for row in rows.broken])
    rows.next = (int(numbers[-1]) if len(numbers) else max((row.row for row in rows.broken), default=0)) + 1
    broken = [row for row in rows.broken if start < row.row < rows.next]
    rows.broken = [row for row in rows.broken if row.row >= rows.next]
    table = table.append_column(ROW, pa.array(numbers))
    if len(numbers) and numbers[0] <= start:
        table = table.slice(int(np.searchsorted(numbers, start, "right")))
    return Piece(table, broken) if table.num_rows or broken else None


def _numbers(first: int, count: int, skipped: list[int]) -> Any:
    """The numbers of `count` rows from `first` on, those left out that were set aside."""
    numbers = np.arange(first, first + count + len(skipped), dtype=np.int64)
    return np.setdiff1d(numbers, np.array(skipped, np.int64), assume_unique=True)[:count]


def _rest(names: list[str], rows: _Rows, start: int) -> Iterator[Piece]:
    empty = pa.table({name: pa.array([], pa.string()) for name in names})
    if (piece := _piece(empty, rows, start)) is not None:
        yield piece
