"""Declarations on their way out as WCO messages: whatever intake reads of a declaration it reads again of what is written of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.declaration.api import Declaration
from kouan.base.exchange.codecs import wco
from kouan.base.exchange.formats.wco_dec.amending import DeclarationChange, laid_over
from kouan.base.exchange.formats.wco_dec.format import WcoDeclaration
from kouan.base.exchange.formats.wco_dec.mapping import data_of
from kouan.base.exchange.outgoing import Fact, Unwritable, written

NAME = "base.declaration.declaration"
AT = datetime(2026, 11, 22, 3, 4, tzinfo=UTC)


def line(most: int) -> st.SearchStrategy[str]:
    return st.text("ABab019 &<'/:.-钢?", min_size=1, max_size=most).map(str.strip).filter(bool)


def made(cls: Any, *values: st.SearchStrategy[Any], **named: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A part of a declaration out of what is named; all else stays unstated."""
    return st.fixed_dictionaries({**dict(zip(cls._fields, values, strict=False)), **named}).map(lambda found: cls(**found))


def maybe(found: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), found)


IDS = st.text("ABCab0129/-", min_size=1, max_size=12)
COUNTS = st.integers(0, 99_999)
MASSES = st.none() | st.decimals(0, 9_999_999, places=6) | st.integers(0, 99_999).map(Decimal)
AMOUNTS = st.none() | made(wco.Amount, st.decimals(0, 9_999_999, places=3), maybe(st.sampled_from(["USD", "CNY"])))
PARTIES = st.none() | made(wco.Party, maybe(IDS), maybe(line(70)))
DOCUMENTS = st.lists(
    made(
        wco.Document, maybe(IDS), st.sampled_from(["", "705", "703", "380", "7", "Y", "851", "1", "11"]),
        st.sampled_from(["", "N", "C", "X"]), written_off=st.none() | st.decimals(0, 9_999, places=6),
        unit=st.sampled_from(["", "KGM", "NAR"]),
    ), max_size=4,
).map(tuple)  # fmt: skip
"""Bills, invoices and permits, with and without number; a unit counts only where a quantity is written off."""
PREVIOUS = DOCUMENTS.map(lambda found: tuple(one._replace(written_off=None, unit="") for one in found))
ITEMS = made(
    wco.Item, sequence=COUNTS, description=maybe(line(512)), gross_kg=MASSES, net_kg=MASSES,
    classifications=st.lists(
        made(wco.Classification, st.text("0123456789", min_size=2, max_size=18) | IDS, st.sampled_from(["TSP", "TRC", ""])), max_size=3
    ).map(tuple),
    origins=st.lists(made(wco.Origin, st.sampled_from(["KR", "DE", ""]), st.sampled_from(["", "1", "2"])), max_size=2).map(tuple),
    invoice=AMOUNTS, customs_value=AMOUNTS, statistical_value=AMOUNTS,
    packages=st.lists(made(wco.Package, COUNTS, st.none() | COUNTS, st.sampled_from(["CT", "PK", ""])), max_size=2).map(tuple),
    procedures=st.lists(
        made(wco.Procedure, st.sampled_from(["40", "4000", "1234567", ""]), st.sampled_from(["00", "7654321", ""])), max_size=2
    ).map(tuple),
    documents=DOCUMENTS, previous_documents=PREVIOUS,
    containers=st.lists(st.sampled_from(["MSKU9070323", "msku 907032-3", "CSQU3054383"]), max_size=2).map(tuple),
    destination=maybe(st.sampled_from(["DE", "CN"])),
)  # fmt: skip
TRANSPORTS = st.none() | made(
    wco.Transport, st.sampled_from(["", "9321483", "IMO9321483", "SIM STAR"]), st.sampled_from(["", "10", "11"]),
    mode=maybe(st.sampled_from("134")),
)
MOMENTS = st.none() | st.integers(946_684_800, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
DECLARATIONS = made(
    wco.GoodsDeclaration, function_code=st.just("9"), functional_reference=line(35), type_code=maybe(st.sampled_from(["IMA", "EXA"])),
    declaration_office=maybe(IDS), presentation_office=maybe(IDS), accepted=MOMENTS, issued=MOMENTS, declarant=PARTIES, importer=PARTIES,
    exporter=PARTIES, consignor=PARTIES, agent=PARTIES, border_transport=TRANSPORTS, arrival_transport=TRANSPORTS,
    containers=st.lists(made(wco.Container, COUNTS, st.sampled_from(["MSKU9070323", "MSKU 9070323", ""])), max_size=2).map(tuple),
    documents=PREVIOUS, previous_documents=PREVIOUS, items=st.lists(ITEMS, max_size=3, unique_by=lambda item: item.sequence).map(tuple),
    invoice=AMOUNTS, total_packages=st.none() | COUNTS, total_gross_kg=MASSES,
    goods_location=st.none() | made(wco.Location, maybe(line(80)), maybe(IDS)),
    destination=maybe(st.sampled_from(["DE", "XS"])),
)  # fmt: skip


def kept(found: wco.GoodsDeclaration) -> Declaration:
    """The record that intake makes of a declaration."""
    return Declaration.model_validate({"function_code": "9", **data_of(found)})


def fact(data: dict[str, Any], what: str, reason: str = "") -> Fact:
    return Fact(NAME, "declaration:trader/1", 1, data, "CNWHH", "customs", "01a20204-80ef-7cce-8153-d3e37e78fc1f", AT, {}, what, reason)


def message(record: Declaration, what: str = "filed", reason: str = "") -> bytes:
    return written("wco", fact(record.model_dump(mode="json", exclude_none=True), what, reason)).body


@settings(max_examples=80, deadline=None)
@given(DECLARATIONS)
def test_what_is_read_of_what_we_wrote_is_the_record(declared: wco.GoodsDeclaration) -> None:
    record = kept(declared)
    assert kept(wco.read(message(record))) == record


def test_a_document_is_no_permit_by_what_its_kind_could_be_parted_into() -> None:
    item = {"sequence": 1, "documents": ["11:0", "7:0"], "permits": [{"permit": "7/0"}]}
    record = Declaration.model_validate({"functional_reference": "WHS-1", "function_code": "9", "items": [item]})
    assert kept(wco.read(message(record))) == record


@settings(max_examples=20, deadline=None)
@given(DECLARATIONS, DECLARATIONS)
def test_an_amendment_says_that_it_is_one_and_puts_the_record_in_the_place_of_what_was(
    before: wco.GoodsDeclaration, after: wco.GoodsDeclaration
) -> None:
    old, new = kept(before), kept(after._replace(functional_reference=before.functional_reference, items=after.items or before.items))
    (change,) = WcoDeclaration().read(message(new, "amend"), record="", office="").parts
    if not new.items:
        return
    assert isinstance(change, DeclarationChange)
    assert (change.cancel, change.whole, change.reference) == (False, True, old.functional_reference)
    found = Declaration.model_validate(laid_over(old.model_dump(mode="json", exclude_none=True), change))
    stated = new.model_dump(exclude={"function_code", "type_code", "office", "accepted_at"})
    assert found.model_dump(exclude={"function_code", "type_code", "office", "accepted_at"}) == stated


def test_a_cancellation_says_so_with_its_reason() -> None:
    record = kept(wco.GoodsDeclaration("9", "WHS-1", type_code="IMA", items=(wco.Item(1, "Kettles"),)))
    body = message(record, "cancel", "declared twice")
    assert wco.read(body).function_code == "14"
    (change,) = WcoDeclaration().read(body, record="", office="").parts
    assert isinstance(change, DeclarationChange)
    assert (change.cancel, change.reference, change.reason) == (True, "WHS-1", "declared twice")
    assert wco.read(message(record, "")).function_code == "9", "written out as it stands it keeps its own"


@pytest.mark.parametrize("wrong", [{"declarant": "N" * 80}, {"items": [{"sequence": 1, "description": "two\nlines"}]}])
def test_what_does_not_fit_the_model_is_not_cut_to_fit(wrong: dict[str, Any]) -> None:
    record = Declaration.model_validate({"functional_reference": "WHS-1", "function_code": "9", **wrong})
    with pytest.raises(Unwritable):
        message(record)
