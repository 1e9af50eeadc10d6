"""What the five connectors state: whom they tell, of what, at which level."""

from __future__ import annotations

from kouan.kernel.connectors import Connector
from kouan.kernel.records import record_type
from kouan.kernel.topics import codes_on
from kouan.kernel.words import every
from tests.base.conftest import load

load()
PARTIES = {"customs", "maritime", "border", "portoffice", "terminal"}


def ours() -> dict[str, type[Connector]]:
    return {c.code: c for c in every(Connector) if c.__module__.startswith("kouan.supervision.clearance.")}


def test_a_port_call_goes_to_five_parties() -> None:
    assert set(ours()) == PARTIES
    assert all("base.portcall.port_call" in connector.tells for connector in ours().values())
    assert all(connector.org == code for code, connector in ours().items())


def test_who_is_told_of_what() -> None:
    told: dict[str, set[str]] = {}
    for code, connector in ours().items():
        for record in connector.tells:
            told.setdefault(record, set()).add(code)
    assert told == {
        "base.portcall.port_call": PARTIES,
        "base.portcall.person_aboard": {"border"},
        "base.manifest.manifest": {"customs", "terminal"},
        "base.manifest.consignment": {"customs", "terminal"},
        "base.declaration.declaration": {"customs", "terminal"},
    }


def test_told_records_and_fields_exist_and_are_heard() -> None:
    for connector in ours().values():
        for record, fields in connector.tells.items():
            assert set(fields) <= {"*", *record_type(record).fields}
            for moment in ("filed", "amend"):
                assert "base.exchange.tell_parties" in codes_on(f"{record}:{moment}")


def test_only_who_must_know_persons_is_cleared_for_them() -> None:
    assert {code: getattr(connector, "clearance", 2) for code, connector in ours().items()} == {
        "customs": 2, "maritime": 3, "border": 4, "portoffice": 2, "terminal": 2,
    }  # fmt: skip
