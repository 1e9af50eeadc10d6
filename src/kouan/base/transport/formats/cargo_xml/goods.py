"""Goods lines and loading units of a Cargo-XML consignment."""

from __future__ import annotations

from typing import Any

from lxml import etree

from kouan.base.transport.formats.cargo_xml.tree import Tree
from kouan.base.transport.formats.cargo_xml.values import LENGTH, MASS, VOLUME, amount, decimal_of, measure, whole

ITEM = "IncludedMasterConsignmentItem|IncludedHouseConsignmentItem"
UNIT = "AssociatedUnitLoadTransportEquipment|UtilizedUnitLoadTransportEquipment|UtilizedLogisticsTransportEquipment"
Values = dict[str, Any]


def items(tree: Tree, consignment: etree._Element | None) -> list[etree._Element]:
    """The goods items of a consignment: below its ratings, or directly in it."""
    return [*tree.all(consignment, f"ApplicableRating/{ITEM}"), *tree.all(consignment, ITEM)]


def goods(tree: Tree, consignment: etree._Element | None) -> list[Values]:
    """The lines of goods, with their rating, sizes and loading units."""
    found = [_line(tree, item, at) for at, item in enumerate(items(tree, consignment), 1)]
    said = tree.text(consignment, "SummaryDescription", most=2000)
    if said and not any(line.get("description") for line in found):
        found = [{**found[0], "description": said}, *found[1:]] if found else [{"sequence": 1, "description": said}]
    elif said and not any(line["description"] == said for line in found if "description" in line):
        found.append({"sequence": 0, "description": said})
    return found


def units(tree: Tree, consignment: etree._Element | None) -> list[Values]:
    """The loading units of a consignment and of its items, each once; what several places say of one is put together."""
    found: dict[str, Values] = {}
    places = [consignment, *items(tree, consignment)]
    for element in (one for place in places for one in tree.all(place, UNIT)):
        unit = _unit(tree, element)
        if unit.get("id"):
            key = f"{unit.get('kind', '')}{unit['id']}{unit.get('owner', '')}"
            before = found.get(key, {})
            if before.get("pieces") is not None and unit.get("pieces") is not None and place_differs(consignment, element):
                unit["pieces"] += before["pieces"]
            found[key] = {**before, **unit}
    return list(found.values())


def place_differs(consignment: etree._Element | None, element: etree._Element) -> bool:
    """Whether a unit is told of inside a goods item, whose pieces are a part of what the unit carries."""
    return element.getparent() is not consignment


def _line(tree: Tree, item: etree._Element, at: int) -> Values:
    rate = tree.one(item, "ApplicableFreightRateServiceCharge")
    paid, currency = amount(tree, tree.one(rate, "AppliedAmount"))
    sequence = whole(tree, item, "SequenceNumeric")
    codes = tree.texts(item, "TypeCode", most=30)
    applied = tree.one(rate, "AppliedRate")
    price = decimal_of((applied.text or "").strip()) if applied is not None else None
    if price is not None:
        tree.text(applied)
    values = {
        "description": "\n".join(tree.texts(item, "NatureIdentificationTransportCargo/Identification", most=2000))[:2000],
        "hs": " ".join(codes)[:200], "origin": tree.text(item, "OriginCountry/ID", most=4),
        "pieces": whole(tree, item, "PieceQuantity"), "packages": whole(tree, item, "PackageQuantity"),
        "gross_kg": measure(tree, item, "GrossWeightMeasure", MASS), "volume_m3": measure(tree, item, "GrossVolumeMeasure", VOLUME),
        "chargeable_kg": measure(tree, rate, "ChargeableWeightMeasure", MASS), "rate_class": tree.text(rate, "CategoryCode", most=10),
        "rate": price, "amount": paid, "currency": currency, "dimensions": _dimensions(tree, item),
        "marks": "\n".join(tree.texts(item, "PhysicalLogisticsShippingMarks/Marking", most=2000))[:2000],
        "units": [unit["id"] for element in tree.all(item, UNIT) if (unit := _unit(tree, element)).get("id")],
    }  # fmt: skip
    stated = {key: value for key, value in values.items() if value not in (None, "", [])}
    return {"sequence": sequence if sequence is not None and sequence <= 99999 else at, **stated}


def _dimensions(tree: Tree, item: etree._Element) -> list[Values]:
    found = []
    for package in tree.all(item, "TransportLogisticsPackage"):
        size = tree.one(package, "LinearSpatialDimension")
        values = {
            "pieces": whole(tree, package, "ItemQuantity"), "gross_kg": measure(tree, package, "GrossWeightMeasure", MASS),
            "length_cm": measure(tree, size, "LengthMeasure", LENGTH), "width_cm": measure(tree, size, "WidthMeasure", LENGTH),
            "height_cm": measure(tree, size, "HeightMeasure", LENGTH),
        }  # fmt: skip
        found.append({key: value for key, value in values.items() if value is not None})
    return [one for one in found if one]


def _unit(tree: Tree, element: etree._Element) -> Values:
    values = {
        "id": tree.text(element, "ID", most=35), "kind": tree.text(element, "CharacteristicCode", most=10),
        "owner": tree.text(element, "OperatingParty/PrimaryID", most=35), "pieces": whole(tree, element, "LoadedPackageQuantity"),
        "gross_kg": measure(tree, element, "GrossWeightMeasure", MASS), "tare_kg": measure(tree, element, "TareWeightMeasure", MASS),
        "seals": tree.texts(element, "AffixedLogisticsSeal/ID", most=35), "remark": tree.text(element, "LoadingRemark", most=400),
    }  # fmt: skip
    return {key: value for key, value in values.items() if value not in (None, "", [])}
