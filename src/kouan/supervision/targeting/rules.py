"""Risk rules: what makes a declaration worth a look, how much each weighs, and whose look it is (at = target).

The weights, the price floors and the exchange rates are this project's own, for a port without history; a site with
data sets its own. 50 points select a declaration (see `scoring`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import ClassVar

from kouan.base.declaration.api import Declaration, GoodsItem
from kouan.base.manifest.api import Consignment
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.supervision.targeting.scoring import FIRST, ORIGINS

CONSIGNMENT = Consignment.facts.name
USD: Mapping[str, Decimal] = {
    code: Decimal(rate)
    for code, rate in {
        "USD": "1", "EUR": "1.1", "GBP": "1.3", "CNY": "0.14", "HKD": "0.128", "JPY": "0.0067", "KRW": "0.00072",
    }.items()
}  # fmt: skip
"""US dollars for one unit, rounded, as of 2025: good enough to see a price that is ten times too low."""
FLOORS: Mapping[str, Decimal] = {
    chapter: Decimal(floor)
    for chapter, floor in {
        "02": "1", "03": "1", "22": "0.3", "24": "2", "30": "8", "33": "2", "39": "0.5", "40": "0.6", "42": "2",
        "48": "0.25", "52": "0.8", "61": "2.5", "62": "2.5", "64": "2.5", "71": "40", "72": "0.25", "73": "0.4",
        "76": "1", "84": "2", "85": "2.5", "87": "2", "88": "20", "90": "5", "91": "10", "95": "1.5",
    }.items()
}  # fmt: skip
"""US dollars a kilogram under which goods of an HS chapter are hardly ever traded."""


class RiskRule(Rule):
    """Base of risk rules: `weight` is the score that it adds when it speaks, `owner` the agency that it calls."""

    abstract = True
    requires: ClassVar[tuple[str, ...]] = (*Rule.requires, "weight")
    at = "target"
    of = Declaration.facts.name
    severity = "hold"
    clause = "HS/T 82 9.1.7 d)"
    weight: ClassVar[float]

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """None when the rule has nothing to say."""
        raise NotImplementedError

    def speaks(self, reason: Text, field: str = "", weight: float | None = None) -> Unmet:
        """What the rule says, with its weight."""
        return Unmet(reason, field, score=self.weight if weight is None else weight)


class GoodsRule(RiskRule):
    """Base of rules about headings of the Harmonized System: any item under one of `begins` makes it speak."""

    abstract = True
    requires: ClassVar[tuple[str, ...]] = (*RiskRule.requires, "begins")
    begins: ClassVar[tuple[str, ...]]
    reason: ClassVar[Text]

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Speaks of the first item under one of the headings."""
        for at, item in enumerate(record.items):
            if (code := digits(item.hs)).startswith(self.begins):
                return self.speaks(self.reason.fill(item=at + 1, code=code[:4]), f"items.{at}.hs")
        return None


class Explosives(GoodsRule):
    """Explosives and pyrotechnics are always looked at."""

    code = "RISK-EXPLOSIVES"
    title = Text("爆炸品", "Explosives")
    owner = "customs"
    weight = 70.0
    begins = ("3601", "3602", "3603", "3604")
    reason = Text("第 {item} 项为爆炸品（税目 {code}）", "Item {item} is explosive goods (heading {code})")


class Waste(GoodsRule):
    """Solid waste is not imported (Law on Prevention of Pollution by Solid Waste, art. 24)."""

    code = "RISK-WASTE"
    title = Text("固体废物", "Waste")
    owner = "customs"
    weight = 60.0
    begins = ("3825", "3915", "2620")
    reason = Text("第 {item} 项可能为固体废物（税目 {code}）", "Item {item} may be waste (heading {code})")


class Radioactive(GoodsRule):
    """Radioactive elements and isotopes are measured before they move."""

    code = "RISK-RADIOACTIVE"
    title = Text("放射性物质", "Radioactive goods")
    owner = "customs"
    weight = 70.0
    begins = ("2844",)
    reason = Text("第 {item} 项为放射性物质（税目 {code}）", "Item {item} is radioactive goods (heading {code})")


class Tobacco(GoodsRule):
    """Tobacco products carry high duty and are smuggled for it."""

    code = "RISK-TOBACCO"
    title = Text("烟草制品", "Tobacco products")
    owner = "customs"
    weight = 55.0
    begins = ("2402", "2403", "2404")
    reason = Text("第 {item} 项为烟草制品（税目 {code}）", "Item {item} is tobacco products (heading {code})")


class Arms(GoodsRule):
    """Arms and ammunition concern the border police as well as customs."""

    code = "RISK-ARMS"
    title = Text("武器弹药", "Arms and ammunition")
    owner = "border"
    weight = 80.0
    begins = ("93",)
    reason = Text("第 {item} 项为武器弹药（税目 {code}）", "Item {item} is arms or ammunition (heading {code})")


class Food(GoodsRule):
    """Animals, plants and food pass the quarantine desk (Biosecurity Law; HS chapters 02 to 22)."""

    code = "RISK-QUARANTINE"
    title = Text("动植物与食品", "Animals, plants and food")
    owner = "customs"
    weight = 15.0
    begins = tuple(f"{chapter:02d}" for chapter in range(2, 23))
    reason = Text("第 {item} 项须经检疫岗审核（税目 {code}）", "Item {item} passes the quarantine desk (heading {code})")


class Dangerous(RiskRule):
    """Dangerous goods by sea concern the maritime administration; some classes are always looked at (IMDG Code)."""

    code = "RISK-DANGEROUS"
    title = Text("危险货物", "Dangerous goods")
    owner = "maritime"
    weight = 20.0
    grave: ClassVar[frozenset[str]] = frozenset({"1", "7"})

    def needs(self, record: Declaration, filer: str) -> Iterable[Need]:
        """The manifest lines of the bills cited, where carriers state UN numbers."""
        return [Need(CONSIGNMENT, ref=bill) for bill in record.bills]

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Speaks of the gravest UN number on the manifest lines."""
        numbers = sorted({g.un_number for line in lines_of(record, found) for g in line.goods if g.un_number})
        classed = {number: _class(number) for number in numbers}
        grave = next((n for n in numbers if classed[n] in self.grave), None)
        number = grave or next(iter(numbers), None)
        if number is None:
            return None
        reason = Text("舱单载明危险货物 UN {un}（{of} 类）", "The manifest states dangerous goods UN {un} (class {of})")
        return self.speaks(reason.fill(un=number, of=classed[number] or "?"), weight=55.0 if grave else self.weight)


class LowPrice(RiskRule):
    """A value far under what such goods cost points at an undervalued invoice (WCO Valuation Compendium)."""

    code = "RISK-PRICE"
    title = Text("单价偏低", "Low unit value")
    owner = "customs"
    weight = 30.0

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Speaks of the first item whose value a kilogram is under its chapter's floor."""
        for at, item in enumerate(record.items):
            floor, price = FLOORS.get(digits(item.hs)[:2]), price_of(item)
            if floor is not None and price is not None and price < floor:
                reason = Text(
                    "第 {item} 项每千克 {price} 美元，低于该章参考下限 {floor} 美元",
                    "Item {item} is worth {price} USD a kilogram, under its chapter's floor of {floor} USD",
                )
                return self.speaks(reason.fill(item=at + 1, price=f"{price:.2f}", floor=floor), f"items.{at}.value")
        return None


class Origin(RiskRule):
    """Goods from origins that the site has listed (setting KOUAN_RISK_ORIGINS)."""

    code = "RISK-ORIGIN"
    title = Text("关注原产地", "Listed origin")
    owner = "customs"
    weight = 50.0

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Speaks of the first item from a listed origin."""
        listed = {code.strip() for code in found.site.get(ORIGINS, "").split(",")} - {""}
        for at, item in enumerate(record.items):
            if item.origin in listed:
                reason = Text("第 {item} 项原产地 {origin} 在关注名单中", "Item {item} is from {origin}, a listed origin")
                return self.speaks(reason.fill(item=at + 1, origin=item.origin), f"items.{at}.origin")
        return None


class FirstFiling(RiskRule):
    """A declarant without history is not known to be honest, nor to be otherwise."""

    code = "RISK-FIRST"
    title = Text("首次申报", "First declaration")
    owner = "customs"
    weight = 15.0

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Speaks when this declarant never declared here before."""
        if found.site.get(FIRST) != "yes":
            return None
        return self.speaks(Text("该申报单位首次在本口岸申报", "This declarant declares here for the first time"), "declarant")


class Mass(RiskRule):
    """Manifest and declaration speak of the same goods; their masses agree within a tenth."""

    code = "RISK-MASS"
    title = Text("重量不符", "Masses differ")
    owner = "customs"
    weight = 30.0
    tolerance = 0.1
    gross = 0.3

    def needs(self, record: Declaration, filer: str) -> Iterable[Need]:
        """The manifest lines of the bills cited."""
        return [Need(CONSIGNMENT, ref=bill) for bill in record.bills]

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Speaks when the declared mass is more than a tenth off the manifest's; louder from three tenths on."""
        carried = sum(line.gross_kg or 0.0 for line in lines_of(record, found))
        if not carried or not record.gross_kg:
            return None
        off = abs(record.gross_kg - carried) / carried
        if off <= self.tolerance:
            return None
        reason = Text(
            "申报毛重 {declared:.0f} 千克与舱单 {carried:.0f} 千克相差 {off:.0%}",
            "The declared {declared:.0f} kg differ from the manifest's {carried:.0f} kg by {off:.0%}",
        ).fill(declared=record.gross_kg, carried=carried, off=off)
        return self.speaks(reason, "gross_kg", 55.0 if off > self.gross else self.weight)


def digits(code: str) -> str:
    """A commodity code without its dots and blanks."""
    return "".join(char for char in code if char.isdigit())


def price_of(item: GoodsItem) -> Decimal | None:
    """US dollars a kilogram, where value, currency and mass are stated and the rate is known."""
    mass, rate = item.net_kg or item.gross_kg, USD.get(item.currency)
    if not mass or rate is None or item.value is None:
        return None
    return item.value * rate / Decimal(str(mass))


def lines_of(record: Declaration, found: Found) -> list[Consignment]:
    """The manifest lines of the bills that a declaration cites, each once."""
    lines: dict[str, Consignment] = {}
    for bill in record.bills:
        for kept in found.of(Need(CONSIGNMENT, ref=bill)):
            if isinstance(kept.data, Consignment) and bill in (kept.data.bill, kept.data.master_bill):
                lines[kept.id] = kept.data
    return list(lines.values())


def _class(number: str) -> str:
    found = codes.lookup("un_number", number)
    return found.parent if found else ""
