"""What the connectors state: whom they tell, of what, at which level, as which message."""

from __future__ import annotations

from kouan.app.registry import load
from kouan.base.exchange.handlers import TellSystems
from kouan.base.exchange.outgoing import forms_of
from kouan.kernel.connectors import Connector
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.records import record_type
from kouan.kernel.topics import codes_on
from kouan.kernel.words import every

load()
PARTIES = {"customs", "maritime", "border", "transport", "portoffice", "terminal"}
INSTRUCTION = "base.exchange.instruction"


def ours() -> dict[str, type[Connector]]:
    return {c.code: c for c in every(Connector) if c.__module__.startswith("kouan.supervision.clearance.")}


def test_a_port_call_goes_to_five_agencies_and_the_terminal() -> None:
    assert set(ours()) == {*PARTIES, "partner"}
    assert {c for c, word in ours().items() if "base.portcall.port_call" in word.tells} == {*PARTIES, "partner"}
    assert {code: word.org for code, word in ours().items()} == {**{c: c for c in PARTIES}, "partner": "*"}


def test_who_is_told_of_what() -> None:
    told: dict[str, set[str]] = {}
    for code, connector in ours().items():
        for record in connector.tells:
            told.setdefault(record, set()).add(code)
    assert told.pop(INSTRUCTION) == {*PARTIES, "partner"}
    assert told["base.portcall.person_aboard"] == {"border"}, "persons aboard go to border inspection alone"
    modules = ("portcall", "manifest", "declaration")
    core = {record: codes - {"partner"} for record, codes in told.items() if record.split(".")[1] in modules}
    assert core == {
        "base.portcall.port_call": PARTIES,
        "base.portcall.person_aboard": {"border"},
        "base.manifest.manifest": {"customs", "terminal"},
        "base.manifest.consignment": {"customs", "terminal"},
        "base.declaration.declaration": {"customs", "terminal"},
    }


def test_told_records_and_fields_exist_and_are_heard() -> None:
    for connector in ours().values():
        moments = getattr(connector, "moments", {})
        for record, fields in connector.tells.items():
            assert set(fields) <= {"*", *record_type(record).fields}
            for moment in ("filed", "amend", *moments.get(record, ())):
                assert "base.exchange.tell_parties" in codes_on(f"{record}:{moment}")
        for record, moments in getattr(connector, "live", {}).items():
            assert record in connector.tells
            assert {f"{record}:{moment}" for moment in moments} <= set(TellSystems.topics())


def test_every_moment_told_is_an_action_of_the_record() -> None:
    for connector in ours().values():
        for record, moments in (*getattr(connector, "moments", {}).items(), *getattr(connector, "live", {}).items()):
            life = lifecycle_of(record)
            assert life is not None
            assert all(life.find(moment) for moment in moments)


def test_every_connector_speaks_forms_that_can_be_written() -> None:
    spoken = {(code, r, f) for code, word in ours().items() for r, f in getattr(word, "forms", {}).items()}
    call, manifest, line = "base.portcall.port_call", "base.manifest.manifest", "base.manifest.consignment"
    assert spoken == {
        ("customs", "base.declaration.declaration", "wco"), ("customs", manifest, "edifact"), ("customs", line, "edifact"),
        ("terminal", manifest, "edifact"), ("terminal", "base.movement.handling_order", "edifact"),
        ("maritime", call, "fal"), ("border", call, "fal"), ("portoffice", call, "fal"), ("transport", call, "xml"),
    }  # fmt: skip
    assert all(form in forms_of(record) for _, record, form in spoken)


def test_only_who_must_know_persons_is_cleared_for_them() -> None:
    assert {code: getattr(connector, "clearance", 2) for code, connector in ours().items()} == {
        "customs": 2, "maritime": 3, "border": 4, "portoffice": 2, "terminal": 2, "transport": 2, "partner": 2,
    }  # fmt: skip
