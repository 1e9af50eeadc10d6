"""Sheets of FAL forms to the JSON of a notice, with the cell of every element, so that errors can name it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from kouan.base.exchange.codecs.fal.forms import CALL, FORMS, LISTS, TIMES, UTC_OFFSET, Column, Form
from kouan.base.exchange.codecs.problem import CodecError, Fault, Problem
from kouan.base.exchange.codecs.sheet import Columns, Row
from kouan.base.exchange.codecs.sheet.book import Sheet
from kouan.base.exchange.codecs.sheet.header import column_name, match, rows
from kouan.base.exchange.sheets import moment
from kouan.kernel.text import Text

NO_FORM = Fault("fal.forms", "IMO FAL", Text("没有一个工作表是 FAL 表", "None of the sheets is a FAL form"))
NO_LIST = Fault(
    "fal.list", "IMO FAL",
    Text("表头不是任何一张 FAL 清单；请从样例下载", "The header is that of no FAL list; download one from the samples"),
)  # fmt: skip
NO_ZONE = Fault(
    "fal.zone", "ISO 8601",
    Text("时间需要时区：请填写“本表时间的时区”，如 +08:00", "Times need a zone: state the offset of the times from UTC, such as +08:00"),
)  # fmt: skip
TWO_CALLS = Fault("fal.calls", "IMO FAL", Text("一个文件只能申报一个航次", "One file declares one call: this row names another"))
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-][0-9]{1,2})(?::?([0-9]{2}))?|Z|UTC|GMT")
_TRUE = {"1": "true", "y": "true", "n": "false", "0": "false"}
_BETWEEN = re.compile(r"[,;,;、\s]+")


@dataclass(slots=True)
class Filled:
    """A notice as it was read from cells: its JSON, where each element stands, what is wrong so far, what was ignored."""

    notice: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    ignored: list[Problem] = field(default_factory=list)

    def place(self, pointer: str) -> str:
        """The cell of a JSON pointer; of what is missing, the row or sheet in which it should stand."""
        rest = pointer
        while rest:
            if rest in self.cells:
                return self.cells[rest] + (self._column(pointer) if rest != pointer else "")
            rest = rest.rpartition("/")[0]
        return self.cells.get("", "")

    def _column(self, pointer: str) -> str:
        parts = [part for part in pointer.split("/") if part and not part.isdigit()]
        for form in FORMS:
            own = [part for part in form.path.split("/") if part]
            tail = "/".join(parts[len(own) :])
            if parts[: len(own)] == own:
                found = next((c for c in form.columns if c.path == tail), None)
                if found:
                    return f", column {found.label}"
        return ""


def of_book(sheets: Sequence[Sheet]) -> Filled:
    """A workbook's notice. Raises CodecError where no sheet is a form."""
    filled, known = Filled(), 0
    for sheet in sheets:
        form = _form(sheet.name)
        if form is None:
            continue
        known += 1
        place = f"sheet {sheet.name.strip()}"
        if form.single:
            _single(filled, form, sheet, place)
        else:
            _listed(filled, form, sheet, place)
    if not known:
        raise NO_FORM.error("")
    return _finished(filled)


def of_list(numbered: Sequence[tuple[int, Sequence[object]]]) -> Filled:
    """The notice of one list by itself, whose first columns name the call. Raises CodecError where it is none."""
    first = next(((n, cells) for n, cells in numbered if any(_text(cell) for cell in cells)), None)
    if first is None:
        raise NO_LIST.error("row 1")
    form = max(LISTS, key=lambda one: _shared(one, first[1]))
    if _shared(form, first[1]) < 2:
        raise NO_LIST.error(f"row {first[0]}")
    filled = Filled()
    _rows(filled, form, [(n, cells) for n, cells in numbered if n >= first[0]], "", guards=True)
    return _finished(filled)


def _form(name: str) -> Form | None:
    plain = name.strip().casefold()
    code = plain.partition(" ")[0]
    return next((form for form in FORMS if plain == form.sheet.casefold() or code == form.code.casefold()), None)


def _headers(form: Form) -> dict[str, str]:
    columns = form.columns if form.single else (*CALL, *form.columns)
    found: dict[str, str] = {}
    for column in reversed(columns):
        path = f"/{column.path}" if column in CALL and not form.single else column.path
        for text in (column.title.en, column.title.zh, column.label, column.path):
            found[text] = path
    return found


def _shared(form: Form, cells: Sequence[object]) -> int:
    known = _headers(form)
    texts = {part.strip() for cell in cells for part in (_text(cell), *_text(cell).split("/"))}
    return len({known[text] for text in texts if text in known and not known[text].startswith("/")})


def _listed(filled: Filled, form: Form, sheet: Sheet, place: str) -> None:
    numbered = [(n, cells) for n, cells in enumerate(sheet.rows, 1)]
    start = next((n for n, cells in numbered if any(_text(cell) for cell in cells)), None)
    if start is not None:
        _rows(filled, form, numbered[start - 1 :], f"{place}, ", guards=False)


def _rows(filled: Filled, form: Form, numbered: Sequence[tuple[int, Sequence[object]]], place: str, *, guards: bool) -> None:
    try:
        columns = match(_trimmed(numbered[0][1]), _headers(form), numbered[0][0])
    except CodecError as wrong:
        filled.problems += [_at(p, place) for p in wrong.problems]
        return
    filled.ignored += [_at(p, place) for p in columns.notices]
    filled.cells.setdefault(f"/{form.path}", f"{place}row {numbered[0][0]}")
    entries: list[Any] = []
    width = len(columns.fields)
    padded = ((n, [*cells[:width], *[None] * (width - len(cells)), *_beyond(cells, width)]) for n, cells in numbered[1:])
    for row in rows(columns, padded, guards=guards):
        filled.problems += [_at(p, place) for p in row.problems]
        _entry(filled, form, row, columns, entries, place)
    if entries:  # a sheet that was left empty says nothing; it does not empty the list that is kept
        _put(filled.notice, form.path, entries)


def _beyond(cells: Sequence[object], width: int) -> Sequence[object]:
    return [cell for cell in cells[width:] if _text(cell)]


def _entry(filled: Filled, form: Form, row: Row, columns: Columns, entries: list[Any], place: str) -> None:
    pointer = f"/{form.path}/{len(entries)}"
    filled.cells[pointer] = f"{place}row {row.number}"
    entry: dict[str, Any] = {}
    for path, value in row.values.items():
        cell = f"{place}row {row.number}, column {column_name(columns.fields.index(path))}"
        if path.startswith("/"):
            _call(filled, path[1:], value, cell)
            continue
        column = next(c for c in form.columns if c.path == path)
        _put(entry, path, _plain(column, value))
        filled.cells[f"{pointer}/{path}"] = f"{cell} ({column.label})"
    if entry:
        entries.append(entry)


def _call(filled: Filled, path: str, value: object, cell: str) -> None:
    text, column = _text(value), next(c for c in CALL if c.path == path)
    held = _get(filled.notice, path)
    if held is not None and held != text:
        filled.problems.append(TWO_CALLS.at(f"{cell} ({column.label})", path.replace("/", ".")))
    _put(filled.notice, path, text)
    filled.cells.setdefault(f"/{path}", f"{cell} ({column.label})")


def _single(filled: Filled, form: Form, sheet: Sheet, place: str) -> None:
    known, base = _headers(form), f"/{form.path}" if form.path else ""
    filled.cells.setdefault(base, place)
    for number, cells in enumerate(sheet.rows, 1):
        label, value = (_text(cells[0]) if cells else ""), (cells[1] if len(cells) > 1 else None)
        path = known.get(label) or next((known[p] for p in map(str.strip, label.split(" / ")) if p in known), None)
        if path is None or not _text(value):
            continue
        column = next(c for c in form.columns if c.path == path)
        full = f"{form.path}/{path}" if form.path else path
        _put(filled.notice, full, _plain(column, value))
        filled.cells[f"/{full}"] = f"{place}, row {number}, column B ({column.label})"


def _plain(column: Column, value: object) -> Any:
    """A cell as JSON takes it: codes for their words, whole numbers, dates and times in ISO 8601."""
    text = _text(value)
    if column.several:
        return _several(column, text)
    for code, word in (column.words or {}).items():
        if text.casefold() in (code, word.zh, word.en.casefold()):
            return {"true": True, "false": False}.get(code, code)
    if column.words and "true" in column.words and text in _TRUE:
        return _TRUE[text] == "true"
    last = column.path.rpartition("/")[2]
    if last.startswith("NumberOf") or last.endswith("SecurityLevel"):
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
    if "Date" in last or last in ("ArrivalTime", "DepartureTime"):
        found = moment(value if isinstance(value, date | datetime) else text)
        if isinstance(found, datetime):
            return found.isoformat() if last.endswith("Time") else found.date().isoformat()
    return text


def _several(column: Column, text: str) -> list[Any]:
    # A word of two (Crew change) is one value: spaces divide only where there are no codes in words.
    pieces = re.split(r"[,;,;、]", text) if column.words else _BETWEEN.split(text)
    one = replace(column, several=False)
    return [_plain(one, piece.strip()) for piece in pieces if piece.strip()]


def _finished(filled: Filled) -> Filled:
    """Times without a zone get the one that the sheet states."""
    offset = _OFFSET.fullmatch(str(filled.notice.pop(UTC_OFFSET, "")).strip().upper())
    for path in TIMES:
        text = _get(filled.notice, path)
        if not isinstance(text, str) or re.search(r"(?:Z|[+-][0-9]{2}:?[0-9]{2})\Z", text) or "T" not in text:
            continue
        if offset is None:
            filled.problems.append(NO_ZONE.at(filled.place(f"/{path}"), path.replace("/", ".")))
        else:
            hours, minutes = int(offset[1] or 0), offset[2] or "00"
            _put(filled.notice, path, f"{text}{'-' if (offset[1] or '').startswith('-') else '+'}{abs(hours):02}:{minutes}")
    return filled


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value).strip()


def _trimmed(cells: Sequence[object]) -> Sequence[object]:
    end = len(cells)
    while end and not _text(cells[end - 1]):
        end -= 1
    return cells[:end]


def _at(problem: Problem, place: str) -> Problem:
    return Problem(problem.code, problem.field, problem.rule, problem.reason, f"{place}{problem.position}")


def _put(tree: dict[str, Any], path: str, value: Any) -> None:
    *steps, last = path.split("/")
    for step in steps:
        tree = tree.setdefault(step, {})
    tree[last] = value


def _get(tree: dict[str, Any], path: str) -> Any:
    found: Any = tree
    for step in path.split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    return found


__all__ = ["Filled", "of_book", "of_list"]
