"""What the conditions of a profile may speak of: each field's name, kind and place, and the operators that fit it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal, get_args

from kouan.kernel.text import Text

FieldName = Literal[
    "declaration.type", "declaration.declarant", "declaration.importer", "declaration.exporter", "declaration.agent",
    "declaration.mode", "declaration.vessel", "declaration.voyage", "declaration.location", "declaration.containers",
    "declaration.container_count", "declaration.item_count", "declaration.gross_kg", "declaration.packages",
    "declaration.invoice", "declaration.currency", "declaration.mass_gap",
    "item.hs", "item.origin", "item.description", "item.procedure", "item.package_type", "item.permit", "item.value",
    "item.net_kg", "item.usd_per_kg",
    "line.loading", "line.discharge", "line.delivery", "line.consignor", "line.consignee", "line.notify", "line.gross_kg",
    "goods.description", "goods.hs", "goods.un",
    "trader.first", "trader.grade", "trader.violations", "trader.inspected", "trader.hits",
    "route.flag", "route.last_port", "route.next_port",
]  # fmt: skip
Operator = Literal["is", "is_not", "begins", "begins_not", "contains", "contains_not", "at_least", "at_most", "between", "missing"]
Scope = Literal["declaration", "item", "line", "goods", "trader", "route"]
Shape = Literal["text", "digits", "number"]
Value = str | Decimal

OPERATORS: Mapping[str, Text] = {
    "is": Text("等于（其中之一）", "is (one of)"),
    "is_not": Text("不等于（任何一个）", "is not (any of)"),
    "begins": Text("开头为（其中之一）", "begins with (one of)"),
    "begins_not": Text("开头不为（任何一个）", "does not begin with (any of)"),
    "contains": Text("包含（其中之一）", "contains (one of)"),
    "contains_not": Text("不包含（任何一个）", "does not contain (any of)"),
    "at_least": Text("不小于", "is at least"),
    "at_most": Text("不大于", "is at most"),
    "between": Text("介于（含两端）", "is between (both included)"),
    "missing": Text("未填报", "is not stated"),
}
NUMERIC = frozenset({"at_least", "at_most", "between"})
NEGATIVE = frozenset({"is_not", "begins_not", "contains_not"})
COUNTS: Mapping[str, tuple[int, int]] = {"at_least": (1, 1), "at_most": (1, 1), "between": (2, 2), "missing": (0, 0)}
"""How many values an operator takes, at least and at most; the others take 1 to 200."""
SCOPES: Mapping[str, Text] = {
    "declaration": Text("报关单", "Declaration"),
    "item": Text("商品项", "Goods item"),
    "line": Text("舱单分单", "Manifest line"),
    "goods": Text("舱单货物", "Goods on the manifest"),
    "trader": Text("企业", "Trader"),
    "route": Text("航线", "Route"),
}


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field that conditions may name: where it stands, what it is called, what its values look like."""

    scope: Scope
    title: Text
    shape: Shape = "text"


def _text(scope: Scope, zh: str, en: str) -> FieldInfo:
    return FieldInfo(scope, Text(zh, en))


def _number(scope: Scope, zh: str, en: str) -> FieldInfo:
    return FieldInfo(scope, Text(zh, en), "number")


def _digits(scope: Scope, zh: str, en: str) -> FieldInfo:
    return FieldInfo(scope, Text(zh, en), "digits")


FIELDS: Mapping[str, FieldInfo] = {
    "declaration.type": _text("declaration", "申报类型", "Type of declaration"),
    "declaration.declarant": _text("declaration", "申报单位", "Declarant"),
    "declaration.importer": _text("declaration", "收货人", "Importer"),
    "declaration.exporter": _text("declaration", "发货人", "Exporter"),
    "declaration.agent": _text("declaration", "代理报关单位", "Agent"),
    "declaration.mode": _text("declaration", "运输方式", "Mode of transport"),
    "declaration.vessel": _text("declaration", "运输工具", "Means of transport"),
    "declaration.voyage": _text("declaration", "航次", "Voyage"),
    "declaration.location": _text("declaration", "货物存放地", "Location of goods"),
    "declaration.containers": _text("declaration", "集装箱号", "Container numbers"),
    "declaration.container_count": _number("declaration", "集装箱数", "Number of containers"),
    "declaration.item_count": _number("declaration", "商品项数", "Number of items"),
    "declaration.gross_kg": _number("declaration", "总毛重（千克）", "Total gross mass (kg)"),
    "declaration.packages": _number("declaration", "总件数", "Total packages"),
    "declaration.invoice": _number("declaration", "发票金额", "Invoice amount"),
    "declaration.currency": _text("declaration", "发票币制", "Invoice currency"),
    "declaration.mass_gap": _number("declaration", "毛重与舱单相差（%）", "Gross mass off the manifest's (%)"),
    "item.hs": _digits("item", "税则号列", "Commodity code"),
    "item.origin": _text("item", "原产国", "Country of origin"),
    "item.description": _text("item", "品名", "Description of goods"),
    "item.procedure": _text("item", "监管方式", "Procedure"),
    "item.package_type": _text("item", "包装种类", "Kind of package"),
    "item.permit": _text("item", "监管证件", "Permits"),
    "item.value": _number("item", "货值", "Value"),
    "item.net_kg": _number("item", "净重（千克）", "Net mass (kg)"),
    "item.usd_per_kg": _number("item", "每千克单价（美元）", "Price a kilogram (USD)"),
    "line.loading": _text("line", "装货港", "Port of loading"),
    "line.discharge": _text("line", "卸货港", "Port of discharge"),
    "line.delivery": _text("line", "目的地", "Place of delivery"),
    "line.consignor": _text("line", "舱单发货人", "Consignor on the manifest"),
    "line.consignee": _text("line", "舱单收货人", "Consignee on the manifest"),
    "line.notify": _text("line", "通知人", "Notify party"),
    "line.gross_kg": _number("line", "舱单毛重（千克）", "Gross mass on the manifest (kg)"),
    "goods.description": _text("goods", "舱单货名", "Description on the manifest"),
    "goods.hs": _digits("goods", "舱单税则号列", "HS code on the manifest"),
    "goods.un": _digits("goods", "联合国编号", "UN number"),
    "trader.first": _text("trader", "首次申报（YES/NO）", "First declaration (YES/NO)"),
    "trader.grade": _text("trader", "海关信用等级", "Customs credit level"),
    "trader.violations": _number("trader", "违法违规次数", "Number of violations"),
    "trader.inspected": _number("trader", "近一年被查验次数", "Inspections within a year"),
    "trader.hits": _number("trader", "近一年查获次数", "Inspections with findings within a year"),
    "route.flag": _text("route", "船旗国", "Flag state"),
    "route.last_port": _text("route", "上一港", "Last port"),
    "route.next_port": _text("route", "下一港", "Next port"),
}
assert tuple(FIELDS) == get_args(FieldName)


def named(name: str) -> Text:
    """A field's name with its place, as a person reads it."""
    info = FIELDS[name]
    place = SCOPES[info.scope]
    return Text(f"{place.zh}：{info.title.zh}", f"{place.en}: {info.title.en}")


def fits(name: str, operator: str) -> bool:
    """Whether an operator can be used on a field."""
    shape = FIELDS[name].shape
    if operator == "missing":
        return True
    return operator in NUMERIC or operator in ("is", "is_not") if shape == "number" else operator not in NUMERIC


def normal(text: str) -> str:
    """The form in which texts are compared: half-width, upper case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).upper().split())


def read(shape: Shape, text: str) -> Value:
    """A stated value in the form in which a field's values are compared; ValueError when it is none."""
    if shape == "number":
        return number(text)
    found = "".join(char for char in normal(text) if "0" <= char <= "9") if shape == "digits" else normal(text)
    if not found:
        raise ValueError(text)
    return found


def number(text: str) -> Decimal:
    """A finite decimal number of at most 30 signs; ValueError when it is none."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(text) from None
    if not found.is_finite() or len(text) > 30 or abs(found.adjusted()) > 30:
        raise ValueError(text)
    return found
