"""A port call as a FAL data set: names as in the IMO Compendium's spelling that intake takes; persons go by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from kouan.base.exchange.outgoing.fact import Fact, bare


def write(fact: Fact) -> bytes:
    """The general declaration (form 1) with what the record holds. ValueError when it names no ship or voyage."""
    data = fact.data
    scheme, _, number = bare(data.get("vessel")).rpartition(":")
    if not number or not data.get("voyage"):
        raise ValueError("a FAL notice names a ship and its voyage")
    ship = {
        "ShipName": data.get("ship_name"), "IMONumber": number if scheme == "imo" else None,
        "CallSign": data.get("call_sign"), "MMSINumber": data.get("mmsi"), "FlagState": data.get("flag"),
    }  # fmt: skip
    notice = {
        "Version": "1.0", "ShipMessageId": fact.event[-35:], "SentTime": fact.at, "ArrivalDeparture": "arrival",
        "ShipID": _stated(ship), "ShipType": data.get("ship_type"), "GrossTonnage": data.get("gross_tonnage"),
        "LengthOverall": data.get("length_m"), "ArrivalDraught": data.get("draught_m"), "VoyageNumber": data.get("voyage"),
        "PortOfArrival": _stated(
            {"UNLoCode": data.get("port"), "ArrivalTime": data.get("eta"), "DepartureTime": data.get("etd")}
        ),
        "LastPortOfCall": _port(data.get("last_port")), "NextPortOfCall": _port(data.get("next_port")),
        "BerthArrival": {"FacilityCode": data["berth_wish"]} if data.get("berth_wish") else None,
        "CargoOverview": data.get("cargo_summary") or None, "MasterName": data.get("master_name"),
        "PersonsOnboard": {
            "NumberOfCrew": data.get("crew_count") or 0, "NumberOfPassengers": data.get("passenger_count") or 0
        },
        "DangerousGoodsCargoIndicator": bool(data.get("dangerous")),
        "DangerousGoods": [_dangerous(goods) for goods in data.get("dangerous") or ()] or None,
    }  # fmt: skip
    return orjson.dumps(_stated(notice), default=str, option=orjson.OPT_INDENT_2)


def _port(code: Any) -> Mapping[str, Any] | None:
    return {"UNLoCode": code} if code else None


def _dangerous(goods: Mapping[str, Any]) -> Mapping[str, Any]:
    return _stated({
        "UNNumber": goods.get("un_number"), "UNClass": goods.get("imdg_class"),
        "ProperShippingName": goods.get("description"), "Mass": goods.get("gross_kg"),
        "OnboardLocation": goods.get("position") or None,
    })  # fmt: skip


def _stated(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
