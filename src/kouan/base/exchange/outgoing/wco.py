"""A declaration's record as WCO DEC 3.6: what the record holds, in the places from which intake takes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from kouan.base.exchange.codecs import wco
from kouan.base.exchange.outgoing.fact import Fact, bare
from kouan.base.exchange.outgoing.wco_papers import papers

BILL = "705"
IMO, OTHER = "10", ""
REQUEST, CANCELLATION = "13", "14"
FUNCTIONS: Mapping[str, str] = {"filed": "9", "amend": REQUEST, "cancel": CANCELLATION}
"""Function code by what happened to the declaration; asked for at another moment it goes with the code that it was filed with."""
REASON = "AES"
"""Statement type (UNTDID 4451) of a declarant's reason."""
_MILLIGRAM, _PROCEDURE = Decimal("0.000001"), 7


def write(fact: Fact) -> bytes:
    """The message: the declaration as it is now, whole, whatever its function. Raises CodecError where a value does not fit
    the model."""
    data, text = fact.data, fact.text
    return wco.write(
        wco.GoodsDeclaration(
            function_code=FUNCTIONS.get(fact.what) or text("function_code"), functional_reference=text("functional_reference"),
            type_code=text("type_code"), declaration_office=text("office"), declarant=_party(text("declarant")),
            importer=_party(text("importer")), exporter=_party(text("exporter")), agent=_party(text("agent")),
            statements=(wco.Statement(text=fact.reason, type=REASON),) if fact.reason else (), border_transport=_transport(fact),
            containers=tuple(wco.Container(n, bare(ref)) for n, ref in enumerate(data.get("containers") or (), 1)),
            previous_documents=tuple(
                wco.Document(bare(ref), BILL, "X", n) for n, ref in enumerate(data.get("bills") or (), 1)
            ),
            items=tuple(_item(item, n) for n, item in enumerate(data.get("items") or (), 1)),
            invoice=_amount(data.get("invoice_amount"), text("invoice_currency")),
            total_gross_kg=_mass(data.get("gross_kg")), total_packages=data.get("packages"),
            total_items=len(data.get("items") or ()) or None, accepted=_moment(data.get("accepted_at")),
            destination=text("destination"),
            goods_location=wco.Location(name=text("goods_location")) if text("goods_location") else None,
        )
    )  # fmt: skip


def _transport(fact: Fact) -> wco.Transport | None:
    scheme, _, number = bare(fact.data.get("vessel")).lower().rpartition(":")
    mode = fact.text("transport_mode")
    if not number and not mode:
        return None
    return wco.Transport(number.upper(), IMO if scheme == "imo" and number else OTHER, mode=mode)


def _item(item: Mapping[str, Any], at: int) -> wco.Item:
    hs, origin, procedure = item.get("hs") or "", item.get("origin") or "", item.get("procedure") or ""
    packed = item.get("packages") is not None or item.get("package_type")
    documents, previous = papers(item)
    return wco.Item(
        destination=item.get("destination") or "",
        sequence=at if item.get("sequence") is None else int(item["sequence"]), description=item.get("description") or "",
        classifications=(wco.Classification(hs, "TSP"),) if hs else (), origins=(wco.Origin(origin, "1"),) if origin else (),
        invoice=_amount(item.get("value"), item.get("currency") or ""), gross_kg=_mass(item.get("gross_kg")),
        net_kg=_mass(item.get("net_kg")),
        packages=(wco.Package(1, item.get("packages"), item.get("package_type") or ""),) if packed else (),
        procedures=tuple(_procedure(word) for word in procedure.split()), documents=documents, previous_documents=previous,
    )  # fmt: skip


def _procedure(word: str) -> wco.Procedure:
    """Two characters of the requested procedure, then the previous one; a word that is longer, as it fits."""
    at = 2 if len(word) <= _PROCEDURE + 2 else _PROCEDURE
    return wco.Procedure(word[:at], word[at:])


def _party(text: str) -> wco.Party | None:
    """A name or a number: a number has digits and no space."""
    if not text:
        return None
    number = " " not in text and text.isascii() and any(char.isdigit() for char in text) and len(text) <= 17
    return wco.Party(id=text) if number else wco.Party(name=text)


def _amount(value: Any, currency: str) -> wco.Amount | None:
    return None if value is None else wco.Amount(Decimal(str(value)), currency)


def _mass(value: Any) -> Decimal | None:
    """Kilograms to the milligram, which is as far as the model goes."""
    if value is None:
        return None
    exact = Decimal(str(value))
    return exact.quantize(_MILLIGRAM).normalize() if exact != exact.to_integral() else exact


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
