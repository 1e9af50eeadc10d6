"""A sample province (simulated): one base, a region that reads it, four ports, and records of all seven families.

Everything is filed through the public doors as the demo's organisations would, under references of this run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kouan_sim.doors import Answer
from kouan_sim.foreign import Window, agreed
from kouan_sim.identifiers import References
from kouan_sim.messages import cuscar, wco_declaration
from kouan_sim.traders import ORDINARY, TRADER, Desk

RECORDS = "/api/records/"
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PORTS = (("water", "海港", "Sea port"), ("air", "空港", "Airport"), ("road", "公路口岸", "Road port"), ("rail", "铁路口岸", "Rail port"))


@dataclass(frozen=True, slots=True)
class Filing:
    """One thing to file: as whom, at which door, what."""

    org: str
    path: str
    body: Any
    media: str = "application/json"


def credit_code(number: int) -> str:
    """A unified social credit code of an invented firm, with its check character (GB 32100)."""
    bare = f"91379999MA{number % 10_000_000:07}"
    total = sum(USCC.index(sign) * 3**place % 31 for place, sign in enumerate(bare))
    return bare + USCC[(31 - total % 31) % 31]


def filings(refs: References, *, region: str) -> Iterator[Filing]:
    """The sample province, in the order in which it is filed. `region`: the organisation that is the region's window."""
    code = f"S{refs.run.upper()}"[:12]
    named = {"name_zh": "模拟省口岸基础数据库", "name_en": "SIM province port database", "simulated": True}
    yield Filing("portoffice", f"{RECORDS}base/province/base", {"province": code, **named})
    tenant = {"base": f"database:{code}", "org": f"org:{region}", "region": f"{code[:10]}02", "name_zh": "模拟市窗口",
              "name_en": "SIM city window", "simulated": True}  # fmt: skip
    yield Filing("portoffice", f"{RECORDS}base/province/tenant", tenant)
    yield from _ports(refs)
    yield from _trade(refs)
    yield from _others(refs, code)


def _ports(refs: References) -> Iterator[Filing]:
    chance = refs.chance("ports")
    for mode, zh, en in PORTS:
        port = {"port": f"XS{chance.randrange(10**6):06}", "name_zh": f"模拟省{zh}", "name_en": f"SIM province {en}", "mode": mode,
                "tier": "ordinary"}  # fmt: skip
        yield Filing("portoffice", f"{RECORDS}base/profile/profile", port)


def _trade(refs: References) -> Iterator[Filing]:
    """Families a and b: a manifest, a declaration, a packing list."""
    desk, now = Desk(refs), datetime.now(UTC).replace(microsecond=0)
    bill = desk.bill(refs.chance("goods").choice(ORDINARY), 1, TRADER)
    voyage = desk.voyage(now + timedelta(hours=6), 0, extra=(bill,))
    yield Filing("carrier", "/api/intake/edifact", cuscar(voyage, now), "application/edifact")
    yield Filing("trader", "/api/intake/wco-dec", wco_declaration(voyage, bill, refs.next("SP"), now), "application/xml")
    yield Filing("trader", f"{RECORDS}base/transport/packing_list", {"number": refs.next("PL"), "containers": [bill.boxes[0].number]})


def _others(refs: References, code: str) -> Iterator[Filing]:
    """Families c to g: a firm, an instruction between agencies, a foreign certificate, a device, a national library, a place."""
    number = refs.chance("firm").randrange(10**7)
    firm = {"code": credit_code(number), "name_zh": "模拟省企业（虚构）", "simulated": True}
    yield Filing("customs", f"{RECORDS}base/enterprise/enterprise", firm)
    told = {"number": refs.next("XC"), "to": "org:border", "measure": "inform", "subject": "SIM: shared dangerous goods"}
    yield Filing("customs", f"{RECORDS}base/exchange/instruction", told)
    window = Window(f"XS-{code}")
    yield Filing("portoffice", f"{RECORDS}cooperation/gateway/partner", {**agreed(window), "address": None})
    certificate = {"certificateNo": refs.next("CO"), "formType": "CO", "originCountry": "KOR"}
    yield Filing("customs", "/api/intake/jws", window.message(refs.next("M"), "origin", certificate), "application/jose+json")
    device = {"code": refs.next("WS"), "name_zh": "模拟气象站", "name_en": "SIM weather station", "kind": "weather", "driver": "mqtt"}
    yield Filing("portoffice", f"{RECORDS}facilities/devices/device", device)
    yield Filing("portoffice", f"{RECORDS}base/registers/library",
                 {"code": f"L-{code}", "name_zh": "国家法人库（模拟）", "name_en": "SIM national library", "families": ["legal_person"],
                  "address": "http://127.0.0.1:9/library", "every_minutes": 10080, "simulated": True})  # fmt: skip
    place = {"code": f"SIM/{code}", "kind": "yard", "name_zh": "模拟省堆场", "name_en": "SIM province yard",
             "geometry": {"type": "Point", "coordinates": [121.6, 36.05]}}  # fmt: skip
    yield Filing("portoffice", f"{RECORDS}base/place/place", place)


def refused(filing: Filing, answer: Answer) -> dict[str, Any] | None:
    """What went wrong with a filing; None when it was taken."""
    return None if answer.ok else {"door": filing.path, "reason": answer.reason}
