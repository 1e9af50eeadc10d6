"""Container messages: what the simulators write is read with the same facts, what we write comes back, nothing else raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouan.base.exchange.api import Envelope, write_moves
from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact import baplie, coarri, codeco, container, coparn, coprar
from kouan.base.exchange.codecs.edifact.container.codes import ORDERS, REPORTS
from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.formats.edifact.format import READERS, Edifact
from kouan.base.movement.api import HandlingOrder, Move, Status, Stowage
from kouan.base.portcall.api import PortCall
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Draft, Submission, Unread
from kouan.kernel.records import record_type
from kouan_sim import edi, identifiers
from kouan_sim.edi import Handled, Ship
from tests.base.conftest import load
from tests.conftest import SHARED

load()
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
SHIP = Ship()
words = st.text("ABCDEFGHIJ0123456789-/ +:?'", min_size=1, max_size=12).map(str.strip).filter(bool)
moments = st.integers(0, 10**5).map(lambda minutes: NOW - timedelta(minutes=minutes))
boxes = st.builds(
    Handled, number=st.integers(0, 999_999).map(lambda serial: identifiers.container("SIM", serial)), at=moments,
    size=st.sampled_from(("22G1", "45R1", "42U1")), gross=st.integers(1, 40_000), full=st.booleans(),
    seal=st.sampled_from(("", "S1", "SEAL+1:2?'")), bill=st.sampled_from(("", "BL1", "BL?2")), booking=st.sampled_from(("", "BK1")),
    cell=st.integers(1, 99).map(lambda bay: f"{bay:03}0282"), truck=st.sampled_from(("", "鲁BA1234", "LUB123")),
    un=st.sampled_from(("", "1203", "3077")), imdg=st.sampled_from(("3", "9")), celsius=st.sampled_from((None, -18, 4)),
)  # fmt: skip
several = st.lists(boxes, min_size=1, max_size=5, unique_by=lambda box: box.number)


def drafts(body: bytes) -> list[Draft]:
    reading = Edifact().read(body, record="", office="")
    assert not [part for part in reading.parts if isinstance(part, Unread)]
    return [draft for part in reading.parts if isinstance(part, Submission) for draft in part.drafts]


def records(body: bytes) -> list[Any]:
    return [record_type(draft.record).model_validate(draft.data) for draft in drafts(body)]


def facts(box: Handled) -> tuple[Any, ...]:
    return (f"container:{box.number}", box.at, box.size, float(box.gross), "full" if box.full else "empty")


def told(move: Move) -> tuple[Any, ...]:
    return (move.equipment, move.at, move.size_type, move.gross_kg, move.status)


@given(several, st.booleans(), st.sampled_from(("95B", "00B", "21B")), words)
def test_a_report_of_the_simulators_is_read_with_its_facts(
    some: list[Handled], loading: bool, release: str, voyage: str
) -> None:
    ship = Ship(voyage=voyage)
    moves = records(edi.coarri(ship, some, "R1", NOW, loading=loading, release=release))
    assert [told(move) for move in moves] == [facts(box) for box in some]
    assert {move.activity for move in moves} == {"load" if loading else "discharge"}
    for move, box in zip(moves, some, strict=True):
        assert (move.vessel, move.voyage, move.position) == ("vessel:imo:9321483", voyage, box.cell)
        assert move.seals == ((box.seal,) if box.seal else ())
        assert move.dangerous == ((box.un,) if box.un else ())
        assert (move.place, move.carrier) == ("place:CNWHH/BERTH/B1", "SIMC")


@given(several, st.booleans(), st.sampled_from(("95B", "00B")))
def test_a_gate_report_of_the_simulators_is_read_with_its_facts(some: list[Handled], inward: bool, release: str) -> None:
    moves = records(edi.codeco(some, "G1", NOW, inward=inward, release=release))
    assert [told(move) for move in moves] == [facts(box) for box in some]
    assert {move.activity for move in moves} == {"gate-in" if inward else "gate-out"}
    assert [(move.vehicle or "").removeprefix("vehicle:") for move in moves] == [box.truck for box in some]
    assert [move.bill for move in moves] == [f"bill:{box.bill}" if box.bill else None for box in some]
    assert {(move.vessel, move.voyage) for move in moves} == {(None, None)}


@given(several, st.sampled_from(("95B", "00B", "13B")))
def test_a_plan_of_the_simulators_is_read_with_its_facts(some: list[Handled], release: str) -> None:
    (plan,) = records(edi.baplie(SHIP, some, "P1", NOW, release=release))
    assert isinstance(plan, Stowage)
    assert (plan.vessel, plan.departure, plan.next_port, plan.at) == ("vessel:imo:9321483", "KRPUS", "CNWHH", NOW)
    assert (plan.boxes, plan.dangerous_boxes) == (len(some), sum(bool(box.un) for box in some))
    assert plan.reefers == sum(box.celsius is not None for box in some)
    for cell, box in zip(plan.cells, some, strict=True):
        assert (cell.position, cell.equipment, cell.gross_kg, cell.verified) == (
            box.cell, f"container:{box.number}", float(box.gross), True)  # fmt: skip
        assert [h.un_number for h in cell.hazards] == ([box.un] if box.un else [])
        assert cell.temperature_c == box.celsius


@given(several, st.sampled_from([(kind, code, task) for kind, codes in ORDERS.items() for code, task in codes.items()]))
def test_an_order_of_the_simulators_is_read_with_its_facts(some: list[Handled], what: tuple[str, str, str]) -> None:
    kind, code, task = what
    (order,) = records(edi.orders(kind, code, some, "O1", NOW, ship=SHIP))
    assert isinstance(order, HandlingOrder)
    assert (order.task, order.number, order.voyage, order.carrier) == (task, "O1", "2611E", "SIMC")
    assert [unit.equipment for unit in order.units] == [f"container:{box.number}" for box in some]
    assert [unit.gross_kg for unit in order.units] == [box.gross for box in some]


@given(several, words)
def test_a_status_of_the_simulators_is_read_for_each_box(some: list[Handled], text: str) -> None:
    found = records(edi.iftsta(some, "UV", text, "S1", NOW))
    assert [(s.equipment, s.at, s.code, s.activity) for s in found] == [
        (f"container:{box.number}", box.at, "UV", "discharge") for box in some
    ]
    assert all(isinstance(status, Status) and status.text == text for status in found)


def test_a_conveyance_report_states_a_call() -> None:
    body = edi.cusrep(SHIP, NOW, NOW + timedelta(days=1), "C1", NOW)
    (call,) = records(body)
    assert isinstance(call, PortCall)
    assert (call.vessel, call.voyage, call.port, call.last_port, call.next_port) == (
        "vessel:imo:9321483", "2611E", "CNWHH", "KRPUS", "JPOSA")  # fmt: skip
    assert (call.eta, call.etd, call.crew_count, call.flag) == (NOW, NOW + timedelta(days=1), 21, "CN")
    assert all(draft.renew for draft in drafts(body))


plain = st.builds(
    Move, equipment=boxes.map(lambda box: box.number), activity=st.just("gate-out"), at=moments,
    place=st.sampled_from((None, "place:CNWHH", "place:CNWHH/BERTH/B1", "place:CNWHH/TERMINAL/T1")), vessel=st.just("imo:9321483"),
    voyage=st.sampled_from((None, "2611E")), vehicle=st.sampled_from((None, "鲁BA1234")), bill=st.sampled_from((None, "BL1")),
    booking=st.sampled_from((None, "BK1")), status=st.sampled_from((None, "full", "empty")),
    gross_kg=st.sampled_from((None, 12_000.0, 9640.5)), size_type=st.sampled_from((None, "22G1")),
    seals=st.sampled_from(((), ("S1", "S2"))), dangerous=st.sampled_from(((), ("1203",))), damage=st.sampled_from((None, "DENT LEFT")),
    operator=st.sampled_from((None, "terminal")), carrier=st.sampled_from((None, "WHL")), trucker=st.sampled_from((None, "HAUL")),
    position=st.sampled_from((None, "A01")),
)  # fmt: skip
written = st.sampled_from(("discharge", "load", "gate-in", "gate-out", "shift", "strip", "restow"))


@given(st.lists(plain, min_size=1, max_size=4), written)
def test_moves_that_we_write_are_read_again(some: list[Move], activity: Any) -> None:
    first = some[0]
    shared = {"activity": activity, "voyage": first.voyage, "operator": first.operator, "place": first.place}
    some = [move.model_copy(update=shared) for move in some]
    body = write_moves(some, "R1", Envelope("PLATFORM", "CARRIER"))
    kind = "COARRI" if activity in ("discharge", "load", "restow") else "CODECO"
    assert [move.model_copy(update={"source": None}) for move in records(body)] == some
    assert f"+{kind}:".encode() in body


def test_moves_of_two_kinds_make_no_message() -> None:
    base = Move(equipment="SIMU0000010", activity="gate-in", at=NOW)
    for some in ([], [base, base.model_copy(update={"activity": "gate-out"})], [base.model_copy(update={"activity": "stuff"})]):
        with pytest.raises(ValueError, match="one reported activity"):
            write_moves(some, "R1", Envelope("A", "B"))


@pytest.mark.parametrize("codec", [coarri, codeco, coparn, coprar])
def test_a_sheet_that_is_written_is_read_equal(codec: Any) -> None:
    body = edi.coarri(SHIP, [Handled("SIMU0000010", NOW, seal="S", un="1203", imdg="3", cell="0010282")], "R1", NOW)
    (message,) = edifact.read(body.replace(b"COARRI", codec.TYPE.encode())).interchanges[0].messages
    sheet = codec.read(message)
    again = codec.read(edifact.read(codec.write(sheet, Envelope("A", "B"))).interchanges[0].messages[0])
    for one in (sheet, again):
        one.position, one.warnings = "", []
        for unit in one.units:
            unit.position = ""
    assert again == sheet


@pytest.mark.parametrize(("function", "said"), [(1, "cancellation"), (5, "correction"), (4, "correction"), (9, "original")])
def test_a_corrected_report_names_the_one_that_it_corrects(function: int, said: str) -> None:
    box = Handled(identifiers.container("SIM", 77), NOW)
    (draft,) = drafts(edi.coarri(SHIP, [box], "R1", NOW, function=function))
    assert draft.data["function"] == said
    first = Move.model_validate(drafts(edi.coarri(SHIP, [box], "R1", NOW))[0].data)
    named = "move:@filer/" + first.key("x").removeprefix("x|").replace("|", "/")
    assert draft.data.get("corrects") == (None if said == "original" else named)


def segments(*body: str, kind: str = "CODECO:D:95B:UN") -> bytes:
    inner = "".join(f"{segment}'" for segment in body)
    return f"UNB+UNOA:2+A+B+261122:0400+1'UNH+1+{kind}'{inner}UNT+{len(body) + 2}+1'UNZ+1+1'".encode()


def test_what_is_not_understood_is_a_warning_and_persons_are_not_repeated() -> None:
    body = segments("BGM+34+X+9", "XYZ+1:2", "CTA+IC+:JANE DOE", "EQD+CN+SIMU0000010", "DTM+7:202611220300:203")
    (draft,) = drafts(body)
    said = [warning["reason"]["en"] for warning in draft.warnings]
    assert any("XYZ" in text and "1:2" in text for text in said)
    assert not any("JANE" in text for text in said)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (segments("EQD+CN+SIMU0000010"), "container.bgm"),
        (segments("BGM+999+X+9", "EQD+CN+SIMU0000010"), "container.document"),
        (segments("BGM+34+X+9"), "container.empty"),
        (segments("BGM+34+X+9", "EQD+CN+SIMU0000010"), "container.time"),
        (segments("BGM+34+X+9", "EQD+CN+SIMU0000010", "DTM+7:20261350:203"), "container.date"),
        (segments("BGM+34+X+9", "EQD+CN+SIMU0000010", "MEA+AAE+G+KGM:heavy"), "container.number"),
        (segments("BGM+85+X+9", "TDT+20", kind="CUSREP:D:95B:UN"), "container.ship"),
        (segments("BGM+85+X+9", "TDT+20++++++++:::A", kind="CUSREP:D:95B:UN"), "container.ship"),
        (segments("BGM+85+X+9", "TDT+20+1++++++9321483:146", kind="CUSREP:D:95B:UN"), "container.port"),
        (segments("BGM+23+X+9", kind="IFTSTA:D:95B:UN"), "container.status"),
    ],
)
def test_what_cannot_be_taken_says_why(body: bytes, code: str) -> None:
    (part,) = Edifact().read(body, record="", office="").parts
    assert isinstance(part, Unread)
    assert part.problems[0].code == code
    assert part.problems[0].reason.zh


@pytest.mark.parametrize(("kind", "code", "task"), [(k, c, t) for k, codes in REPORTS.items() for c, t in codes.items()])
def test_every_document_name_of_a_report_is_known(kind: str, code: str, task: str) -> None:
    body = segments(f"BGM+{code}+X+9", "EQD+CN+SIMU0000010", "DTM+203:202611220300:203", kind=f"{kind}:D:95B:UN")
    assert records(body)[0].activity == task


def test_a_shifter_was_restowed_and_words_and_signs_say_what_a_number_does_not() -> None:
    box = ("EQD+CN+SIMU0000010+22G1++5+5", "DTM+203:202611220300:203")
    assert records(segments("BGM+119+X+9", *box, kind="COARRI:D:00B:UN"))[0].activity == "restow"
    box = ("EQD+CN+SIMU0000010+22G1++3+5", "DTM+203:202611220300:203")
    assert records(segments("BGM+:::LOADING REPORT+X+9", *box, kind="COARRI:D:95B:UN"))[0].activity == "load"
    assert records(segments("BGM+9+X+9", "FTX+OSI++D", *box, kind="COARRI:D:95B:UN"))[0].activity == "discharge"


@pytest.mark.parametrize(
    ("listed", "ship"),
    [("9321483:146", {"vessel": "vessel:imo:9321483"}), ("9321483:103", {"vessel": "vessel:imo:9321483"}), ("BWHS:103", {})],
)
@pytest.mark.parametrize("carrier", ["++WHL:172:20", "+++WHL:172:20"])
def test_a_plan_of_the_old_directory_names_the_ship_before_its_carrier(listed: str, ship: dict[str, str], carrier: str) -> None:
    stage = f"TDT+20+2611E+++{listed}::WANGHAI STAR{carrier}"
    box = ("LOC+147+0240182::5", "LOC+9+CNWHH", "EQD+CN+SIMU0000010+2210+++5")
    (plan,) = records(segments("BGM++P1+9", "DTM+137:2611220300:201", stage, *box, kind="BAPLIE:1:911:UN:SMDG15"))
    wanted = {"carrier": "WHL", "voyage": "2611E", "ship_name": "WANGHAI STAR", **ship}
    assert {name: getattr(plan, name) for name in wanted} == wanted


def test_units_and_degrees_are_brought_to_one() -> None:
    box = ("LOC+147+0010082::5", "MEA+WT++LBR:10000", "TMP+2+032:FAH", "EQD+CN+CSQU3054383+22R1+++5")
    (plan,) = records(segments("BGM++P1+9", "DTM+137:2611220300:201", *box, kind="BAPLIE:D:95B:UN:SMDG22"))
    assert plan.cells[0].gross_kg == pytest.approx(4535.9237)
    assert (plan.cells[0].temperature_c, plan.cells[0].verified) == (0.0, False)


MESSAGES = {
    "COARRI": edi.coarri(SHIP, [Handled("SIMU0000010", NOW, seal="S", un="1203", cell="0010282")], "R1", NOW),
    "CODECO": edi.codeco([Handled("SIMU0000010", NOW, truck="LUB123")], "R1", NOW),
    "COPARN": edi.orders("COPARN", "126", [Handled("SIMU0000010", NOW)], "R1", NOW, ship=SHIP),
    "COPRAR": edi.orders("COPRAR", "45", [Handled("SIMU0000010", NOW)], "R1", NOW, ship=SHIP),
    "BAPLIE": edi.baplie(SHIP, [Handled("SIMU0000010", NOW, un="1203", cell="0010282", celsius=4)], "R1", NOW),
    "IFTSTA": edi.iftsta([Handled("SIMU0000010", NOW, bill="B1")], "24", "GONE", "R1", NOW),
    "CUSREP": edi.cusrep(SHIP, NOW, NOW, "R1", NOW),
}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(sorted(MESSAGES)), st.data())
def test_mangled_messages_are_read_or_refused_and_what_is_read_can_be_kept(kind: str, data: st.DataObject) -> None:
    body = bytearray(MESSAGES[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        put = data.draw(st.binary(max_size=3) | st.sampled_from((b"'", b"+", b":", b"99999999999")))
        body[at : at + data.draw(st.integers(0, 3))] = put
    try:
        parts = Edifact().read(bytes(body), record="", office="").parts
    except Refused:
        return
    for part in parts:
        for draft in part.drafts if isinstance(part, Submission) else ():
            if draft.record.startswith("base.movement."):
                record_type(draft.record).model_validate(draft.data)


@settings(deadline=None)
@given(st.sampled_from(sorted(READERS)), st.lists(st.tuples(
    st.sampled_from(("BGM", "DTM", "LOC", "RFF", "NAD", "TDT", "EQD", "SEL", "FTX", "MEA", "DGS", "TMP", "DIM", "DAM", "HAN",
                     "EQN", "CNT", "GID", "CNI", "STS", "GDS", "SGP", "QQQ")),
    st.lists(st.text("AB1059.:-", max_size=8), max_size=6)), max_size=25))  # fmt: skip
def test_any_segments_in_any_order_are_read_or_refused(kind: str, some: list[tuple[str, list[str]]]) -> None:
    body = segments(*("+".join((tag, *elements)) for tag, elements in some), kind=f"{kind}:D:95B:UN")
    for part in Edifact().read(body, record="", office="").parts:
        for draft in part.drafts if isinstance(part, Submission) else ():
            if draft.record.startswith("base.movement."):
                record_type(draft.record).model_validate(draft.data)


@pytest.mark.skipif(not (SHARED / "edifact").is_dir(), reason="the shared messages are not here")
def test_published_container_messages_are_read() -> None:
    seen, known = set(), set(MESSAGES) - {"CUSREP"}
    for path in sorted((SHARED / "edifact").rglob("*")):
        if path.suffix.lower() not in (".edi", ".txt") or not path.is_file():
            continue
        try:
            found = edifact.read(path.read_bytes())
        except CodecError:
            continue
        for message in (m for one in found.interchanges for m in one.messages if m.type in known):
            sheet = container.sheet_of(message)
            seen.add(message.type)
            assert sheet.units or any(status.units for status in sheet.statuses), path.name
            assert sheet.number, path.name
            assert not [note for note in sheet.warnings if note.code == "container.note.segment"], path.name
    assert seen >= {"IFTSTA", "BAPLIE", "COPRAR"}
    assert baplie.TYPE in seen


def gated(dtm: str) -> datetime:
    """The moment of a gate report with this DTM."""
    (draft,) = drafts(segments("BGM+34+X+9", "EQD+CN+SIMU0000010", dtm))
    found: datetime = draft.data["at"]
    return found


@pytest.mark.parametrize(
    "dtm",
    [
        "DTM+7:202611220300:203", "DTM+7:202611221100?+08:205", "DTM+7:202611221100+08:205", "DTM+7:20261122110000+0800:304",
        "DTM+7:202611221200JST:303", "DTM+7:202611220300UTC:303", "DTM+7:202611220400CET:303", "DTM+7:2611220300:201",
    ],
)
def test_a_moment_is_the_same_however_its_zone_is_written(dtm: str) -> None:
    assert gated(dtm) == datetime(2026, 11, 22, 3, tzinfo=UTC)


def test_a_zone_that_stands_for_several_is_no_date_and_a_duration_is_no_moment() -> None:
    reading = Edifact().read(segments("BGM+34+X+9", "EQD+CN+SIMU0000010", "DTM+7:202611220300CST:303"), record="", office="")
    (part,) = reading.parts
    assert isinstance(part, Unread)
    assert [problem.code for problem in part.problems] == ["container.date"]
    (draft,) = drafts(segments("BGM+34+X+9", "EQD+CN+SIMU0000010", "DTM+7:202611220300:203", "DTM+50:5:804"))
    assert [w["code"] for w in draft.warnings] == ["container.note.segment"]


def test_a_test_is_filed_at_a_demo_port_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = segments("BGM+34+X+9", "EQD+CN+SIMU0000010", "DTM+7:202611220300:203")
    trial = real.replace(b":0400+1'", b":0400+1++++++1'")
    assert trial != real
    monkeypatch.setenv("KOUAN_HOME", str(tmp_path))
    (part,) = Edifact().read(trial, record="", office="").parts
    assert isinstance(part, Unread)
    assert [(problem.code, problem.field) for problem in part.problems] == [("exchange.test", "UNB/0035")]
    (tmp_path / "demo.marker").touch()
    (draft,) = drafts(trial)
    assert [w["code"] for w in draft.warnings] == ["edifact.note.test"]
    assert not drafts(real)[0].warnings
