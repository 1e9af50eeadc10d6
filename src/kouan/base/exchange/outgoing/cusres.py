"""An agency's answer as CUSRES D.95B, for the carrier or declarant whose system filed in EDIFACT."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from kouan.base.exchange.codecs.edifact import values
from kouan.base.exchange.codecs.edifact.charsets import narrowest
from kouan.base.exchange.codecs.edifact.model import Segment, interchange, message
from kouan.base.exchange.codecs.edifact.writer import write as write_edifact
from kouan.base.exchange.formats.edifact.replies import INDICATORS
from kouan.base.exchange.outgoing.fact import Fact
from kouan.base.receipt.api import Response

RESPONSE, ERROR = "962", "963"
"""Document name (DE 1001): response of customs to a document, and response to one in error."""
_INDICATED: Mapping[str, str] = {code: number for number, code in reversed(list(INDICATORS.items()))}
_TYPED: Mapping[str, str] = {"received": "AB"}
"""DE 4343 where no processing indicator (7365) says it."""
KIND = ("CUSRES", "D", "95B", "UN")


def write(fact: Fact) -> bytes:
    """One answer. Raises ValueError for an answer that CUSRES has no code for, CodecError for text that cannot be sent."""
    said = Response.model_validate(dict(fact.data))
    if said.code not in _INDICATED and said.code not in _TYPED:
        raise ValueError(f"CUSRES has no code for {said.code}")
    segments = tuple(_segments(said))
    reference = "".join(char for char in fact.event if char.isalnum())[-14:].upper()
    ends = Segment("UNB", ((fact.sender[:35].upper(),), (fact.receiver[:35].upper(),), (reference,)))
    charset, version = narrowest((*segments, ends))
    at = fact.at.astimezone(UTC)
    day = at.strftime("%Y%m%d" if version == "4" else "%y%m%d")
    whole = interchange(
        (charset, version), (fact.sender[:35].upper(),), (fact.receiver[:35].upper(),), (day, at.strftime("%H%M")), reference,
        (message(reference, KIND, segments),),
    )  # fmt: skip
    return write_edifact(whole)


def _segments(said: Response) -> Iterator[Segment]:
    name = ERROR if said.code == "rejected" else RESPONSE
    kind = _TYPED.get(said.code, "")
    begin = ((name,), (said.reference[:35],), ("",), (kind,)) if kind else ((name,), (said.reference[:35],))
    yield Segment("BGM", begin)
    yield Segment("DTM", (("137", *_moment(said.at)),))
    if said.code in _INDICATED:
        yield Segment("GIS", ((_INDICATED[said.code],),))
    reason = said.reason_en or said.reason_zh
    if reason:
        yield Segment("FTX", (("AAO",), ("",), ("",), tuple(values.cut(reason)[:5])))
    yield Segment("RFF", (("ABE", said.about.rpartition("/")[2][:70]),))
    if said.number:
        yield Segment("RFF", (("ABT", said.number),))


def _moment(at: datetime) -> tuple[str, str]:
    text, form = values.written(at)
    return text, form
