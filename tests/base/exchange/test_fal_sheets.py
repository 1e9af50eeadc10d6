"""FAL forms in cells: the same notice as its JSON, errors by sheet, row and column, nothing that a damaged file can do."""

from __future__ import annotations

import io
import json
import random
import zipfile
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs.fal.forms import FORMS
from kouan.base.exchange.codecs.sheet import to_csv
from kouan.base.exchange.codecs.sheet.book import Sheet, read_book, to_book
from kouan.base.exchange.formats.imo_fal.mapping import FalSubmission
from kouan.base.exchange.formats.imo_fal_sheet.format import ImoFalCsv, ImoFalXlsx
from kouan.kernel.errors import Refused
from kouan.kernel.formats import format_named
from kouan_sim.workbook import fal_workbook
from tests.base.exchange.bodies import fal, sample

CALL = ["IMO编号", "Voyage number", "抵达口岸代码 / Port of arrival (UN/LOCODE)"]
HERE = ["9321483", "2611E", "CNWHH"]


def xlsx(body: bytes) -> FalSubmission:
    part = ImoFalXlsx().read(body, record="", office="").parts[0]
    assert isinstance(part, FalSubmission)
    return part


def refused(kind: type[ImoFalXlsx | ImoFalCsv], body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as wrong:
        kind().read(body, record="", office="")
    assert all(p.reason.zh and p.reason.en for p in wrong.value.problems)
    return [(p.code, p.position) for p in wrong.value.problems]


def test_a_workbook_says_what_its_json_says() -> None:
    found = format_named("imo-fal")
    assert found is not None
    part = found.read(fal(), record="", office="").parts[0]
    assert isinstance(part, FalSubmission)
    told = json.loads(fal())
    told.pop("CallPurpose")  # a list of codes has no cell
    again = xlsx(fal_workbook(json.dumps(told).encode()))
    same = [(d.record, {k: v for k, v in d.data.items() if k != "purpose"}) for d in part.drafts]
    assert [(d.record, dict(d.data)) for d in again.drafts] == same


NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ -'", min_size=1, max_size=20).filter(str.strip)
PEOPLE = st.lists(
    st.fixed_dictionaries({
        "FamilyName": NAMES.map(str.strip), "GivenName": NAMES.map(str.strip), "Nationality": st.sampled_from(["CN", "PH", "KOR"]),
        "DateOfBirth": st.dates(date(1940, 1, 1), date(2020, 1, 1)).map(date.isoformat), "Duty": st.sampled_from(["Cook", "Bosun"]),
        "IdentityDocument/Type": st.sampled_from(["passport", "护照", "Seafarer's identity document"]),
        "IdentityDocument/Number": st.from_regex(r"[A-Z0-9]{3,12}", fullmatch=True), "Gender": st.sampled_from(["", "男", "Female"]),
    }), min_size=1, max_size=5, unique_by=lambda row: row["IdentityDocument/Number"],
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(people=PEOPLE, encoding=st.sampled_from(["utf-8-sig", "gb18030", "utf-8"]))
def test_a_crew_list_is_the_same_as_sheet_and_as_csv(people: list[dict[str, Any]], encoding: str) -> None:
    heads = list(people[0])
    rows = [[row[name] for name in heads] for row in people]
    text = to_csv([*CALL, *heads], [[*HERE, *row] for row in rows]).decode("utf-8-sig")
    listed = ImoFalCsv().read(text.encode(encoding), record="", office="").parts[0]
    assert isinstance(listed, FalSubmission)
    general = [("IMO编号", "9321483"), ("航次", "2611E"), ("PortOfArrival/UNLoCode", "CNWHH")]
    book = xlsx(to_book([Sheet("FAL1", general), Sheet("FAL5 船员名单 Crew list", [heads, *rows])]))
    assert [d.data for d in book.drafts] == [d.data for d in listed.drafts]
    assert [d.data["document_number"] for d in book.drafts[1:]] == [row["IdentityDocument/Number"] for row in people]
    assert book.roles == ("crew",)


def test_errors_name_the_cell() -> None:
    general = [("IMO编号", "932148"), ("航次", "2611E"), ("抵达口岸代码", "CNWHH"), ("预计抵港时间", "2026-11-23 14:00")]
    crew = [["姓", "Given names", "国籍", "出生日期", "证件种类", "证件号码", "职务"], ["LI", "WEI", "CN", "soon", "passport", "E1234567", "Cook"],
            ["LI", "WEI", "CN", "1990-01-01", "护照", "", "Cook"]]  # fmt: skip
    found = refused(ImoFalXlsx, to_book([Sheet("FAL1", general), Sheet("FAL5", crew)]))
    places = [place for _, place in found]
    assert "sheet FAL1, row 1, column B (IMO编号 / IMO number)" in places
    assert "sheet FAL5, row 2, column D (出生日期 / Date of birth)" in places
    assert "sheet FAL5, row 3, column 证件号码 / Document number" in places
    assert ("fal.zone", "sheet FAL1, row 4, column B (预计抵港时间 / Estimated time of arrival)") in found


def test_a_sheet_left_empty_says_nothing() -> None:
    general = [("IMO编号", "9321483"), ("航次", "2611E"), ("抵达口岸代码", "CNWHH")]
    empty = [Sheet(form.sheet, [[c.label for c in form.columns]]) for form in FORMS if not form.single]
    part = xlsx(to_book([Sheet("FAL1", general), *empty]))
    assert (len(part.drafts), part.roles) == (1, ())


def test_other_files_are_refused() -> None:
    assert refused(ImoFalXlsx, to_book([Sheet("Sheet1", [["a"]])])) == [("fal.forms", "")]
    assert refused(ImoFalCsv, b"a,b\n1,2\n")[0][0] == "fal.list"
    assert refused(ImoFalCsv, b"")[0][0] == "fal.list"
    two = to_csv([*CALL, "姓", "名"], [[*HERE, "LI", "A"], ["9990014", *HERE[1:], "LI", "B"]])
    assert ("fal.calls", "row 3, column A (IMO编号 / IMO number)") in refused(ImoFalCsv, two)


def test_a_bomb_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"<c>" + b"0" * (140 << 20))
    assert len(out.getvalue()) < 1 << 20
    assert refused(ImoFalXlsx, out.getvalue())[0][0] == "sheet.large"


def test_formulas_stay_text() -> None:
    book = to_book([Sheet("FAL3", [["物品名称", "数量", "单位代码"], ["=HYPERLINK(1)", "1", "LTR"]])])
    assert read_book(book, most=10)[0].rows[1][0] == "=HYPERLINK(1)"
    assert b"<f>" not in b"".join(zipfile.ZipFile(io.BytesIO(book)).read(n) for n in zipfile.ZipFile(io.BytesIO(book)).namelist())


def test_damaged_workbooks_are_refused_or_read() -> None:
    body, chance = sample("fal-workbook.xlsx"), random.Random(20261122)
    for _ in range(150):
        at = chance.randrange(len(body))
        with suppress(Refused):
            ImoFalXlsx().read(body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :], record="", office="")
