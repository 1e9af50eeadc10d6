"""WCO declarations: what is read, what is refused and where, and that nothing hostile gets in."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs import wco
from kouan.base.exchange.codecs.problem import CodecError, Problem
from kouan.kernel.formats import MOST_BYTES

SPACE = "urn:wco:datamodel:WCO:DEC-DMS:2"
F9 = "<FunctionCode>9</FunctionCode>"
DATES = "urn:wco:datamodel:WCO:Declaration_DS:DMS:2"


def bare(inner: str) -> bytes:
    """A declaration alone, without its wrapper."""
    return f'<Declaration xmlns="{SPACE}" xmlns:d="{DATES}">{inner}</Declaration>'.encode()


def problems(body: bytes) -> tuple[Problem, ...]:
    """What a body is refused for."""
    with pytest.raises(CodecError) as refusal:
        wco.read(body)
    return refusal.value.problems


def test_the_sample_reads_in_full(sample: Callable[[str], bytes]):
    found = wco.read(sample("wco-dec-wanghai-2.xml"))
    assert (found.function_code, found.functional_reference, found.type_code) == ("9", "WHS-DEC-0002", "IMA")
    assert (found.office, found.bills, found.container_ids) == ("9901", ("WHLB26110003",), ("WHHU2040031",))
    assert found.issued == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    assert found.importer is not None
    assert found.importer.id == "9901969999"
    assert found.invoice == wco.Amount(Decimal(1150), "USD")
    (item,) = found.items
    assert (item.commodity, item.origin, item.un_numbers) == ("3604100000", "KR", ("0336",))
    assert (item.value, item.gross_kg, item.quantity) == (wco.Amount(Decimal(1150), "USD"), Decimal(6240), 480)
    assert found.border_transport is not None
    assert (found.border_transport.id, found.border_transport.mode) == ("9321483", "1")


@pytest.mark.parametrize("name", ["wco-dec-wanghai-1.xml", "wco-dec-wanghai-2.xml"])
def test_written_is_read_back_equal(sample: Callable[[str], bytes], name: str):
    found = wco.read(sample(name))
    assert wco.read(wco.write(found)) == found


def test_prefixes_and_wrapper_do_not_matter(sample: Callable[[str], bytes]):
    body = sample("wco-dec-wanghai-1.xml").decode()
    found = wco.read(body.encode())
    renamed = body.replace("dec:", "anything:").replace("xmlns:dec", "xmlns:anything")
    assert wco.read(renamed.encode()) == found
    inner = body[body.index("<dec:Declaration") : body.index("</md:MetaData")]
    assert wco.read(inner.replace("<dec:Declaration", f'<dec:Declaration xmlns:ds="{DATES}"', 1).encode()) == found
    assert wco.read(body.replace("UTF-8", "GB18030").encode("gb18030")) == found
    assert wco.read(body.replace("encoding='UTF-8'", "encoding='UTF-16'").encode("utf-16")) == found


NATIONALITY = "RegistrationNationalityCode"
ISSUED = f"{F9}<IssueDateTime><d:DateTimeString%s>%s</d:DateTimeString></IssueDateTime>"
WRONG = [
    ("", "missing", ""),
    ("<FunctionCode>8</FunctionCode>", "values", "/FunctionCode"),
    (f"{F9}<Nonsense/>", "unknown", "/Nonsense"),
    (f"<ID>1</ID>{F9}", "order", "/FunctionCode"),
    (f"{F9}<ID>1</ID><ID>2</ID>", "repeated", "/ID[2]"),
    (f"{F9}<ID>{'A' * 71}</ID>", "length", "/ID"),
    (f"{F9}<ID> </ID>", "blank", "/ID"),
    (f"{F9}<ID>a\nb</ID>", "lines", "/ID"),
    (f"{F9}<ID>a<b/></ID>", "children", "/ID"),
    (f"{F9}text", "mixed", ""),
    (f"{F9}<InvoiceAmount currencyID='usd'>1</InvoiceAmount>", "attribute.value", "/InvoiceAmount"),
    (f"{F9}<InvoiceAmount unit='x'>1</InvoiceAmount>", "attribute", "/InvoiceAmount"),
    (f"{F9}<InvoiceAmount>1,5</InvoiceAmount>", "number", "/InvoiceAmount"),
    (f"{F9}<InvoiceAmount>1.2345</InvoiceAmount>", "fraction", "/InvoiceAmount"),
    (f"{F9}<InvoiceAmount>{'9' * 17}</InvoiceAmount>", "total", "/InvoiceAmount"),
    (f"{F9}<Amendment/><Amendment><X/></Amendment>", "unknown", "/Amendment[2]/X"),
    (
        f"{F9}<CurrencyExchange><CurrencyTypeCode>US1</CurrencyTypeCode></CurrencyExchange>",
        "letters", "/CurrencyExchange/CurrencyTypeCode",
    ),
    (
        f"{F9}<BorderTransportMeans><{NATIONALITY}>C</{NATIONALITY}></BorderTransportMeans>",
        "exact", f"/BorderTransportMeans/{NATIONALITY}",
    ),
    (f"{F9}<ID xmlns='urn:wco:datamodel:WCO:DEC:3'>1</ID>", "namespace", "/ID"),
    (ISSUED % (" formatCode='102' xmlns:d='urn:other'", "20260101"), "namespace", "/IssueDateTime/DateTimeString"),
    (ISSUED % ("", "20260101"), "attribute.missing", "/IssueDateTime/DateTimeString"),
    (ISSUED % (" formatCode='102'", "20260231"), "date", "/IssueDateTime/DateTimeString"),
    (ISSUED % (" formatCode='102'", "2026-02-01"), "date", "/IssueDateTime/DateTimeString"),
]  # fmt: skip


@pytest.mark.parametrize(("inner", "code", "path"), WRONG)
def test_what_is_wrong_is_told_with_its_place(inner: str, code: str, path: str):
    (problem,) = problems(bare(inner))
    assert problem.code == f"wco.{code}"
    assert problem.position.split(", ")[1] == f"/Declaration{path}"
    assert problem.reason.zh
    assert problem.reason.en


def test_lines_are_those_of_the_body():
    body = bare("\n<FunctionCode>9</FunctionCode>\n\n<Nonsense/>\n<ID> </ID>")
    assert [p.position for p in problems(body)] == ["line 4, /Declaration/Nonsense", "line 5, /Declaration/ID"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "wco.empty"), (b" \n", "wco.empty"), (b"<a", "wco.xml"), (b"hello", "wco.xml"), (b"\x00\x01", "wco.xml"),
        (b"<a/>", "wco.root"), (b"<Declaration/>", "wco.root"), (b"<MetaData><Response/></MetaData>", "wco.response"),
        (b"<Response/>", "wco.response"), (b"<!DOCTYPE a><a/>", "wco.doctype"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "wco.xml"), (b"<a>" * 300 + b"</a>" * 300, "wco.xml"),
    ],
)  # fmt: skip
def test_other_bodies_are_refused(body: bytes, code: str):
    assert problems(body)[0].code == code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_never_expanded(tmp_path: Path, encoding: str):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    for declared in (f'<!ENTITY a0 "x">{laughs}', f'<!ENTITY a9 SYSTEM "{secret.as_uri()}">'):
        body = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE d [{declared}]>'
        body += bare("<FunctionCode>9</FunctionCode><ID>&a9;</ID>").decode()
        assert {p.code for p in problems(body.encode(encoding))} <= {"wco.doctype", "wco.xml"}


def test_too_large_a_body_is_refused():
    assert problems(bare(f"<ID>{'A' * (MOST_BYTES + 1)}</ID>"))[0].code == "wco.size"


def test_at_most_a_hundred_problems_are_told_soon():
    begun = time.process_time()
    found = problems(bare("<FunctionCode>9</FunctionCode>" + "<Nonsense/>" * 200_000))
    assert len(found) == 100
    assert time.process_time() - begun < 20


def test_mass_units_become_kilograms():
    body = bare(
        "<FunctionCode>9</FunctionCode><TotalGrossMassMeasure unitCode='TNE'>1.5</TotalGrossMassMeasure>"
        "<PresentationOffice><ID>GBLON</ID></PresentationOffice>"
    )
    found = wco.read(body)
    assert (found.total_gross_kg, found.office) == (Decimal(1500), "GBLON")


def test_what_does_not_fit_the_model_is_not_written():
    with pytest.raises(CodecError):
        wco.write(wco.GoodsDeclaration("9", functional_reference="A" * 36))
    with pytest.raises(CodecError):
        wco.write(wco.GoodsDeclaration("9", functional_reference="\x00"))


def build(kind: type, *values: st.SearchStrategy, **more: st.SearchStrategy) -> st.SearchStrategy:
    """Instances with these fields alone; hypothesis would fill every other field of a named tuple, defaults or not."""

    def made(*given: Any, **named: Any) -> Any:
        return kind(*given, **named)

    return st.builds(made, *values, **more)



TEXT = st.text(st.characters(categories=["L", "N"], max_codepoint=0xFFFF), min_size=1, max_size=17)
MAYBE = st.one_of(st.just(""), TEXT)
AMOUNT = st.one_of(st.none(), build(
    wco.Amount, st.decimals(0, 10**12, places=2, allow_nan=False), st.sampled_from(["", "USD", "CNY"])
))  # fmt: skip
KG = st.one_of(st.none(), st.decimals(0, 10**9, places=3, allow_nan=False))
COUNTRY = st.sampled_from(["", "CN", "KR"])
ADDRESS = st.one_of(st.none(), build(wco.Address, MAYBE, MAYBE, st.just("266000"), COUNTRY))
PARTY = st.one_of(st.none(), build(wco.Party, MAYBE, TEXT, ADDRESS))
DOCUMENT = build(wco.Document, TEXT, st.sampled_from(["705", "380"]), st.sampled_from(["Z", "N", ""]))
ITEMS = build(
    wco.Item, st.integers(1, 999), MAYBE, st.lists(build(wco.Classification, TEXT), max_size=2).map(tuple),
    st.lists(st.from_regex("[0-9]{4}", fullmatch=True), max_size=2).map(tuple), gross_kg=KG, net_kg=KG, invoice=AMOUNT,
    packages=st.lists(build(wco.Package, st.integers(1, 99), st.integers(0, 10**7)), max_size=2).map(tuple),
    documents=st.lists(DOCUMENT, max_size=2).map(tuple), containers=st.lists(TEXT, max_size=2).map(tuple),
    consignee=PARTY,
)  # fmt: skip
DECLARATIONS = build(
    wco.GoodsDeclaration, st.sampled_from(["9", "13", "14"]), MAYBE, MAYBE, st.sampled_from(["", "IMA"]),
    issued=st.one_of(st.none(), st.integers(0, 99 * 365 * 86_400).map(
        lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    )),
    declaration_office=MAYBE, declarant=PARTY, importer=PARTY, exporter=PARTY,
    items=st.lists(ITEMS, max_size=3).map(tuple),
    previous_documents=st.lists(DOCUMENT, max_size=2).map(tuple), invoice=AMOUNT, total_gross_kg=KG,
    containers=st.lists(build(wco.Container, st.integers(1, 99), TEXT), max_size=2).map(tuple),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(DECLARATIONS)
def test_any_declaration_is_read_back_equal(declaration: wco.GoodsDeclaration):
    assert wco.read(wco.write(declaration)) == declaration


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=300))
def test_any_bytes(refused: Callable[..., Any], body: bytes):
    for whole in (body, b"<?xml version='1.0'?>" + body, bare("").replace(b"><", b">" + body + b"<")):
        assert refused(partial(wco.read, whole))


def test_damaged_samples_finish_and_refuse_politely(sample: Callable[[str], bytes], refused: Callable[..., Any]):
    body = sample("wco-dec-wanghai-2.xml")
    chance = random.Random(20261121)
    for _ in range(600):
        damaged = bytearray(body)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        start, end = sorted(chance.sample(range(len(body)), 2))
        for changed in (bytes(damaged), body[:end], body[:start] + body[end:]):
            refused(partial(wco.read, changed))
