"""The eight facets of the enterprise domain (企业业务域; HS/T 82 7.2.4 a) 1)), each over the records that tell of a firm.

A source says by which SQL a row of its record type is the firm's, what the row counts and in which unit. In it `g` is what is
asked: `g.code`, `g.ref` (`enterprise:…`), `g.org` (number of the firm's organisation, -1 without), `g.names` (its spellings);
`r` is the row. A firm is known by its code or its organisation, never by a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kouan.base.declaration.api import Declaration
from kouan.base.enterprise.api import Enterprise, Production
from kouan.base.manifest.api import Consignment
from kouan.base.movement.api import HandlingOrder, Move
from kouan.base.trade.api import Invoice, Payment, Policy, PurchaseOrder
from kouan.base.transport.api import DeliveryOrder, Document, Interchange, PackingList
from kouan.kernel.records import Record
from kouan.kernel.text import Text

FACETS: Mapping[str, Text] = {
    "basic": Text("基本信息", "Basic"), "credit": Text("资信信息", "Credit"), "declaration": Text("通关申报单证", "Declarations"),
    "logistics": Text("出入境物流", "Logistics"), "trade": Text("贸易", "Trade"), "finance": Text("金融", "Finance"),
    "production": Text("生产经营", "Production and business"), "operation": Text("运行作业", "Operations"),
}  # fmt: skip
UNITS: Mapping[str, Text] = {"kg": Text("千克", "kg"), "findings": Text("项违法违规", "findings")}


@dataclass(frozen=True, slots=True)
class Amount:
    """What a row counts: SQL of the value and its unit, and the fields that they read."""

    value: str = "null"
    unit: str = "''"
    uses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """One record type that tells of firms. `match`: SQL whether a row is the firm's; `uses`: the fields that it reads."""

    code: str
    facet: str
    record: type[Record]
    match: str
    uses: frozenset[str] = frozenset()
    amount: Amount = Amount()


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


def _number(field: str) -> str:
    return f"nullif(r.doc->>'{field}', '')::numeric"


def _is(field: str) -> str:
    return f"r.doc->>'{field}' = any(g.names)"


MASS = Amount(_number("gross_kg"), "'kg'", _of("gross_kg"))
MONEY = Amount(_number("amount"), "coalesce(r.doc->>'currency', '')", _of("amount", "currency"))
INVOICED = Amount(_number("invoice_amount"), "coalesce(r.doc->>'invoice_currency', '')", _of("invoice_amount", "invoice_currency"))
OUTPUT = Amount(_number("output_cny"), "'CNY'", _of("output_cny"))
FINDINGS = Amount("jsonb_array_length(coalesce(r.doc->'violations', '[]'))", "'findings'", _of("violations"))


def _named(code: str, facet: str, record: type[Record], amount: Amount) -> Source:
    """Records that name their firm."""
    return Source(code, facet, record, "r.f_firm = g.ref", _of("firm"), amount)


SOURCES: Mapping[str, Source] = {
    one.code: one
    for one in (
        Source("enterprise", "basic", Enterprise, "r.f_code = g.code", _of("code")),
        Source("credit", "credit", Enterprise, "r.f_code = g.code", _of("code"), FINDINGS),
        Source(
            "declaration", "declaration", Declaration,
            f"(r.org = g.org or r.f_declarant = any(g.names) or r.f_importer = any(g.names) or {_is('exporter')} or {_is('agent')})",
            _of("declarant", "importer", "exporter", "agent"), INVOICED,
        ),
        Source(
            "document", "logistics", Document,
            f"(r.org = g.org or r.f_consignee_code = any(g.names) or {_is('shipper_code')} or r.f_holder = any(g.names))",
            _of("consignee_code", "shipper_code", "holder"), MASS,
        ),
        Source(
            "consignment", "logistics", Consignment,
            "(r.org = g.org or r.f_consignee_code = any(g.names)) and r.doc->>'status' is distinct from 'withdrawn'",
            _of("consignee_code", "status"), MASS,
        ),
        Source("packing_list", "logistics", PackingList, f"(r.org = g.org or {_is('consignee_code')})", _of("consignee_code"), MASS),
        Source("delivery_order", "logistics", DeliveryOrder, "(r.org = g.org or r.f_holder = any(g.names))", _of("holder")),
        _named("order", "trade", PurchaseOrder, MONEY),
        _named("invoice", "trade", Invoice, MONEY),
        _named("payment", "finance", Payment, MONEY),
        _named("policy", "finance", Policy, MONEY),
        _named("production", "production", Production, OUTPUT),
        Source("move", "operation", Move, "r.org = g.org", amount=MASS),
        Source("handling_order", "operation", HandlingOrder, "r.org = g.org"),
        Source(
            "interchange", "operation", Interchange, f"(r.org = g.org or r.f_taken_by = any(g.names) or {_is('given_by')})",
            _of("taken_by", "given_by"),
        ),
    )
}  # fmt: skip
"""By what the API calls them."""
