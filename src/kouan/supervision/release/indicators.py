"""Clearance and trade in figures: declarations, releases without a hand, clearance times, goods by country and HS chapter.

Times after the WCO's Guide to Measure the Time Required for the Release of Goods (Time Release Study, version 3): from lodging
to release, as median and ninth decile. Trade after the UN's International Merchandise Trade Statistics (IMTS 2010).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.base.declaration.api import Declaration
from kouan.kernel.indicators import FILED, LENT, WAYS, By, Indicator, Number, Seen, Span, Tally, Where, done
from kouan.kernel.text import Text

DECLARATION = Declaration.facts.name
AGENCIES = ("customs", "border", "maritime", "transport", "portoffice")
PER_DECLARATION, HOURS, PERCENT = Text("票", "declarations"), Text("小时", "h"), Text("%", "%")
RELEASED = done("release")
KG_PER_T = 0.001
MODES: Mapping[str, Text] = {
    "1": Text("水路", "Water"), "2": Text("铁路", "Rail"), "3": Text("公路", "Road"), "4": Text("航空", "Air"), "5": Text("邮运", "Mail"),
    "6": Text("多式联运", "Multimodal"), "8": Text("内河", "Inland waterway"),
}  # fmt: skip
"""Modes of transport by UN/CEFACT Recommendation 19."""


def way(type_code: Any) -> str:
    """Import or export by the first letters of a declaration's type (IM…, EX…)."""
    return {"IM": "import", "EX": "export"}.get(str(type_code or "").upper()[:2], "other")


def chapter(hs: Any) -> str:
    """The HS chapter of a commodity code: its first two digits."""
    text = str(hs or "")[:2]
    return text if len(text) == 2 and text.isdigit() else ""


def untouched(seen: Seen) -> bool:
    """Released by the rules alone: nobody decided the release, and nobody inspected the goods."""
    step = seen.first(("release",))
    return bool(step and step.automatic and seen.first(("inspect",)) is None)


def of_way(direction: str) -> Where:
    """Declarations of one direction."""
    return Where("type_code", test=lambda code: way(code) == direction)


BY_WAY: Mapping[str, By] = {"direction": By("type_code", way, WAYS)}
def partner(line: Mapping[str, Any]) -> str:
    """With which country goods are traded (IMTS 2010, chapter VI): of exports the last known destination, the goods line's, else the
    declaration's; of all others the country of origin."""
    if way(line.get(f"{LENT}type_code")) != "export":
        return str(line.get("origin") or "")
    return str(line.get("destination") or line.get(f"{LENT}destination") or "")


LENDS = ("type_code", "destination")
BY_GOODS: Mapping[str, By] = {"country": By("origin", out_of=partner, uses=("destination",)), "chapter": By("hs", chapter)}
BY_PARTNER = Text("按国别（地区）：进口依原产国，出口依运抵国", "By country: of imports that of origin, of exports that of destination")


class Filed(Indicator):
    """How many declarations come."""

    code = "clearance.filed"
    title = Text("申报报关单", "Goods declarations filed")
    unit = PER_DECLARATION
    clause = "HS/T 82 9.1.6 c); 8.4.1 b)"
    formula = Text("按受理时刻计数，每票一次", "Each declaration once, on the day on which it was taken in")
    good, how, group, owner, readers, firm = "", "count", "clearance", "customs", AGENCIES, "@filer"
    tally = Tally(record=DECLARATION, at=FILED, by=BY_WAY)


class Released(Indicator):
    """How many declarations are released."""

    code = "clearance.released"
    title = Text("放行报关单", "Goods declarations released")
    unit = PER_DECLARATION
    clause = "HS/T 82 9.1.6 c)"
    formula = Text("按首次放行时刻计数，每票一次", "Each declaration once, on the day of its first release")
    good, how, group, owner, readers, firm = "up", "count", "clearance", "customs", AGENCIES, "@filer"
    tally = Tally(record=DECLARATION, at=RELEASED, by=BY_WAY)


class Untouched(Indicator):
    """How many of the releases took no person."""

    code = "clearance.untouched"
    title = Text("无人工干预放行率", "Released without a hand")
    unit = PERCENT
    digits = 1
    clause = "HS/T 82 9.1.6 c) 1)"
    formula = Text(
        "放行由规则自动作出、且未经查验的报关单，占当日放行报关单的百分比",
        "Declarations released by the rules alone and not inspected, of all released on that day",
    )
    good, how, group, owner, readers, firm = "up", "share", "clearance", "customs", AGENCIES, "@filer"
    tally = Tally(record=DECLARATION, at=RELEASED, hit=untouched, by=BY_WAY)


class ClearanceTime(Indicator):
    """From lodging to release; subclasses state direction and quantile."""

    abstract = True
    unit = HOURS
    digits = 1
    clause = "HS/T 82 8.2.1 d); WCO TRS 3"
    good, group, owner, readers, firm = "down", "clearance", "customs", AGENCIES, "@filer"


def _timed(direction: str) -> Tally:
    span = Span(FILED, RELEASED)
    return Tally(record=DECLARATION, at=RELEASED, of=(of_way(direction),), value=span, by=BY_WAY)


class ByMode(ClearanceTime):
    """The same by mode of transport, both directions."""

    code = "clearance.time"
    title = Text("通关时间（中位数，按运输方式）", "Clearance time (median, by mode)")
    formula = Text("受理至放行的时间，当日放行报关单的中位数，误差 0.5% 以内", "Taken in to released: the median of that day's declarations, within 0.5 %")
    how = "median"
    tally = Tally(record=DECLARATION, at=RELEASED, value=Span(FILED, RELEASED), by={"mode": By("transport_mode", words=MODES)})


class ImportMedian(ClearanceTime):
    """Half of the imports are released within it."""

    code = "clearance.import_median"
    title = Text("进口通关时间（中位数）", "Import clearance time (median)")
    formula = Text("受理至放行的时间，当日放行的进口报关单的中位数，误差 0.5% 以内", "Taken in to released: the median of that day's imports, within 0.5 %")
    how = "median"
    tally = _timed("import")


class ImportP90(ClearanceTime):
    """Nine of ten imports are released within it."""

    code = "clearance.import_p90"
    title = Text("进口通关时间（九成以内）", "Import clearance time (90th percentile)")
    formula = Text("受理至放行的时间，当日放行的进口报关单九成不超过此值", "Taken in to released: nine of ten of that day's imports took no longer")
    how = "p90"
    tally = _timed("import")


class ExportMedian(ClearanceTime):
    """Half of the exports are released within it."""

    code = "clearance.export_median"
    title = Text("出口通关时间（中位数）", "Export clearance time (median)")
    formula = Text("受理至放行的时间，当日放行的出口报关单的中位数，误差 0.5% 以内", "Taken in to released: the median of that day's exports, within 0.5 %")
    how = "median"
    tally = _timed("export")


class ExportP90(ClearanceTime):
    """Nine of ten exports are released within it."""

    code = "clearance.export_p90"
    title = Text("出口通关时间（九成以内）", "Export clearance time (90th percentile)")
    formula = Text("受理至放行的时间，当日放行的出口报关单九成不超过此值", "Taken in to released: nine of ten of that day's exports took no longer")
    how = "p90"
    tally = _timed("export")


class ValueUsd(Indicator):
    """The value of goods declared in dollars."""

    code = "trade.value_usd"
    title = Text("申报货值（美元计价）", "Value of goods declared in USD")
    unit = Text("美元", "USD")
    clause = "HS/T 82 7.2.4 a) 2); UN IMTS 2010"
    revision = 2
    formula = Text(
        f"各项商品申报货值之和，仅计以美元申报的商品；其他币制不折算。{BY_PARTNER.zh}",
        f"Sum of the value of goods lines in USD; other currencies are not converted. {BY_PARTNER.en}",
    )
    good, how, group, owner, readers, firm = "up", "sum", "trade", "customs", ("customs", "portoffice"), "@filer"
    tally = Tally(
        record=DECLARATION, at=FILED, over="items", lends=LENDS, where=(Where("currency", ("USD",)),), value=Number("value"), by=BY_GOODS
    )


class ValueCny(Indicator):
    """The value of goods declared in yuan."""

    code = "trade.value_cny"
    title = Text("申报货值（人民币计价）", "Value of goods declared in CNY")
    unit = Text("元", "CNY")
    clause = "HS/T 82 7.2.4 a) 2); UN IMTS 2010"
    revision = 2
    formula = Text(
        f"各项商品申报货值之和，仅计以人民币申报的商品；其他币制不折算。{BY_PARTNER.zh}",
        f"Sum of the value of goods lines in CNY; other currencies are not converted. {BY_PARTNER.en}",
    )
    good, how, group, owner, readers, firm = "up", "sum", "trade", "customs", ("customs", "portoffice"), "@filer"
    tally = Tally(
        record=DECLARATION, at=FILED, over="items", lends=LENDS, where=(Where("currency", ("CNY",)),), value=Number("value"), by=BY_GOODS
    )


class Mass(Indicator):
    """How much goods weigh."""

    code = "trade.mass"
    title = Text("申报货物净重", "Net mass of goods declared")
    unit = Text("吨", "t")
    digits = 1
    clause = "HS/T 82 7.2.4 a) 2); UN IMTS 2010"
    revision = 2
    formula = Text(f"各项商品申报净重之和。{BY_PARTNER.zh}", f"Sum of the net mass of all goods lines. {BY_PARTNER.en}")
    good, how, group, owner, readers, firm = "up", "sum", "trade", "customs", ("customs", "portoffice"), "@filer"
    tally = Tally(record=DECLARATION, at=FILED, over="items", lends=LENDS, value=Number("net_kg", KG_PER_T), by=BY_GOODS)


class TradeTotal(Indicator):
    """The port's trade as the statistics office or the single window tells it."""

    code = "trade.total_cny"
    title = Text("进出口总值", "Imports and exports, total value")
    unit = Text("元", "CNY")
    clause = "HS/T 82 8.4.1 b)"
    formula = Text("由“单一窗口”或统计部门按日报送", "Loaded daily by the single window or the statistics office")
    good, how, group, owner, readers = "up", "sum", "trade", "customs", ("*",)
    divided = ("direction", "mode", "country", "chapter")
