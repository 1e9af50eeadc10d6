"""A port call with its lists as FAL data sets, JSON or workbook: names in the spelling of ISO 28005-2 that intake takes.

Each line holds what its reader may see, no more: names, documents and dates of persons go only to whom may read them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import orjson

from kouan.base.exchange.codecs.fal.notice import Purpose
from kouan.base.exchange.formats.imo_fal.mapping import CALL, PERSON
from kouan.base.exchange.formats.imo_fal_sheet.template import filled
from kouan.base.exchange.outgoing import fal_lists as lists
from kouan.base.exchange.outgoing.fact import Fact, bare

Data = Mapping[str, Any]
_PURPOSES = frozenset(get_args(Purpose))
_LONGEST = 70
BESIDE = (PERSON, *lists.MAKERS, lists.EFFECTS)
"""The records that go with a call."""
ALONE = tuple(lists.MAKERS)
"""The lists that can go by themselves; crew's effects go with the crew list that says whose they are."""


def write(fact: Fact) -> bytes:
    """The data sets as JSON. Raises ValueError where no ship (by IMO number), voyage and port are named."""
    return orjson.dumps(notice(fact), default=str, option=orjson.OPT_INDENT_2)


def workbook(fact: Fact) -> bytes:
    """The data sets as a workbook with a sheet for each form, empty where nothing is stated. Raises ValueError as `write`."""
    return filled(orjson.loads(orjson.dumps(notice(fact), default=str)))


def notice(fact: Fact) -> dict[str, Any]:
    """The notice: of a call with everything that is filed beside it, or of one list."""
    head = {"Version": "1.0", "ShipMessageId": fact.event[-35:], "SentTime": fact.at}
    if fact.record != CALL:
        return {**head, **_named(*_of_reference(fact.text("call"))), **lists.stated(_made(fact.record, fact.data))}
    told = {**head, **_call(fact.data, _named(fact.text("vessel"), fact.text("voyage"), fact.text("port")))}
    for record in lists.MAKERS:
        for data in fact.under(record)[:1]:
            told |= _made(record, data)
    return lists.stated({**told, **_persons(fact)})


def _made(record: str, data: Data) -> dict[str, Any]:
    name, make = lists.MAKERS[record]
    return {name: make(data)}


def _of_reference(call: str) -> tuple[str, str, str]:
    """`portcall:CNWHH/VESSEL:IMO:9321483/2611E` → ship, voyage, port."""
    port, _, rest = bare(call).partition("/")
    vessel, _, voyage = rest.partition("/")
    return vessel.lower(), voyage, port


def _named(vessel: str, voyage: str, port: str) -> dict[str, Any]:
    scheme, _, number = bare(vessel).rpartition(":")
    if scheme != "imo" or not voyage or not port:
        raise ValueError("a FAL notice names a ship by its IMO number, its voyage and the port")
    return {"ShipID": {"IMONumber": number}, "VoyageNumber": voyage, "PortOfArrival": {"UNLoCode": port}}


def _call(data: Data, named: dict[str, Any]) -> dict[str, Any]:
    """The general declaration (form 1) with the dangerous goods (form 7)."""
    ship = {
        "ShipName": data.get("ship_name"), "CallSign": data.get("call_sign"), "MMSINumber": data.get("mmsi"),
        "FlagState": data.get("flag"),
    }  # fmt: skip
    port = {"ArrivalTime": data.get("eta"), "DepartureTime": data.get("etd")}
    purposes = [piece for piece in (data.get("purpose") or "").split(", ") if piece]
    carrier, crew = bare(data.get("carrier")), data.get("crew_count")
    return {
        **named, "ArrivalDeparture": "arrival", "ShipID": named["ShipID"] | lists.stated(ship), "ShipType": data.get("ship_type"),
        "GrossTonnage": data.get("gross_tonnage"), "LengthOverall": data.get("length_m"), "ArrivalDraught": data.get("draught_m"),
        "PortOfArrival": named["PortOfArrival"] | lists.stated(port), "LastPortOfCall": _port(data.get("last_port")),
        "NextPortOfCall": _port(data.get("next_port")),
        "BerthArrival": {"FacilityCode": bare(data["berth_wish"])} if data.get("berth_wish") else None,
        "CallPurpose": purposes if purposes and _PURPOSES.issuperset(purposes) else None,
        "CargoOverview": data.get("cargo_summary") or None,
        "Agent": {"Company": data["agent_name"][:_LONGEST]} if data.get("agent_name") else None,
        "Carrier": {"Company": carrier, "CompanyId": carrier} if carrier else None, "MasterName": data.get("master_name"),
        "PersonsOnboard": None if crew is None else lists.stated(
            {"NumberOfCrew": crew, "NumberOfPassengers": data.get("passenger_count")}),
        "DangerousGoodsCargoIndicator": bool(data["dangerous"]) if "dangerous" in data else None,
        "DangerousGoods": [lists.dangerous(goods) for goods in data.get("dangerous") or ()] or None,
    }  # fmt: skip


def _port(code: Any) -> Data | None:
    return {"UNLoCode": code} if code else None


def _persons(fact: Fact) -> dict[str, Any]:
    """Forms 5, 6 and 4, and the master's document where the crew list shows it."""
    aboard = [data for data in fact.under(PERSON) if data.get("status") != "removed"]
    known = {data["person"]: data for data in aboard if data.get("person")}
    master = known.get(fact.data.get("master"), {})
    effects = [line for data in fact.under(lists.EFFECTS)[:1] for line in lists.effects(data, known)]
    return {
        "CrewList": _listed(aboard, "crew", lists.member), "PassengerList": _listed(aboard, "passenger", lists.passenger),
        "DutiableCrewEffects": effects or None, "MasterDocument": master.get("document_number"),
    }  # fmt: skip


def _listed(aboard: Sequence[Data], role: str, make: Callable[[Data], dict[str, Any]]) -> list[dict[str, Any]] | None:
    return [make(data) for data in aboard if data.get("role") == role] or None
