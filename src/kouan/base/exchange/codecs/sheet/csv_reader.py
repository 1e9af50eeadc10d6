"""CSV to rows: UTF-8, UTF-16 or GB 18030; comma, semicolon or tab."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from kouan.base.exchange.codecs.chinese import seems_chinese
from kouan.base.exchange.codecs.sheet import faults
from kouan.base.exchange.codecs.sheet.header import Columns, Row, rows, sought

DELIMITERS = ",;\t|"
MOST_ROWS = 1_000_000
_STATED = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)
"""The line by which spreadsheet programs tell each other a file's delimiter."""


def read_csv(body: bytes, headers: Mapping[str, str], *, most: int = MOST_ROWS) -> tuple[Columns, Iterator[Row]]:
    """(columns, rows) of a CSV. `headers` maps header texts and field names to fields.

    Raises CodecError at once for text that cannot be read and headers that are not known; while rows are taken,
    for quotes that do not pair and for more than `most` rows. A row with too few or too many cells carries a problem.
    """
    text = decoded(body).rstrip("\x1a")
    stated = _STATED.match(text)
    delimiter = stated[1] if stated else delimiter_of(text)
    numbered = _numbered(text, delimiter, most)
    if stated:
        next(numbered)
    columns, header = sought(numbered, headers)
    if all(str(cell).isascii() for cell, field in zip(header, columns.fields, strict=False) if field):
        _refuse_other(body, text)  # a header in Chinese that we know would tell that it is GB 18030
    # Where files were joined, the header stands among the rows again.
    found = rows(columns, (row for row in numbered if row[1] != header), guards=True)
    return columns, (row._replace(commas=True) for row in found) if delimiter == ";" else found


def _numbered(text: str, delimiter: str, most: int) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if number > most:
                raise faults.ROWS.error(f"row {number}", most=most)
            yield number, cells
    except csv.Error as wrong:
        position = f"row {number + 1}, line {reader.line_num}"
        raise faults.QUOTES.error(position, found=str(wrong)) from None


def decoded(body: bytes) -> str:
    """The text of a body. Raises CodecError for binary data and for text in another encoding."""
    for mark, codec in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if body.startswith(mark):
            return _strictly(body, codec).removeprefix("\ufeff")
    if b"\x00" in body:
        raise faults.BINARY.error(f"byte {body.index(0)}")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(body, "gb18030")


def _refuse_other(body: bytes, text: str) -> None:
    """CodecError for text that was read as GB 18030, but is none as it seems."""
    if text.isascii() or body.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or seems_chinese(text):
        return
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise faults.ENCODING.error(f"byte {wrong.start}") from None


def _strictly(body: bytes, codec: str) -> str:
    try:
        text = body.decode(codec)
    except UnicodeDecodeError as wrong:
        raise faults.ENCODING.error(f"byte {wrong.start}") from None
    if codec == "gb18030":
        odd = next((i for i, c in enumerate(text) if unicodedata.category(c) in ("Co", "Cn", "Cs")), -1)
        if odd >= 0:  # bytes of another encoding that happen to pair up
            raise faults.ENCODING.error(f"byte {len(text[:odd].encode(codec))}")
    if "\0" in text:
        raise faults.BINARY.error(f"character {text.index(chr(0))}")
    return text


def delimiter_of(text: str) -> str:
    """The delimiter that stands most often outside quotes in the first line that holds something."""
    line = next((line for line in text[:65536].splitlines() if line.strip()), "")
    outside = "".join(part for index, part in enumerate(line.split('"')) if index % 2 == 0)
    counts = {delimiter: outside.count(delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: counts[delimiter])
    return best if counts[best] else ","
