"""Responses of our own: written, read back equal, with and without namespaces; slips told, the useless refused."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.codecs.wco import responses
from kouan.base.exchange.codecs.wco.model import Amount, Change, Duty, Statement
from kouan.base.exchange.codecs.wco.responses import NOTICES, Debt, Fault, Response, State

AT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=17)
AMOUNT = st.builds(Amount, st.decimals(0, 10**9, places=2), st.sampled_from(["CNY", "USD", ""]))
POINTERS = st.lists(st.tuples(st.integers(1, 99999), st.just("42A"), st.sampled_from(["", "166"])), max_size=3).map(tuple)
RESPONSES = st.builds(
    Response, function=st.sampled_from(sorted(NOTICES)), reference=TEXT, issued=st.just(AT), answered=TEXT, id=TEXT,
    version=st.integers(1, 999), accepted=st.sampled_from([None, AT]), rejected=st.sampled_from([None, AT]),
    errors=st.lists(st.builds(Fault, st.just("DEC-HS"), TEXT, POINTERS), max_size=2).map(tuple),
    states=st.lists(st.builds(State, st.just("67"), st.sampled_from([None, AT])), max_size=2).map(tuple),
    statements=st.lists(st.builds(Statement, TEXT, TEXT, st.just("AES")), max_size=2).map(tuple),
    changes=st.lists(st.builds(Change, st.just("28"), POINTERS), max_size=2).map(tuple),
    debts=st.lists(st.builds(Debt, TEXT, AMOUNT, AMOUNT, st.just(AT)), max_size=2).map(tuple),
    duties=st.lists(
        st.tuples(st.integers(1, 9), st.just((Duty("A00", "100", rate=Decimal("2.5"), payable=Amount(Decimal(3), "CNY")),))),
        max_size=2,
    ).map(tuple),
)  # fmt: skip


@given(RESPONSES)
def test_what_is_written_is_read_back_equal_with_and_without_namespaces(response: Response):
    body = responses.write([response])
    assert responses.read(body) == (response,)
    bare = re.sub(rb'<(/?)(?:md|res|ds):|( xmlns:\w+="[^"]*")', rb"<\1", body)
    bare = re.sub(rb'(<MetaData)<+', rb"\1", bare).replace(b"<MetaData<", b"<MetaData")
    assert responses.read(bare) == (response,)


def test_several_responses_in_one_message():
    two = [Response("01", "R1", AT, "D1", "ID1", 1), Response("09", "R2", AT, "D1", "ID1", 1)]
    assert list(responses.read(responses.write(two))) == two


def test_a_slip_is_told_and_loses_nothing():
    body = responses.write([Response("01", "R1", AT, "D1", "ID1", 1)]).replace(b' formatCode="304"', b"")
    reading = responses.read_all(body)
    assert [p.code for p in reading.slips] == ["wco.attribute.missing"]
    assert reading.responses[0].answered == "D1"
    with pytest.raises(CodecError):
        responses.read(body)


@pytest.mark.parametrize("gone", [b"<res:FunctionCode>01</res:FunctionCode>", b"<res:FunctionalReferenceID>D1</res:FunctionalReferenceID>"])
def test_without_function_or_declaration_nothing_can_be_made_of_it(gone: bytes):
    body = responses.write([Response("01", "R1", AT, "D1", "", 1)])
    assert gone in body
    with pytest.raises(CodecError) as refusal:
        responses.read_all(body.replace(gone, b""))
    assert refusal.value.problems[0].code == "wco.response.useless"


@given(st.binary(max_size=200))
def test_anything_else_is_refused_with_reasons(body: bytes):
    with pytest.raises(CodecError) as refusal:
        responses.read_all(body)
    assert refusal.value.problems[0].reason.zh


@given(st.data())
def test_damaged_messages_never_stumble(data: st.DataObject):
    body = bytearray(responses.write([Response("13", "R1", AT, "D1", "ID1", 1, debts=(Debt("P", Amount(Decimal(1), "CNY")),))]))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=6))
    with suppress(CodecError):
        assert responses.read_all(bytes(body)).responses


def test_what_is_payable_is_summed_in_one_currency():
    def duty(value: int, currency: str) -> Duty:
        return Duty("A00", payable=Amount(Decimal(value), currency))

    both = Response("13", duties=((1, (duty(20, "CNY"), duty(4, "CNY"))), (2, (duty(6, "CNY"),))))
    assert both.payable == Amount(Decimal(30), "CNY")
    assert Response("13", duties=((1, (duty(1, "CNY"), duty(1, "USD"))),)).payable is None
    assert Response("13", debts=(Debt(payable=Amount(Decimal(9), "CNY")),)).payable == Amount(Decimal(9), "CNY")
