"""Published EDIFACT: every file read and written back equal, foreign ones refused, and a peer's reading the same."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact import Element, Group, cuscar
from kouan.base.exchange.codecs.problem import CodecError

FOREIGN = ("x12", "tradacoms", "204-", "210-", "214-", "990-", "Aperak_issue235.xml")


@pytest.fixture(scope="module")
def files(shared: Path) -> list[Path]:
    """Every published message; licences and the like left out."""
    named = (path for path in sorted((shared / "edifact").rglob("*")) if path.is_file())
    return [path for path in named if not path.name.startswith(("LICENSE", "SOURCE"))]


def test_every_edifact_file_is_read_and_written_back_equal(files: list[Path]):
    ours = [path for path in files if not path.name.startswith(FOREIGN)]
    assert len(ours) >= 38
    for path in ours:
        body = path.read_bytes()
        found = edifact.read(body).interchanges
        assert found, path.name
        again = b"".join(edifact.write(interchange) for interchange in found)
        assert edifact.read(again).interchanges == found, path.name
        bare = body.translate(None, b" \t\r\n").removeprefix(b"\xef\xbb\xbf")
        if b"??" not in bare and "Issue157" not in path.name and "NewLines" not in path.name:
            assert again.translate(None, b" \t\r\n").removeprefix(b"\xef\xbb\xbf") == bare, path.name


def test_every_other_file_is_refused_by_name(files: list[Path]):
    others = [path for path in files if path.name.startswith(FOREIGN)]
    assert len(others) >= 26
    for path in others:
        with pytest.raises(CodecError) as refusal:
            edifact.read(path.read_bytes())
        assert [p.code for p in refusal.value.problems] == ["edifact.other"], path.name


def test_strict_reading_refuses_only_what_loses_or_contradicts(files: list[Path]):
    """Most published examples were shortened by hand, which their own counts and references tell."""
    lossy = {
        f"edifact.{part}" for part in (
            "unt.count", "unt.reference", "unz.count", "unz.reference", "unz.missing", "unb.missing",
        )
    }  # fmt: skip
    accepted = 0
    for path in files:
        if path.name.startswith(FOREIGN):
            continue
        try:
            accepted += bool(edifact.parse(path.read_bytes()))
        except CodecError as refusal:
            found = {problem.code for problem in refusal.problems}
            if not found <= lossy:
                raise AssertionError(f"{path.name}: {found}") from refusal
    assert accepted >= 14


def test_the_published_cargo_report_reads_in_full(shared: Path):
    (report,) = cuscar.read((shared / "edifact/edi-net/edifact.D95B.CUSCAR.EDI").read_bytes())
    assert (report.reference, report.voyage, report.carrier, report.call_sign) == (
        "201701191AB652", "AB652A", "MSC", "D5LQ7",
    )  # fmt: skip
    assert (report.place, report.arrival) == ("EGEDK", datetime(2017, 1, 29, tzinfo=UTC))
    assert report.issued == datetime(2017, 1, 19, tzinfo=UTC)
    assert [(c.bill, c.loading, c.discharge, c.containers, c.packages) for c in report.consignments] == [
        ("MSCUXP080935", "IEDUB", "EGEDK", ("FCIU5956299", "TCLU5546482"), 1440),
        ("MSCUDF421004", "FRDKK", "EGEDK", ("TGCU0235724",), 20),
        ("MSCUEK569969", "SGSIN", "EGALY", ("FCIU2469131",), 699),
    ]
    first, second, third = report.consignments
    assert [item.gross_kg for item in first.goods] == [Decimal(14182), Decimal(2000)]
    assert first.references[0].number == "MSCUDB592345"
    assert second.consignee is not None
    assert second.consignee.name == "MONDELEZ EGYPT FOODS SAE"
    assert "WEIGHT: 42488.00KGS" in first.goods[0].description
    assert third.gross_kg == Decimal("14259.6")
    assert cuscar.read(cuscar.write(report)) == (report,)


def trimmed(element: Element) -> Element:
    """Without the empty components at its end, which the peer does not keep."""
    end = len(element)
    while end > 1 and not element[end - 1]:
        end -= 1
    return element[:end]


def flat(interchange: edifact.Interchange) -> list[tuple[str, tuple[Element, ...]]]:
    """Tag and elements of every segment, in order."""
    segments = [interchange.header]
    for part in interchange.body:
        messages = part.messages if isinstance(part, Group) else (part,)
        inner = [s for m in messages for s in (m.header, *m.segments, m.trailer)]
        segments += [part.header, *inner, part.trailer] if isinstance(part, Group) else inner
    return [(s.tag, tuple(map(trimmed, s.elements))) for s in [*segments, interchange.trailer] if s is not None]


def test_a_peer_reads_the_same(files: list[Path]):
    peer = pytest.importorskip("pydifact.segmentcollection")
    errors = pytest.importorskip("pydifact.exceptions").EDISyntaxError
    same = 0
    for path in files:
        if path.name.startswith(FOREIGN):
            continue
        body = path.read_bytes()
        try:
            with warnings.catch_warnings(action="ignore"):
                segments = peer.RawSegmentCollection.from_str(body.decode("utf-8-sig").strip()).segments
        except (errors, IndexError):
            continue
        theirs = [
            (s.tag, tuple(trimmed(tuple(e) if isinstance(e, list) else (e,)) for e in s.elements))
            for s in segments if s.tag != "UNA"
        ]  # fmt: skip
        assert [s for i in edifact.read(body).interchanges for s in flat(i)] == theirs, path.name
        same += 1
    assert same >= 30
