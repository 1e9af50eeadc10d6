"""Matching header cells to fields, and rows to values by field."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from kouan.base.exchange.codecs.problem import CodecError, Problem
from kouan.base.exchange.codecs.sheet import faults

Value = str | int | float | bool | date | datetime | time | timedelta
"""A cell. CSV gives text only. XLSX gives what it holds; its times carry no zone."""

TITLES = 10
"""Rows above a header that are looked through for it: titles, remarks, who made the sheet and when."""
FORMULA = "=+-@\t\r=+-@"
"""A text that begins with one of these may be taken for a formula by spreadsheet programs."""


class Row(NamedTuple):
    """A row by field; empty cells are left out. `number` counts from 1, the header's row included.

    `commas`: cells are parted by semicolons, as where a comma is the decimal sign: what it is in a number is not certain.
    """

    number: int
    values: Mapping[str, Value]
    problems: tuple[Problem, ...] = ()
    commas: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Fields by position, None for columns that are not taken; `notices` tell which."""

    fields: tuple[str | None, ...]
    notices: tuple[Problem, ...]


def sought(numbered: Iterator[tuple[int, Sequence[object]]], headers: Mapping[str, str]) -> tuple[Columns, Sequence[object]]:
    """(columns, header row) of a sheet, whose rows are taken up to it: the first that holds anything or, below a title
    or remarks, one of the next that names two columns at least. `headers` as `match` takes them.

    Raises CodecError for an empty sheet and where no column is known or one is there twice.
    """
    known = {_folded(text): field for text, field in headers.items()}
    above: list[int] = []
    for number, cells in numbered:
        row = trimmed(cells)
        if not row:
            continue
        named = sum(_field("" if cell is None else str(cell).strip(), known) is not None for cell in row)
        if named >= (2 if above else 1):
            found = match(row, headers, number)
            notices = (faults.ABOVE.at(f"row {above[0]}", "", found=len(above)),) if above else ()
            return Columns(found.fields, (*notices, *found.notices)), cells
        above.append(number)
        if len(above) > TITLES:
            break
    if not above:
        raise faults.EMPTY.error("row 1")
    raise _no_header(headers, above[0])


def trimmed(cells: Sequence[object]) -> Sequence[object]:
    """The cells without the empty ones at the end."""
    end = len(cells)
    while end and (cells[end - 1] is None or not str(cells[end - 1]).strip()):
        end -= 1
    return cells[:end]


def _no_header(headers: Mapping[str, str], number: int) -> CodecError:
    names = ", ".join(list(dict.fromkeys(headers))[:6])
    return faults.HEADERS.error(f"row {number}", known=names)


def match(cells: Sequence[object], headers: Mapping[str, str], number: int) -> Columns:
    """The columns of a header row. `headers` maps header texts in any language, and field names, to fields.

    Case, width, spaces and a required mark (*) do not count; of "中文 / English" either side will do.
    Raises CodecError where no column is known or one is there twice.
    """
    known = {_folded(text): field for text, field in headers.items()}
    found: list[str | None] = []
    notices: list[Problem] = []
    problems: list[Problem] = []
    for index, cell in enumerate(cells):
        text = "" if cell is None else str(cell).strip()
        field = _field(text, known)
        position = f"row {number}, column {column_name(index)}"
        if field is None and text:
            notices.append(faults.UNKNOWN.at(position, "", found=text))
        elif field is not None and field in found:
            problems.append(faults.TWICE.at(position, field, found=text))
        found.append(field)
    if not any(found):
        problems += _no_header(headers, number).problems
    if problems:
        raise CodecError(problems)
    return Columns(tuple(found), tuple(notices))


def _field(text: str, known: Mapping[str, str]) -> str | None:
    whole = known.get(_folded(text))
    if whole is not None or not text:
        return whole
    parts = text.replace("|", "/").replace("\n", "/").split("/")
    fields = {known[key] for key in map(_folded, parts) if key in known}
    return fields.pop() if len(fields) == 1 else None  # several: the header of a file whose delimiter is none of ours


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold().strip().strip("*")
    return "".join(plain.split()).replace("_", "")


def column_name(index: int) -> str:
    """A, B … Z, AA …: the name of a column counted from 0."""
    name = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        name = chr(65 + letter) + name
    return name


def rows(columns: Columns, found: Iterable[tuple[int, Sequence[object]]], *, guards: bool) -> Iterator[Row]:
    """Rows by field. Rows without any value are skipped; uneven ones carry a problem. `guards`: take off the
    apostrophe that `writer.guarded` puts before text that looks like a formula."""
    width = len(columns.fields)
    while width and columns.fields[width - 1] is None:
        width -= 1
    for number, cells in found:
        row = _row(columns, number, cells, width, guards)
        if row is not None:
            yield row


def _row(columns: Columns, number: int, cells: Sequence[object], width: int, guards: bool) -> Row | None:
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    for index, cell in enumerate(cells[: len(columns.fields)]):
        value = _value(cell)
        if guards and isinstance(value, str):
            value = unguarded(value).strip()
        field = columns.fields[index]
        if value is None or field is None:
            continue
        if isinstance(value, str) and value.startswith("#") and value in _ERRORS:
            problems.append(faults.ERROR.at(f"row {number}, column {column_name(index)}", field, found=value))
        else:
            values[field] = value
    beyond = [cell for cell in cells[len(columns.fields) :] if _value(cell) is not None]
    if not values and not problems and not beyond:
        return None
    if len(cells) < width or beyond:
        problems.append(faults.UNEVEN.at(f"row {number}", "", found=len(cells), expected=len(columns.fields)))
    return Row(number, values, tuple(problems))


_ERRORS = frozenset(("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"))


def _value(cell: object) -> Value | None:
    if isinstance(cell, str):
        return cell.strip(" \t\r\n\u3000\u00a0") or None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    return cell if isinstance(cell, Value) else None


def unguarded(text: str) -> str:
    """The text without the apostrophe that `guarded` puts before it."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(tuple(FORMULA)) else text
