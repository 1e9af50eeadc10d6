"""CUSCAR: what a cargo report says, where its groups begin and end, and what refuses it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kouan.base.exchange.codecs.edifact import cuscar
from kouan.base.exchange.codecs.edifact.cuscar import CargoReport
from kouan.base.exchange.codecs.problem import CodecError


def body(*segments: str, kind: str = "CUSCAR:D:95B:UN", bgm: str = "BGM+785+M1+9") -> bytes:
    """One CUSCAR with these segments."""
    inner = [f"UNH+1+{kind}", *([bgm] if bgm else []), *segments]
    counted = [*inner, f"UNT+{len(inner) + 1}+1"]
    return "".join(f"{s}'" for s in ["UNB+UNOC:3+A+B+260101:0800+R1", *counted, "UNZ+1+R1"]).encode("latin-1")


def report(*segments: str, **options: str) -> CargoReport:
    """The report that these segments make."""
    (found,) = cuscar.read(body(*segments, **options))
    return found


def codes(*segments: str, **options: str) -> list[str]:
    """The codes by which these segments are refused."""
    with pytest.raises(CodecError) as refusal:
        cuscar.read(body(*segments, **options))
    return [problem.code for problem in refusal.value.problems]


def test_the_sample_reads_in_full(sample: Callable[[str], bytes]):
    (found,) = cuscar.read(sample("cuscar-wanghai.edi"))
    assert (found.reference, found.function, found.type_code) == ("WHS-2611E-MAN", "9", "785")
    assert (found.imo, found.conveyance_name, found.voyage) == ("9321483", "WANGHAI STAR", "2611E")
    assert found.carrier == "WHL"
    assert found.place == "CNWHH"
    assert found.arrival == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert found.departure == datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert [c.bill for c in found.consignments] == ["WHLB26110001", "WHLB26110002", "WHLB26110003"]
    first, _, third = found.consignments
    assert first.containers == ("WHHU2040010", "WHHU4100042")
    assert (first.loading, first.discharge, first.delivery) == ("KRPUS", "CNWHH", "CNWHH")
    assert first.consignee is not None
    assert first.consignee.code == "9901960001"
    assert (first.gross_kg, first.packages) == (Decimal(25220), 1300)
    (fireworks,) = third.goods
    assert (fireworks.hs, fireworks.un_numbers, fireworks.hazard_classes) == (("360410",), ("0336",), ("1.4G",))
    assert {e.id for e in found.equipment} == {c for consignment in found.consignments for c in consignment.containers}
    assert not found.warnings


def test_written_is_read_back_equal(sample: Callable[[str], bytes]):
    (found,) = cuscar.read(sample("cuscar-wanghai.edi"))
    assert cuscar.read(cuscar.write(found)) == (found,)


def test_each_bill_of_a_cni_is_a_consignment():
    found = report(
        "CNI+1+DOC1", "RFF+AAA:ORDER1", "LOC+9+KRPUS", "NAD+CN+X", "GID+1+1:CT", "SGP+AAAU1234567",
        "RFF+BM:BILL2", "RFF+MB:MASTER", "LOC+9+JPOSA", "GID+1+2:CT",
        "CNI+2+DOC2", "RFF+BM:BILL3", "GID+1+3:CT", "RFF+HS:010121", "GID+2+4:CT",
    )  # fmt: skip
    assert [(c.sequence, c.bill, c.master_bill, c.loading, len(c.goods)) for c in found.consignments] == [
        (1, "DOC1", "", "KRPUS", 1), (1, "BILL2", "MASTER", "JPOSA", 1), (2, "BILL3", "", "", 2),
    ]  # fmt: skip
    assert found.consignments[0].references[0].number == "ORDER1"
    assert found.consignments[2].goods[0].hs == ("010121",)


def test_a_reference_within_a_consignments_transport_begins_no_bill():
    found = report("CNI+1", "RFF+BM:B1", "LOC+9+X", "TDT+20+V", "RFF+XP:PREVIOUS", "NAD+CN+Y", "GID+1")
    (consignment,) = found.consignments
    assert [r.qualifier for r in consignment.references] == ["BM", "XP"]


@pytest.mark.parametrize(
    ("unit", "kilograms"),
    [("KGM:12.5", "12.5"), ("TNE:2", "2000"), ("TON:2.000", "2000"), ("LBR:1", "0.45359237"), ("KG:3,5", "3.5")],
)
def test_weights_become_kilograms(unit: str, kilograms: str):
    found = report("CNI+1+D", "GID+1", f"MEA+AAE+G+{unit}")
    assert found.consignments[0].goods[0].gross_kg == Decimal(kilograms)


def test_weights_by_container():
    found = report("CNI+1+D", "GID+1", "SGP+AAAU1111111+4", "MEA+AAE+G+KGM:10", "SGP+AAAU2222222", "MEA+WT++KGM:5")
    (goods,) = found.consignments[0].goods
    assert goods.gross_kg == Decimal(15)
    assert [(p.container, p.packages, p.gross_kg) for p in goods.placements] == [
        ("AAAU1111111", 4, Decimal(10)), ("AAAU2222222", None, Decimal(5)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("20260102:102", datetime(2026, 1, 2, tzinfo=UTC)),
        ("2601020304:201", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
        ("202601020304:203", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
        ("20260102030405:204", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("260102:101", datetime(2026, 1, 2, tzinfo=UTC)),
        ("202601020304UTC:303", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
        ("202601020304?+08:303", datetime(2026, 1, 1, 19, 4, tzinfo=UTC)),
        ("20260102-20260103:718", datetime(2026, 1, 2, tzinfo=UTC)),
        ("20260102:203", datetime(2026, 1, 2, tzinfo=UTC)),
    ],
)
def test_dates_by_their_format(value: str, moment: datetime):
    assert report(f"DTM+132:{value}").arrival == moment


def test_a_time_of_day_completes_its_date():
    found = report("DTM+132:20260102:102", "DTM+132:0930:401")
    assert found.arrival == datetime(2026, 1, 2, 9, 30, tzinfo=UTC)


def test_text_cut_at_its_length_is_joined_where_it_was_cut():
    long = "A" * 70
    found = report("CNI+1+D", "GID+1", f"FTX+AAA+++{long}:BC:DE", "FTX+AAA+++F")
    assert found.consignments[0].goods[0].description == f"{long}BC DE F"


def test_ships_by_imo_number_or_call_sign():
    assert report("TDT+20+V1+1++MSC:172:20:LINE+++9321483:146:11:STAR:CN").imo == "9321483"
    signed = report("TDT+20+V1+1++MSC:172:20:LINE+++D5LQ7:103::STAR:LR")
    assert (signed.imo, signed.call_sign, signed.conveyance_name, signed.nationality) == ("", "D5LQ7", "STAR", "LR")


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        (("GID+1",), "cuscar.order"), (("SGP+AAAU1234567",), "cuscar.order"),
        (("CNI+X",), "cuscar.number"), (("CNI+1", "GID+1+X:CT"), "cuscar.number"),
        (("CNI+1", "GID+1+1.5:CT"), "cuscar.whole"), (("CNI+1", "GID+1+-2:CT"), "cuscar.negative"),
        (("CNI+1", "GID+1", "MEA+AAE+G+XXX:5"), "cuscar.unit"),
        (("CNI+1", "GID+1", "MEA+AAE+G+KGM:X"), "cuscar.number"),
        (("DTM+132:2026-01-02:102",), "cuscar.date"), (("DTM+132:20261302:102",), "cuscar.date"),
        (("DTM+132:202601020304XYZ:303",), "cuscar.date"),
    ],
)  # fmt: skip
def test_wrong_values_are_refused_with_their_place(segments: tuple[str, ...], code: str):
    assert codes(*segments) == [code]
    with pytest.raises(CodecError) as refusal:
        cuscar.read(body(*segments))
    assert f"message 1, segment {len(segments) + 2}, byte " in refusal.value.problems[0].position


def test_all_problems_are_told_at_once():
    assert codes("DTM+132:X:102", "CNI+A", "GID+1+B:CT", "MEA+AAE+G+QQQ:1") == [
        "cuscar.date", "cuscar.number", "cuscar.number", "cuscar.unit",
    ]  # fmt: skip


def test_what_a_report_must_have():
    assert codes(bgm="") == ["cuscar.bgm"]
    assert codes(bgm="BGM+785") == ["cuscar.reference"]
    assert codes(kind="CUSREP:D:95B:UN") == ["cuscar.type"]


def test_a_message_without_a_type_is_taken_by_its_content():
    found = report("CNI+1+D", kind=":D:95B:UN", bgm="BGM+85+M1+9")
    assert "cuscar.note.type" in [w.code for w in found.warnings]
    assert codes("CNI+1+D", kind=":D:95B:UN", bgm="BGM+220+M1+9") == ["cuscar.type"]


def test_slips_are_warnings():
    found = report("CNT+10:3", "EQD+CN+AAAU1111111", "CNI+1+D", "GID+1", "SGP+BBBU2222222")
    assert sorted(w.code for w in found.warnings) == ["cuscar.note.control", "cuscar.note.equipment"]


def test_chinese_text_is_sent_in_utf8(sample: Callable[[str], bytes]):
    found = report("CNI+1+D", "NAD+CN+++X")
    party = cuscar.Party("CN", "9", "望海示例有限公司", ("望海路1号",), "望海", "", "CN")
    changed = CargoReport("舱单1", consignments=(cuscar.Consignment(1, "D", "D", parties=(party,)),))
    written = cuscar.write(changed)
    assert written.startswith(b"UNB+UNOW:4+")
    assert cuscar.read(written) == (CargoReport("舱单1", version="D", release="95B", consignments=changed.consignments),)
    assert found.consignments[0].consignee is not None
