"""Signatures between platforms, terms in one wording, and what of a record goes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.app import registry
from kouan.cooperation.link import sealing, sharing
from kouan.cooperation.link.records import Agreement, Given
from kouan.cooperation.link.rules import Agreed, Givable, Reachable
from kouan.cooperation.link.service import giving
from kouan.cooperation.link.terms import differences, lasts, terms
from kouan.kernel.records import record_type
from kouan.kernel.rules import Found

registry.load()
AT = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
OURS, THEIRS, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
PINNED = [sealing.written(key.public_key()) for key in (OTHER, OURS)]
MOVE = "base.movement.move"


def half(**more: Any) -> Agreement:
    data = {
        "number": "HL-1", "partner": "org:port-b", "partner_level": "port", "partner_key": sealing.written(THEIRS.public_key()),
        "address": "https://b.example", "own_name": "port-a", "own_level": "port", "delay_seconds": 60, "since": AT, "purpose": "Transit",
        "gives": [{"record": MOVE, "fields": ["equipment", "at"]}], **more,
    }  # fmt: skip
    return Agreement.model_validate(data)


@settings(max_examples=40, deadline=None)
@given(body=st.binary(max_size=60), at=st.integers(0, 59), bit=st.integers(0, 7))
def test_one_changed_bit_is_nobodys(body: bytes, at: int, bit: int) -> None:
    stated = sealing.headers(OURS, "m-1", AT, body)
    assert sealing.sender(stated, body, AT, PINNED) == PINNED[1]
    if body:
        changed = bytearray(body)
        changed[at % len(body)] ^= 1 << bit
        assert sealing.sender(stated, bytes(changed), AT, PINNED) == ""
    assert sealing.sender({**stated, sealing.ID: "m-2"}, body, AT, PINNED) == ""
    assert sealing.sender(stated, body, AT, PINNED[:1]) == ""


@pytest.mark.parametrize("seconds", [-sealing.TOLERANCE - 1, sealing.TOLERANCE + 1])
def test_what_was_overheard_is_not_sent_again_later(seconds: int) -> None:
    stated = sealing.headers(OURS, "m-1", AT, b"x")
    assert sealing.sender(stated, b"x", AT + timedelta(seconds=seconds), PINNED) == ""


@pytest.mark.parametrize("name", [sealing.ID, sealing.TIMESTAMP, sealing.SIGNATURE])
@pytest.mark.parametrize("value", ["", " ", "v1a,", "v1a,%%%", "v1,AAAA", "\u0661\u0662", "-1", "9" * 40, "x" * 65, "\xff"])
def test_headers_of_any_kind_are_nobodys(name: str, value: str) -> None:
    assert sealing.sender({**sealing.headers(OURS, "m-1", AT, b"x"), name: value}, b"x", AT, PINNED) == ""


@pytest.mark.parametrize("text", ["", "whpk_", "whpk_%%%%", "whsec_" + "A" * 44, "whpk_" + "A" * 40])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no public key"):
        sealing.public_of(text)


def test_both_halves_are_the_same_terms() -> None:
    mine = half(takes=[{"record": "base.movement.status", "fields": ["text", "code"]}])
    its = half(
        partner="org:port-a", own_name="port-b", partner_key=sealing.written(OURS.public_key()), address="https://a.example",
        gives=[{"record": "base.movement.status", "fields": ["code", "text"]}], takes=[{"record": MOVE, "fields": ["at", "equipment"]}],
        readers=["customs"],
    )  # fmt: skip
    ours, theirs = (terms(one, sealing.written(key.public_key())) for one, key in ((mine, OURS), (its, THEIRS)))
    assert differences(ours, theirs) == []
    more = its.model_copy(update={"takes": (Given(record=MOVE, fields=("at", "equipment", "seals")),)})
    wider = terms(more, sealing.written(OTHER.public_key()))
    assert differences(ours, wider) == ["sides.port-a.gives", "sides.port-b.key"]


def test_an_agreement_lasts_from_its_first_moment_to_its_end() -> None:
    agreement = half(until=AT + timedelta(days=1))
    moments = (timedelta(microseconds=-1), timedelta(0), timedelta(hours=23), timedelta(days=1))
    assert [lasts(agreement, AT + one) for one in moments] == [False, True, True, False]


def test_only_agreed_fields_that_the_giver_sees_go_out() -> None:
    cls = record_type(MOVE)
    values = {"equipment": "container:MSKU9070323", "at": "2026-11-22T03:20:00Z", "seals": ["S1"], "gross_kg": 21000.0, "carrier": "c"}
    agreed = Given(record=MOVE, fields=("equipment", "seals", "gross_kg", "place"))
    assert sharing.stripped(agreed, cls, values, frozenset({"equipment", "gross_kg", "carrier"})) == {
        "equipment": "container:MSKU9070323", "gross_kg": 21000.0,
    }  # fmt: skip
    named = sharing.stripped(agreed, cls, {**values, "seals": ["person:T_ABC"]}, frozenset(cls.fields))
    assert set(named) == {"equipment", "gross_kg"}, "a person's token is one port's own"
    assert sharing.beyond(agreed, {"equipment": "x", "carrier": "c", "vessel": "v"}) == ["carrier", "vessel"]


def test_no_field_of_a_person_or_above_level_2_can_be_agreed() -> None:
    for cls in sharing.givable().values():
        fields = sharing.givable_fields(cls)
        assert all(cls.fields[name].level < 3 and cls.fields[name].reference != "person" for name in fields)
    assert not any(name.startswith("cooperation.link.") or "person_aboard" in name for name in sharing.givable())


@pytest.mark.parametrize(
    ("where", "fits"),
    [([], True), ([("equipment", "msku 907032-3")], True), ([("activity", "load")], False),
     ([("activity", "discharge"), ("equipment", "container:HLXU2008419")], False)],
)  # fmt: skip
def test_a_filter_narrows_by_every_condition_in_any_spelling(where: list[tuple[str, str]], fits: bool) -> None:
    agreed = Given.model_validate({"record": MOVE, "fields": ["at"], "where": [{"name": n, "values": [v]} for n, v in where]})
    values = {"equipment": "container:MSKU9070323", "activity": "discharge"}
    assert (sharing.fitting([agreed], record_type(MOVE), values) is not None) is fits


@pytest.mark.parametrize(
    ("name", "value", "given_out"), [("importer", "trader", False), ("type_code", "IMA", True), ("type_code", "EXA", False)]
)
def test_nothing_is_narrowed_by_a_field_that_the_giver_does_not_see(name: str, value: str, given_out: bool) -> None:
    """The port office sees a declaration without its importer: what it gives of one importer would tell it whose it is."""
    where = [{"name": name, "values": [value]}]
    agreement = half(gives=[{"record": "base.declaration.declaration", "fields": ["containers"], "where": where}])
    kept: Any = SimpleNamespace(data=agreement, filed_by=4)
    values = {"importer": "trader", "type_code": "IMA", "containers": ["container:MSKU9070323"]}
    content: Any = SimpleNamespace(values=values, parties={"portoffice": [4], "customs": [5]}, state="accepted")
    port: Any = SimpleNamespace(orgs=SimpleNamespace(slug=lambda number: "portoffice"))
    row: Any = {"record": "base.declaration.declaration", "ref": "declaration:TRADER/1", "version": 1, "org": 7, "at": AT,
                "topic": "base.declaration.declaration:filed"}  # fmt: skip
    assert (giving._given(port, kept, row, content) is not None) is given_out


def test_what_it_is_about_is_found_at_any_depth() -> None:
    deep: Any = "container:msku9070323"
    for _ in range(20):
        deep = {"a": [None, 7, deep, "container:", "vessel", "no kind:1"], ":": [[], {}]}
    assert sharing.about({"x": deep, "y": ["declaration:TRADER/1", "vessel:imo:9321483", "container:MSKU9070323"]}) == [
        "container:MSKU9070323", "vessel:imo:9321483",
    ]  # fmt: skip
    assert len(sharing.about({"boxes": [f"bill:B{n}" for n in range(1000)]})) == sharing.MOST_ABOUT


@pytest.mark.parametrize(
    ("more", "rule", "field"),
    [
        ({"address": "ftp://b.example"}, Reachable, "address"),
        ({"partner_key": "whpk_" + "A" * 50}, Reachable, "partner_key"),
        ({"own_name": "port-b"}, Reachable, "partner"),
        ({"gives": []}, Agreed, "gives"),
        ({"until": AT}, Agreed, "until"),
        ({"partner_signature": "v1a,x"}, Agreed, "partner_signature"),
        ({"gives": [{"record": "no.such.type", "fields": ["x"]}]}, Givable, "gives.0.record"),
        ({"takes": [{"record": "cooperation.link.copy", "fields": ["content"]}]}, Givable, "takes.0.record"),
        ({"gives": [{"record": "base.portcall.port_call", "fields": ["master_name"]}]}, Givable, "gives.0.fields"),
        ({"gives": [{"record": MOVE, "fields": ["at"], "where": [{"name": "seals", "values": ["1"]}]}]}, Givable, "gives.0.where"),
    ],
)
def test_what_is_no_agreement_is_refused(more: dict[str, Any], rule: Any, field: str) -> None:
    found = Found(AT, "portoffice")
    assert all(one().judge(half(), found) is None for one in (Reachable, Agreed, Givable))
    unmet = rule().judge(half(**more), found)
    assert unmet is not None
    assert unmet.field == field
