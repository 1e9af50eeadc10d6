"""A declaration as conditions see it: columns of comparable values, each made once when the first condition asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kouan.base.declaration.api import Declaration, GoodsItem
from kouan.base.enterprise.api import Enterprise
from kouan.base.manifest.api import Consignment, GoodsLine
from kouan.base.portcall.api import PortCall
from kouan.supervision.targeting.fields import FIELDS, Value, normal, number
from kouan.supervision.targeting.rules import digits, price_of

Cell = tuple[Value, ...]
Column = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Look:
    """A declaration with the facts beside it. `past`: visits of its declarant within a year, and those with findings."""

    declaration: Declaration
    lines: Sequence[Consignment] = ()
    firm: Enterprise | None = None
    call: PortCall | None = None
    first: bool = False
    past: tuple[int, int] = (0, 0)
    _columns: dict[str, Column] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """The values of a field, one cell for each element of its place (item, manifest line, …)."""
        held = self._columns.get(name)
        if held is None:
            held = self._columns[name] = _MAKERS[name](self)
        return held

    def standing(self) -> list[Consignment]:
        """The manifest lines that their carrier still reports."""
        return [line for line in self.lines if line.stands]


def _texts(*values: str | None) -> Cell:
    return tuple(found for value in values if value and (found := normal(value)))


def _codes(value: str) -> Cell:
    return (found,) if (found := digits(value)) else ()


def _numbers(*values: float | Decimal | None) -> Cell:
    return tuple(found for value in values if value is not None and (found := _finite(value)) is not None)


def _finite(value: float | Decimal) -> Decimal | None:
    try:
        return number(str(value))
    except ValueError:
        return None


def _bare(ref: str | None) -> str:
    return ref.partition(":")[2].removeprefix("imo:") if ref else ""


def _head(make: Callable[[Declaration], Cell]) -> Callable[[Look], Column]:
    return lambda look: (make(look.declaration),)


def _item(make: Callable[[GoodsItem], Cell]) -> Callable[[Look], Column]:
    return lambda look: [make(item) for item in look.declaration.items]


def _line(make: Callable[[Consignment], Cell]) -> Callable[[Look], Column]:
    return lambda look: [make(line) for line in look.standing()]


def _goods(make: Callable[[GoodsLine], Cell]) -> Callable[[Look], Column]:
    return lambda look: [make(goods) for line in look.standing() for goods in line.goods]


def _firm(make: Callable[[Enterprise], Cell]) -> Callable[[Look], Column]:
    return lambda look: (make(look.firm) if look.firm else (),)


def _call(make: Callable[[PortCall], Cell]) -> Callable[[Look], Column]:
    return lambda look: (make(look.call) if look.call else (),)


def _gap(look: Look) -> Column:
    carried, declared = sum(line.gross_kg or 0.0 for line in look.standing()), look.declaration.gross_kg
    if not carried or not declared:
        return ((),)
    return (_numbers(round(abs(declared - carried) / carried * 100, 3)),)


_MAKERS: Mapping[str, Callable[[Look], Column]] = {
    "declaration.type": _head(lambda d: _texts(d.type_code)),
    "declaration.declarant": _head(lambda d: _texts(d.declarant)),
    "declaration.importer": _head(lambda d: _texts(d.importer)),
    "declaration.exporter": _head(lambda d: _texts(d.exporter)),
    "declaration.agent": _head(lambda d: _texts(d.agent)),
    "declaration.mode": _head(lambda d: _texts(d.transport_mode)),
    "declaration.vessel": _head(lambda d: _texts(_bare(d.vessel))),
    "declaration.voyage": _head(lambda d: _texts(d.voyage)),
    "declaration.location": _head(lambda d: _texts(d.goods_location)),
    "declaration.containers": _head(lambda d: _texts(*(_bare(box) for box in d.containers))),
    "declaration.container_count": _head(lambda d: _numbers(len(d.containers))),
    "declaration.item_count": _head(lambda d: _numbers(len(d.items))),
    "declaration.gross_kg": _head(lambda d: _numbers(d.gross_kg)),
    "declaration.packages": _head(lambda d: _numbers(d.packages)),
    "declaration.invoice": _head(lambda d: _numbers(d.invoice_amount)),
    "declaration.currency": _head(lambda d: _texts(d.invoice_currency)),
    "declaration.mass_gap": _gap,
    "item.hs": _item(lambda i: _codes(i.hs)),
    "item.origin": _item(lambda i: _texts(i.origin)),
    "item.description": _item(lambda i: _texts(i.description)),
    "item.procedure": _item(lambda i: _texts(i.procedure)),
    "item.package_type": _item(lambda i: _texts(i.package_type)),
    "item.permit": _item(lambda i: _texts(*(_bare(use.permit) for use in i.permits))),
    "item.value": _item(lambda i: _numbers(i.value)),
    "item.net_kg": _item(lambda i: _numbers(i.net_kg)),
    "item.usd_per_kg": _item(lambda i: _numbers(_price(i))),
    "line.loading": _line(lambda c: _texts(c.loading)),
    "line.discharge": _line(lambda c: _texts(c.discharge)),
    "line.delivery": _line(lambda c: _texts(c.delivery)),
    "line.consignor": _line(lambda c: _texts(c.consignor)),
    "line.consignee": _line(lambda c: _texts(c.consignee, c.consignee_code)),
    "line.notify": _line(lambda c: _texts(c.notify)),
    "line.gross_kg": _line(lambda c: _numbers(c.gross_kg)),
    "goods.description": _goods(lambda g: _texts(g.description)),
    "goods.hs": _goods(lambda g: _codes(g.hs)),
    "goods.un": _goods(lambda g: _codes(g.un_number)),
    "trader.first": lambda look: (("YES" if look.first else "NO",),),
    "trader.grade": _firm(lambda f: _texts(f.grade)),
    "trader.violations": _firm(lambda f: _numbers(len(f.violations))),
    "trader.inspected": lambda look: (_numbers(look.past[0]),),
    "trader.hits": lambda look: (_numbers(look.past[1]),),
    "route.flag": _call(lambda c: _texts(c.flag)),
    "route.last_port": _call(lambda c: _texts(c.last_port)),
    "route.next_port": _call(lambda c: _texts(c.next_port)),
}
assert _MAKERS.keys() == FIELDS.keys()


def _price(item: GoodsItem) -> Decimal | None:
    found = price_of(item)
    return None if found is None else round(found, 6)


def newest_call(found: Iterable[Any], voyage: str | None) -> PortCall | None:
    """The port call of a voyage among those of a ship, else her newest."""
    calls = [one.data for one in found if isinstance(one.data, PortCall)]
    return next((call for call in calls if call.voyage == voyage), calls[0] if calls else None)
