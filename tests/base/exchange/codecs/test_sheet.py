"""CSV and XLSX: encodings, headers, uneven rows, formulas that stay text, files that try to fill the memory."""

from __future__ import annotations

import io
import random
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs import sheet
from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.codecs.sheet import xlsx_guard

HEADERS = {
    "箱号": "container", "Container": "container", "container": "container", "毛重(千克)": "gross_kg",
    "Gross mass (kg)": "gross_kg", "gross_kg": "gross_kg", "日期": "day",
}
Read = Callable[..., Any]
BOTH = [(sheet.to_csv, sheet.read_csv), (sheet.to_xlsx, sheet.read_xlsx)]


def values(body: bytes, read: Read = sheet.read_csv) -> list[dict[str, Any]]:
    """The rows of a sheet, by field."""
    return [dict(row.values) for row in read(body, HEADERS)[1]]


def code(body: bytes, read: Read = sheet.read_csv) -> str:
    """The code by which a sheet is refused."""
    with pytest.raises(CodecError) as refusal:
        list(read(body, HEADERS)[1])
    return refusal.value.problems[0].code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(encoding: str, delimiter: str):
    text = delimiter.join(["箱号", "毛重(千克)"]) + "\r\n" + delimiter.join(["望海1", '"1""2"']) + "\r\n\r\n"
    assert values(text.encode(encoding)) == [{"container": "望海1", "gross_kg": '1"2'}]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Müller", "latin-1"), ("Straße", "cp1252"), ("望海集裝箱碼頭進口報關單", "big5"), ("Ελλάδα", "iso8859-7"),
     ("東京港コンテナ", "shift_jis"), ("Владивосток", "cp1251")],
)  # fmt: skip
def test_text_of_other_encodings_is_not_taken_for_chinese(text: str, encoding: str):
    assert code(f"Container,gross_kg\n{text},1\n".encode(encoding)) == "sheet.encoding"
    assert values(f"Container,gross_kg\n{text},1\n".encode())[0]["container"] == text


@pytest.mark.parametrize("text", ["望海集装箱码头", "望海集裝箱碼頭進口報關單", "朱镕基、王小明", "２０２６年"])
def test_chinese_of_either_writing_is(text: str):
    assert values(f"Container,gross_kg\n{text},1\n".encode("gb18030"))[0]["container"] == text


@pytest.mark.parametrize("first", ["sep=;\r\n", "SEP=;\n", ""])
def test_what_spreadsheets_and_joined_files_leave_is_no_row(first: str):
    table = "箱号;毛重(千克)\r\nA;1\r\n"
    rows = list(sheet.read_csv(f"{first}{table}{table}\x1a".encode(), HEADERS)[1])
    assert [dict(row.values) for row in rows] == [{"container": "A", "gross_kg": "1"}] * 2
    assert all(row.commas for row in rows)


@pytest.mark.parametrize("delimiter", ["^", "~", ":"])
def test_a_delimiter_of_no_table_is_not_read_as_one_column(delimiter: str):
    assert code(f"箱号 / Container{delimiter}毛重(千克) / Gross mass (kg)\nA{delimiter}1\n".encode()) == "sheet.headers"


@pytest.mark.parametrize(("write", "read"), BOTH)
@pytest.mark.parametrize("header", ["箱号", "Container", " container* ", "CONTAINER", "箱号 / Container", "箱号\nbox"])
def test_headers_in_any_language(write: Callable[..., bytes], read: Read, header: str):
    assert values(write([header, "Gross mass (kg)"], [["A", 1]]), read)[0]["container"] == "A"


@pytest.mark.parametrize(("write", "read"), BOTH)
def test_unknown_columns_are_told_and_ignored(write: Callable[..., bytes], read: Read):
    columns, rows = read(write(["毛重(千克)", "x", "箱号"], [[1, 2, "A"]]), HEADERS)
    assert columns.fields == ("gross_kg", None, "container")
    assert [(n.code, n.position) for n in columns.notices] == [("sheet.note.column", "row 1, column B")]
    assert [row.number for row in rows] == [2]
    assert code(write(["箱号", "Container"], []), read) == "sheet.twice"
    assert code(write(["x", "y"], [[1, 2]]), read) == "sheet.headers"


@pytest.mark.parametrize(("write", "read"), BOTH)
def test_a_header_below_a_title_is_found(write: Callable[..., bytes], read: Read):
    body = write(["集装箱清单(演示)"], [["2026-11-23", "x"], ["箱号", "毛重(千克)", "x"], ["A", 1, 2]])
    columns, rows = read(body, HEADERS)
    assert [(row.number, row.values["container"], str(row.values["gross_kg"])) for row in rows] == [(4, "A", "1")]
    assert [notice.code for notice in columns.notices] == ["sheet.note.above", "sheet.note.column"]
    assert code(write(["箱单"], [["备注"]] * 20 + [["箱号", "毛重(千克)"], ["A", 1]]), read) == "sheet.headers"


def test_the_first_sheet_with_a_header_is_read():
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as made:
        for name, rows in (("空", []), ("说明", [["填表说明"]]), ("数据", [["箱号"], ["A"]]), ("更多", [["箱号"], ["B"]])):
            sheet_ = made.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet_.write_row(at, 0, row)
    columns, rows = sheet.read_xlsx(book.getvalue(), HEADERS)
    assert [dict(row.values) for row in rows] == [{"container": "A"}]
    (notice,) = columns.notices
    assert "“数据”" in notice.reason.zh
    assert "空, 说明, 更多" in notice.reason.zh


def test_uneven_rows_are_reported():
    _, rows = sheet.read_csv("箱号,日期,毛重(千克)\nA,1\nB,1,2,3\nC,1,2,,\n".encode(), HEADERS)
    assert [(row.number, [p.code for p in row.problems]) for row in rows] == [
        (2, ["sheet.uneven"]), (3, ["sheet.uneven"]), (4, []),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "sheet.empty"), (b"\n\n", "sheet.empty"), (b"\x00\x01", "sheet.binary"),
        (b"\xe9,\xff\xfe", "sheet.encoding"),
        ('箱号,"x\n'.encode(), "sheet.quotes"), ('箱号\n"a"b\n'.encode(), "sheet.quotes"),
        ("箱号\n".encode() + b'"' + b"a" * 200_000 + b'"', "sheet.quotes"), (b"PK\x03\x04", "sheet.headers"),
    ],
)  # fmt: skip
def test_other_text_is_refused(body: bytes, expected: str):
    assert code(body) == expected


def test_too_many_rows_are_refused():
    body = "箱号\n".encode() + b"A\n" * 50
    for read in (partial(sheet.read_csv, most=20),):
        assert code(body, read) == "sheet.rows"
    assert code(sheet.to_xlsx(["箱号"], [["A"]] * 50), partial(sheet.read_xlsx, most=20)) == "sheet.rows"


@pytest.mark.parametrize("text", ["=1+1", "+A", "-A", "@A", "\t=A", "\rA", "=HYPERLINK(\"http://x\")", "'=1", "=A"])
def test_formulas_stay_text(text: str):
    cell = sheet.to_csv(["箱号"], [[text]]).decode("utf-8-sig").splitlines()[1].strip('"')
    assert cell.startswith("'")
    assert values(sheet.to_csv(["箱号"], [[text]])) == [{"container": text.strip()}]
    body = sheet.to_xlsx(["箱号"], [[text]])
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert b"<f>" not in parts["xl/worksheets/sheet1.xml"]
    assert b"<hyperlink " not in parts["xl/worksheets/sheet1.xml"]
    assert values(body, sheet.read_xlsx) == [{"container": text.strip()}]


@pytest.mark.parametrize("text", ["-5", "+3.25", "-1e3", "A=B", "12", "A-B"])
def test_numbers_and_plain_text_are_left_alone(text: str):
    assert sheet.to_csv(["箱号"], [[text]]).decode("utf-8-sig") == f"箱号\r\n{text}\r\n"


def test_kinds_of_cells():
    row = ["A", 12.5, date(2026, 1, 2)]
    at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert values(sheet.to_xlsx(["箱号", "毛重(千克)", "日期"], [row]), sheet.read_xlsx) == [
        {"container": "A", "gross_kg": 12.5, "day": date(2026, 1, 2)}
    ]
    body = sheet.to_xlsx(["箱号", "毛重(千克)", "日期"], [[2**60, Decimal("7.50"), at], [True, 3.0, None], [None] * 3])
    assert values(body, sheet.read_xlsx) == [
        {"container": str(2**60), "gross_kg": 7.5, "day": "2026-01-02T03:04:00+00:00"},
        {"container": True, "gross_kg": 3},
    ]
    body = sheet.to_csv(["箱号", "毛重(千克)", "日期"], [[2**60, Decimal("7.50"), at], [True, None, date(2026, 1, 2)]])
    assert values(body) == [
        {"container": str(2**60), "gross_kg": "7.50", "day": "2026-01-02T03:04:00+00:00"},
        {"container": "true", "day": "2026-01-02"},
    ]


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Co", "Cn"]), max_size=20)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(WORDS.filter(bool), WORDS), max_size=8))
def test_any_text_is_read_back_equal(rows: list[tuple[str, str]]):
    expected = [{k: v for k, v in zip(("container", "gross_kg"), row, strict=True) if v} for row in rows]
    assert values(sheet.to_csv(["箱号", "毛重(千克)"], rows)) == expected


def forged(worksheet: bytes, shared: bytes = b"") -> bytes:
    """An XLSX whose worksheet, and shared texts, are given."""
    out = io.BytesIO()
    base = zipfile.ZipFile(io.BytesIO(sheet.to_xlsx(["箱号"], [["x"]])))
    with base, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in base.namelist():
            archive.writestr(name, worksheet if "worksheets/" in name else base.read(name))
        if shared:
            archive.writestr("xl/sharedStrings.xml", shared)
    return out.getvalue()


START = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"
CORNERS = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("worksheet", "expected"),
    [
        (START + CORNERS + END, "sheet.cells"), (START + CORNERS.replace(b'"', b"'") + END, "sheet.cells"),
        (START + b" " * (xlsx_guard.LARGEST + 1) + END, "sheet.large"), (b"junk", "sheet.xlsx"),
        (START, "sheet.xlsx"), (START + END, "sheet.empty"), (b"", "sheet.xlsx"),
    ],
)  # fmt: skip
def test_forged_files_are_refused_soon(worksheet: bytes, expected: str):
    begun = time.process_time()
    assert code(forged(worksheet), sheet.read_xlsx) == expected
    assert time.process_time() - begun < 10


WIDE, LOW = b'<row r="1">%s</row>' % (b"<c><v>1</v></c>" * 5_000), b'<row r="3000"><c><v>1</v></c></row>'


@pytest.mark.parametrize("cells", [
    b'<row r="1"><c r="A1"/></row><row x=">" r="3000"><c x=">" r="GJH3000"><v>1</v></c></row>',
    b'<row r="1"><c r="A1"/></row><row r="3000"><c r="A3000" r="GJH3000"><v>1</v></c></row>', WIDE + LOW,
    b'<row r="3000"><c r="GJG3000"><v>1</v></c></row>' + b'<row><c r="A1"/><c/></row>' * 2_000,
])  # fmt: skip
def test_a_sheet_that_hides_how_far_it_stretches_is_refused(cells: bytes):
    assert code(forged(START + cells + END), sheet.read_xlsx) == "sheet.cells"


@pytest.mark.parametrize("place", ["xl/other/one.xml", "xl/worksheets/sharedStrings.xml", "xl/one.bin"])
def test_a_sheet_is_looked_at_wherever_it_lies(place: str):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(forged(START + CORNERS + END))) as base, zipfile.ZipFile(out, "w") as archive:
        for name in base.namelist():
            part = base.read(name).replace(b"worksheets/sheet1.xml", place.removeprefix("xl/").encode())
            archive.writestr(place if "worksheets/" in name else name, part)
    assert code(out.getvalue(), sheet.read_xlsx) == "sheet.cells"


def test_a_long_shared_text_behind_formulas_is_refused():
    shared = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%s</t></si></sst>' % (b"A" * 32_000)
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><f>1</f><v>0</v></c></row>' % (n, n) for n in range(1, 50_000))
    assert code(forged(START + cells + END, shared), sheet.read_xlsx) == "sheet.large"


def test_a_long_shared_text_in_many_cells_is_refused():
    text = b"A" * 32_000
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    shared = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (space, text)
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 50_000))
    assert code(forged(START + cells + END, shared), sheet.read_xlsx) == "sheet.large"


def test_a_directory_that_lies_about_sizes_is_no_way_in():
    body = bytearray(forged(START + b" " * (xlsx_guard.LARGEST + 1) + END))
    size = (xlsx_guard.LARGEST + 1 + len(START) + len(END)).to_bytes(4, "little")
    assert bytes(body).count(size) >= 1
    assert code(bytes(body).replace(size, (1000).to_bytes(4, "little")), sheet.read_xlsx) == "sheet.large"


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=200))
def test_any_bytes(refused: Callable[..., Any], body: bytes):
    for start in (b"", "箱号,日期\n".encode(), b"\xff\xfe", b"PK\x03\x04"):
        refused(lambda start=start: list(sheet.read_csv(start + body, HEADERS)[1]))
        assert refused(lambda start=start: list(sheet.read_xlsx(start + body, HEADERS)[1]))


def test_damaged_files_finish_and_refuse_politely(refused: Callable[..., Any]):
    body = sheet.to_xlsx(["箱号", "毛重(千克)"], [[f"A{n}", n] for n in range(20)])
    chance = random.Random(7)
    for _ in range(400):
        damaged = bytearray(body)
        for _ in range(chance.randint(1, 5)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        refused(lambda damaged=damaged: list(sheet.read_xlsx(bytes(damaged), HEADERS)[1]))
        assert refused(lambda: list(sheet.read_xlsx(body[: chance.randrange(len(body) - 30)], HEADERS)[1]))
