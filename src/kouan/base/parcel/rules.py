"""What parcels' papers must be: a postal number that exists, contents that add up, known codes (HS/T 82 7.2.1 a) 4))."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kouan.base.parcel.records import Parcel, ParcelGoods, ParcelList
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.standards.identifiers.api import check

CLAUSE = "HS/T 82 7.2.1 a) 4)"
RETAIL = ("9610", "1210")
SINGLE = Decimal(5000)
"""Yuan: the most of one retail import transaction (MOF, GACC, STA, notice 2018 no. 49)."""
ROUNDING = Decimal("0.05")


class PostalNumber(Rule):
    """What comes by post is traced worldwide by a number with a check digit."""

    code = "PARCEL-S10"
    at = "filing"
    of = Parcel.facts.name
    title = Text("邮件编号校验", "Postal identifier checks")
    clause = "UPU S10"
    severity = "refuse"
    owner = "carrier"

    def judge(self, record: Parcel, found: Found) -> Unmet | None:
        """Refuses a postal item whose number fails, and offers the likeliest right one."""
        verdict = check("s10", record.number)
        if record.carriage != "post" or verdict.ok or verdict.reason is None:
            return None
        if not verdict.repairs:
            return Unmet(verdict.reason, "number")
        likely = verdict.repairs[0]
        return Unmet(Text(f"{verdict.reason.zh}；是否为 {likely}？", f"{verdict.reason.en}; is it {likely}?"), "number")


class PostalContents(Rule):
    """A postal declaration says what is inside and of what kind the sending is (forms CN 22 and CN 23)."""

    code = "PARCEL-CONTENTS"
    at = "filing"
    of = Parcel.facts.name
    title = Text("邮递报关单填写内件与类别", "A postal declaration names contents and category")
    clause = "UPU Convention, CN 22/CN 23"
    severity = "refuse"
    owner = "carrier"

    def judge(self, record: Parcel, found: Found) -> Unmet | None:
        """Refuses a form without contents or category."""
        if record.form is None:
            return None
        if not record.goods:
            return Unmet(Text("邮递报关单未填写内件", "The postal declaration names no contents"), "goods")
        if record.category is None:
            return Unmet(Text("邮递报关单未填写类别", "The postal declaration names no category"), "category")
        return None


class PostalSum(Rule):
    """The values of the contents add up to the value declared."""

    code = "PARCEL-SUM"
    at = "filing"
    of = Parcel.facts.name
    title = Text("内件金额合计相符", "Values of contents add up")
    clause = CLAUSE
    severity = "warn"
    owner = "carrier"

    def judge(self, record: Parcel, found: Found) -> Unmet | None:
        """Warns of a sum that is another."""
        return _other_sum(record.goods, record.amount)


class ListSum(Rule):
    """The values of the goods add up to the amount declared."""

    code = "LIST-SUM"
    at = "filing"
    of = ParcelList.facts.name
    title = Text("商品金额合计相符", "Values of goods add up")
    clause = CLAUSE
    severity = "warn"
    owner = "trader"

    def judge(self, record: ParcelList, found: Found) -> Unmet | None:
        """Warns of a sum that is another."""
        return _other_sum(record.goods, record.amount)


class ListCodes(Rule):
    """Money has a currency that exists, goods a commodity code that exists."""

    code = "LIST-CODES"
    at = "filing"
    of = ParcelList.facts.name
    title = Text("币制与税则号列有效", "Currency and commodity codes exist")
    clause = CLAUSE
    severity = "refuse"
    owner = "trader"

    def judge(self, record: ParcelList, found: Found) -> Unmet | None:
        """Refuses the first code that does not exist."""
        if codes.lookup("currency", record.currency) is None:
            return Unmet(Text(f"币制 {record.currency} 未知", f"There is no currency {record.currency}"), "currency")
        for at, goods in enumerate(record.goods):
            if goods.hs and codes.ancestor("hs", goods.hs) is None:
                reason = Text(f"税则号列 {goods.hs} 不在协调制度中", f"{goods.hs} is not in the Harmonized System")
                return Unmet(reason, f"goods.{at}.hs")
        return None


class RetailLimit(Rule):
    """Retail imports above the limit of one transaction are ordinary trade."""

    code = "LIST-LIMIT"
    at = "filing"
    of = ParcelList.facts.name
    title = Text("零售单次交易限值", "Limit of one retail transaction")
    clause = "MOF, GACC, STA 2018 no. 49"
    severity = "warn"
    owner = "trader"

    def judge(self, record: ParcelList, found: Found) -> Unmet | None:
        """Warns of an amount in yuan beyond the limit."""
        if record.mode not in RETAIL or record.currency != "CNY" or record.amount <= SINGLE:
            return None
        return Unmet(Text("超过跨境电商零售单次交易限值 5000 元", "More than 5,000 yuan, the limit of one retail transaction"), "amount")


def _other_sum(goods: Sequence[ParcelGoods], amount: Decimal | None) -> Unmet | None:
    values = [one.value for one in goods if one.value is not None]
    if amount is None or not values or len(values) < len(goods) or abs(sum(values) - amount) <= ROUNDING:
        return None
    total = sum(values, Decimal(0))
    return Unmet(Text(f"商品金额合计 {total}，申报 {amount}", f"The goods add up to {total}, declared are {amount}"), "amount")


RULES: tuple[type[Rule], ...] = (PostalNumber, PostalContents, PostalSum, ListSum, ListCodes, RetailLimit)
