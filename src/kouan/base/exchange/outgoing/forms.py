"""Which record can go as which message, and writing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.outgoing import cuscar, fal, moves, wco, xml
from kouan.base.exchange.outgoing.fact import Fact
from kouan.kernel.text import Text

ANY = "*"
FORMS: Mapping[str, Text] = {
    "json": Text("JSON", "JSON"),
    "xml": Text("通用 XML", "Plain XML"),
    "wco": Text("WCO 报关单 XML", "WCO declaration XML"),
    "edifact": Text("EDIFACT 报文(CUSCAR、COARRI、CODECO)", "EDIFACT (CUSCAR, COARRI, CODECO)"),
    "fal": Text("IMO FAL 数据集 JSON", "IMO FAL data set as JSON"),
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
    ("fal", "base.portcall.port_call"): ("application/json", "json", fal.write),
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
