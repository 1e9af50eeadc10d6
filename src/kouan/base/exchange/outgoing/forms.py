"""Which record can go as which message, and writing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.formats.imo_fal.mapping import CALL
from kouan.base.exchange.outgoing import cuscar, cusres, fal, moves, orders, plans, wco, xml
from kouan.base.exchange.outgoing.fact import Fact
from kouan.kernel.text import Text

ANY = "*"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BELOW: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("edifact", "base.manifest.manifest"): (cuscar.CONSIGNMENT,), ("fal", CALL): fal.BESIDE, ("fal-xlsx", CALL): fal.BESIDE,
}
"""By form and record, the records that go within its message: a manifest's consignments, persons and lists of a call."""
FORMS: Mapping[str, Text] = {
    "json": Text("JSON", "JSON"),
    "xml": Text("通用 XML", "Plain XML"),
    "wco": Text("WCO 报关单 XML", "WCO declaration XML"),
    "edifact": Text(
        "EDIFACT 报文（CUSCAR、CUSREP、COARRI、CODECO、COPARN、COPRAR、BAPLIE、IFTSTA、CUSRES）",
        "EDIFACT (CUSCAR, CUSREP, COARRI, CODECO, COPARN, COPRAR, BAPLIE, IFTSTA, CUSRES)",
    ),
    "fal": Text("IMO FAL 数据集（JSON）", "IMO FAL data sets (JSON)"),
    "fal-xlsx": Text("IMO FAL 工作簿（XLSX）", "IMO FAL workbook (XLSX)"),
}
"""The standards in which records go out."""


class Unwritable(Exception):
    """What the reader may see of the record does not make a message of that standard."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message with its media type; `suffix` names a file of it."""

    media: str
    suffix: str
    body: bytes


_WRITERS: Mapping[tuple[str, str], tuple[str, str, Callable[[Fact], bytes]]] = {
    ("xml", ANY): ("application/xml", "xml", xml.write),
    ("wco", "base.declaration.declaration"): ("application/xml", "xml", wco.write),
    ("edifact", "base.manifest.manifest"): ("application/edifact", "edi", cuscar.write),
    ("edifact", "base.manifest.consignment"): ("application/edifact", "edi", cuscar.write_one),
    ("edifact", "base.movement.move"): ("application/edifact", "edi", moves.write),
    ("edifact", "base.movement.handling_order"): ("application/edifact", "edi", orders.write),
    ("edifact", "base.movement.stowage"): ("application/edifact", "edi", plans.plan),
    ("edifact", "base.movement.status"): ("application/edifact", "edi", plans.status),
    ("edifact", "base.portcall.port_call"): ("application/edifact", "edi", plans.call),
    ("edifact", "base.receipt.response"): ("application/edifact", "edi", cusres.write),
    **{("fal", record): ("application/json", "json", fal.write) for record in (CALL, *fal.ALONE)},
    **{("fal-xlsx", record): (XLSX, "xlsx", fal.workbook) for record in (CALL, *fal.ALONE)},
    ("json", ANY): ("application/json", "json", lambda fact: orjson.dumps(dict(fact.data), default=str, option=orjson.OPT_INDENT_2)),
}


def forms_of(record: str) -> tuple[str, ...]:
    """The standards in which a record type can go out."""
    return tuple(form for form in FORMS if (form, record) in _WRITERS or (form, ANY) in _WRITERS)


def written(form: str, fact: Fact) -> Message:
    """The record as a message. Raises Unwritable when its visible part does not fill the standard; KeyError when the
    record type has no such form."""
    found = _WRITERS.get((form, fact.record)) or _WRITERS[(form, ANY)]
    media, suffix, write = found
    try:
        return Message(media, suffix, write(fact))
    except (CodecError, KeyError, ValueError) as trouble:
        raise Unwritable(f"{form}: {trouble}"[:300]) from trouble
