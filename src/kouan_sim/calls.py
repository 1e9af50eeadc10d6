"""Writer of a simulated ship's call: IMO FAL general declaration with its lists, as JSON after ISO 28005-2.

Everything is typed once, by the ship's agent. Crew and documents are invented (模拟) and say so.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from kouan_sim.traders import CLASSES, PORT, Bill, Goods, Voyage

_DUTIES = ("Master", "Chief officer", "Second officer", "Chief engineer", "Second engineer", "Bosun", "Cook")
_FAMILY = ("LI", "WANG", "ZHANG", "SANTOS", "REYES", "KIM", "NOVAK", "SINGH")
_GIVEN = ("WEI", "MIN", "JUN", "JOSE", "RAMON", "JIHO", "PETR", "ARJUN")
_NATIONS = ("CN", "CN", "CN", "PH", "PH", "KR", "CZ", "IN")


def fal_port_call(
    voyage: Voyage, agent: str = "模拟船务代理 SIM Ship Agency", berth: str = "", passengers: int = 0
) -> bytes:
    """The ship's call as FAL JSON, UTF-8. `berth`: code of the berth wished for, empty for none."""
    ship, crew = voyage.vessel, list(_crew(voyage))
    dangerous = [_dangerous(bill, goods) for bill in voyage.bills for goods in bill.goods if goods.un]
    document: dict[str, Any] = {
        "Version": "1.0",
        "ShipMessageId": voyage.call,
        "SentTime": _moment(datetime.now(UTC)),
        "ArrivalDeparture": "arrival",
        "ShipID": {
            "ShipName": ship.name,
            "IMONumber": voyage.imo,
            "CallSign": ship.call_sign,
            "MMSINumber": str(ship.mmsi),
            "FlagState": voyage.flag,
        },
        "ShipType": "container ship (simulated)",
        "GrossTonnage": 9950,
        "LengthOverall": voyage.length,
        "ArrivalDraught": ship.draught,
        "VoyageNumber": voyage.number,
        "PortOfArrival": {
            "UNLoCode": PORT,
            "ArrivalTime": _moment(voyage.eta),
            "DepartureTime": _moment(voyage.etd),
        },
        "LastPortOfCall": {"UNLoCode": voyage.last_port},
        "NextPortOfCall": {"UNLoCode": voyage.next_port},
        "CallPurpose": ["unloading", "loading"],
        "CargoOverview": f"{len(voyage.bills)} bills of lading in containers (simulated 模拟)",
        "Agent": {"Company": agent, "Person": "SIM Agent 模拟代理"},
        "Carrier": {"Company": "SIM CARRIER LINES 模拟船公司", "CompanyId": "carrier"},
        "MasterName": f"{crew[0]['GivenName']} {crew[0]['FamilyName']}",
        "MasterDocument": crew[0]["IdentityDocument"]["Number"],
        "PersonsOnboard": {"NumberOfCrew": len(crew), "NumberOfPassengers": passengers},
        "CrewList": crew,
        **({"PassengerList": [_passenger(voyage, number) for number in range(passengers)]} if passengers else {}),
        "ShipStore": [{"ArticleName": "Spirits (simulated)", "Quantity": 24, "UnitCode": "LTR"}],
        "DutiableCrewEffects": [_camera(crew[0])],
        "DangerousGoodsCargoIndicator": bool(dangerous),
        "DangerousGoods": dangerous,
        "HealthData": {
            "ValidShipSanitationControlCertificate": True,
            "VisitedInfectedArea": False,
            "PersonDied": False,
            "InfectionConditionOnBoard": False,
            "StowawaysFound": False,
            "SickAnimal": False,
        },
        "WasteInformation": {"WasteDelivery": "none"},
        "Security": {
            "CurrentShipSecurityLevel": voyage.security_level, "HasSecurityPlan": True, "LastPortCalls": list(_ports(voyage)),
        },
    }
    return orjson.dumps(document | ({"BerthArrival": {"FacilityCode": berth}} if berth else {}))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _crew(voyage: Voyage) -> Iterator[dict[str, Any]]:
    """The same invented crew on every voyage of a ship."""
    chance = random.Random(voyage.vessel.mmsi)
    for number in range(voyage.crew):
        nation = chance.randrange(len(_NATIONS))
        yield {
            "FamilyName": f"SIM-{_FAMILY[nation]}",
            "GivenName": _GIVEN[nation],
            "Nationality": _NATIONS[nation],
            "DateOfBirth": date(chance.randrange(1966, 2004), chance.randrange(1, 13), 15).isoformat(),
            "IdentityDocument": {
                "Type": "seafarers-identity-document",
                "Number": f"SIM{voyage.vessel.mmsi % 1000:03d}{number:04d}",
                "IssuingCountry": _NATIONS[nation],
            },
            "Duty": _DUTIES[number] if number < len(_DUTIES) else "Able seaman",
        }


def _camera(owner: dict[str, Any]) -> dict[str, Any]:
    number = owner["IdentityDocument"]["Number"]
    return {"IdentityDocumentNumber": number, "ArticleName": "Camera (simulated)", "Quantity": 1, "UnitCode": "C62"}


def _passenger(voyage: Voyage, number: int) -> dict[str, Any]:
    """An invented passenger, of this voyage alone."""
    chance = random.Random(f"{voyage.number}/{number}")
    nation = chance.randrange(len(_NATIONS))
    return {
        "FamilyName": f"SIM-{_FAMILY[nation]}", "GivenName": _GIVEN[nation], "Nationality": _NATIONS[nation],
        "DateOfBirth": date(chance.randrange(1940, 2020), chance.randrange(1, 13), 15).isoformat(),
        "IdentityDocument": {
            "Type": "passport", "Number": f"SP{chance.randrange(10**9):09d}", "IssuingCountry": _NATIONS[nation],
        },
        "EmbarkationPort": voyage.last_port, "DebarkationPort": PORT, "BookingReference": f"SB{chance.randrange(10**6):06d}",
    }  # fmt: skip


def _ports(voyage: Voyage) -> Iterator[dict[str, Any]]:
    """The last ten port calls, three days apart (simulated)."""
    ports = (voyage.last_port, "JPOSA", "CNSHA", "KRPUS", "SGSIN", "MYPKG", "LKCMB", "INNSA", "AEJEA", "SAJED")
    for number, port in enumerate(ports, 1):
        left = (voyage.eta - timedelta(days=3 * number)).date()
        arrived = left - timedelta(days=1)
        yield {
            "UNLoCode": port, "Facility": f"SIM-{port}-1", "ArrivalDate": arrived.isoformat(),
            "DepartureDate": left.isoformat(), "ShipSecurityLevel": 1,
        }  # fmt: skip


def _dangerous(bill: Bill, goods: Goods) -> dict[str, Any]:
    return {
        "UNNumber": goods.un,
        "UNClass": CLASSES[goods.un],
        "ProperShippingName": goods.description,
        "NumberOfPackages": goods.packages,
        "PackageType": goods.package,
        "Mass": goods.gross,
        "TransportEquipment": bill.boxes[0].number,
        "PortOfLoading": bill.loaded,
        "PortOfDischarge": PORT,
    }
