"""The port economy domain (口岸经济业务域; HS/T 82 7.2.4 a) 8)): industry classes, business size, hinterland, out of declarations.

Nothing is copied. A declaration counts for a caller that sees every field which is read; goods by the section of the Harmonized
System, traders by the city in which their code says that they are registered: the consignee of an import, the consignor of an
export. Values of different currencies are not added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from kouan.base.declaration.api import Declaration
from kouan.kernel.database import Connection, scope
from kouan.kernel.indicators import WAYS
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.schema import table
from kouan.kernel.text import Text
from kouan.operations.subjects import seen
from kouan.standards.codes.api import entries, lookup
from kouan.standards.locations.api import SOURCE, Division, divisions, of_firm

USES = frozenset({"type_code", "importer", "exporter", "items", "hs", "gross_kg"})
UNKNOWN = Text("未说明或无法识别", "Not stated or not known")
ELSEWHERE = Text("{name}，城市未知", "{name}, city not known")
SIZES: tuple[tuple[str, int, Text], ...] = (
    ("1", 1, Text("1票", "1 declaration")), ("2-9", 9, Text("2至9票", "2 to 9")), ("10-99", 99, Text("10至99票", "10 to 99")),
    ("100+", 2**62, Text("100票及以上", "100 and more")),
)  # fmt: skip
"""Classes of traders by how many declarations they had."""
# One row a goods item; a declaration without items counts by its own code. Released or not, but neither rejected nor cancelled.
_ITEMS = f"""
select d.id::text as id, left(coalesce(nullif(i.item->>'hs', ''), d.doc->>'hs', ''), 2) as chapter,
  upper(left(coalesce(d.f_type_code, ''), 2)) as type,
  upper(coalesce(case when upper(left(d.f_type_code, 2)) = 'EX' then d.doc->>'exporter' else d.f_importer end, '')) as firm,
  coalesce((i.item->>'gross_kg')::float8, case when i.item is null then (d.doc->>'gross_kg')::float8 end,
    (i.item->>'net_kg')::float8, 0) as kg,
  coalesce((i.item->>'value')::numeric, 0)::float8 as value, coalesce(nullif(i.item->>'currency', ''), '?') as currency
from {table(Declaration)} d left join lateral jsonb_array_elements(
  case when jsonb_typeof(d.doc->'items') = 'array' then d.doc->'items' end) i(item) on true
where d.filed_at >= $1 and d.filed_at < $2 and d.state not in ('rejected', 'cancelled')
  and {seen.seen("d", "$3::int", "$4::text[]")}"""  # noqa: S608 - names of the registry
_CHOSEN = f"""with items as ({_ITEMS}), chosen as (select *, coalesce(h.section, '') as part from items
    left join unnest($6::text[], $7::text[]) h(chapter, section) using (chapter)
  where $5 = '' or $5 = case type when 'IM' then 'import' when 'EX' then 'export' else 'other' end)"""  # noqa: S608 - names are ours
_SUMS = f"""{_CHOSEN} select part, firm, currency, sum(kg)::float8 kg, sum(value)::float8 value from chosen
group by grouping sets ((part, currency), (firm, currency))"""  # noqa: S608 - names are ours
_COUNTS = f"""{_CHOSEN} select part, firm, count(distinct id)::bigint n from chosen
group by grouping sets ((part), (firm), ())"""  # noqa: S608 - names are ours


class Asked(NamedTuple):
    """A time, and the direction of trade ("" for all)."""

    since: datetime
    until: datetime
    way: str


class Sum:
    """What some goods come to: declarations, kilograms, values by currency."""

    def __init__(self) -> None:
        self.n, self.kg, self.traders = 0, 0.0, 0
        self.values: dict[str, float] = defaultdict(float)

    def add(self, kg: float, value: float, currency: str) -> None:
        """Some goods more."""
        self.kg += kg
        if value:
            self.values[currency] += value

    def out(self) -> dict[str, Any]:
        """As JSON; the largest value first."""
        values = sorted(self.values.items(), key=lambda one: (-one[1], one[0]))
        shown = [{"currency": currency, "amount": round(amount, 2)} for currency, amount in values]
        return {"declarations": self.n, "traders": self.traders, "gross_kg": round(self.kg, 1), "values": shown}


async def economy(port: Port, who: Principal, asked: Asked) -> dict[str, Any]:
    """Industry split, sizes of traders and hinterland of a time, out of the declarations that the caller sees whole enough."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        counts, sums = await _read(conn, who, asked, _COUNTS), await _read(conn, who, asked, _SUMS)
    total, sections, cities, firms = Sum(), defaultdict[str, Sum](Sum), defaultdict[str, Sum](Sum), dict[str, int]()
    for row in counts:
        if row["part"] is not None:
            sections[row["part"]].n = row["n"]
        elif row["firm"] is not None:
            firms[row["firm"]] = row["n"]
            city = cities[_place(row["firm"])]
            city.n, city.traders = city.n + row["n"], city.traders + bool(row["firm"])
        else:
            total.n = row["n"]
    for row in sums:
        of = sections[row["part"]] if row["part"] is not None else cities[_place(row["firm"])]
        of.add(row["kg"], row["value"], row["currency"])
        if row["firm"] is not None:
            total.add(row["kg"], row["value"], row["currency"])
    total.traders = sum(bool(firm) for firm in firms)
    return {
        "total": total.out(), "whole": seen.whole(Declaration, USES, who),
        "directions": [{"way": way, "title": title.out()} for way, title in WAYS.items()],
        "industries": _ranked({code: (_section_title(code), one, {}) for code, one in sections.items()}),
        "hinterland": _ranked({code: (_place_title(code), one, _position(code)) for code, one in cities.items()}),
        "sizes": _sizes(count for firm, count in firms.items() if firm), "source": SOURCE.out(),
        "cities": [[one.lon, one.lat] for one in divisions().values()], "simulated": port.site.demo and bool(total.n),
    }  # fmt: skip


async def _read(conn: Connection, who: Principal, asked: Asked, sql: str) -> list[Any]:
    seeing = seen.parties(Declaration, USES)
    chapters = {code.code: code.parent for code in entries("hs") if code.facts.get("level") == "chapter"}
    given = (asked.since, asked.until, who.org, seeing, asked.way, list(chapters), list(chapters.values()))
    return list(await conn.fetch(sql, *given))


def _section_title(code: str) -> Text:
    found = lookup("hs", code) if code else None
    return found.name if found else UNKNOWN


def _place(firm: str) -> str:
    """City of a firm by its code, else its province, else ""."""
    province, city = of_firm(firm)
    return city.code if city else f"{province.code}?" if province else ""


def _division(code: str) -> Division | None:
    return divisions().get(code.rstrip("?"))


def _place_title(code: str) -> Text:
    found = _division(code)
    if found is None:
        return UNKNOWN
    if not code.endswith("?"):
        return found.name
    return Text(ELSEWHERE.zh.format(name=found.name.zh), ELSEWHERE.en.format(name=found.name.en))


def _position(code: str) -> dict[str, Any]:
    found = _division(code)
    return {"lon": found.lon, "lat": found.lat, "known": not code.endswith("?")} if found else {"lon": None, "lat": None, "known": False}


def _ranked(parts: Mapping[str, tuple[Text, Sum, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The largest first."""
    order = sorted(parts.items(), key=lambda one: (-one[1][1].n, -one[1][1].kg, one[0]))
    return [{"code": code, "title": title.out(), **one.out(), **more} for code, (title, one, more) in order]


def _sizes(counts: Iterable[int]) -> list[dict[str, Any]]:
    held = dict.fromkeys((name for name, _, _ in SIZES), 0)
    for count in counts:
        held[next(name for name, most, _ in SIZES if count <= most)] += 1
    return [{"code": name, "title": title.out(), "traders": held[name]} for name, _, title in SIZES]
