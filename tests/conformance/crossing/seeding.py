"""What each organisation files through the public doors, with canaries in it; then what lies in the database."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import Any

import httpx

from kouan.kernel.records import record_type, record_types
from tests.conformance.conftest import Database
from tests.conformance.crossing.expected import Account, Instance, World
from tests.conformance.crossing.filling import Canaries
from tests.conformance.crossing.outside import moment, outside
from tests.conftest import Running

DECLARATION, ORDER = "base.declaration.declaration", "supervision.inspection.order"
CALL, ABOARD = "base.portcall.port_call", "base.portcall.person_aboard"
FIRST = ("supervision.process.definition", "facilities.devices.device", "cooperation.gateway.partner", "base.province.base")
"""Types that others refer to."""
UNDECIDED = {"author": None, "trial": None, "approved_by": None, "approved_at": None}
"""What the platform states of a rule or setting, and no filer."""
UNDIVIDED = {
    "value": "1250000", "basis": None, "source": "singlewindow", "direction": None, "mode": None, "place": None, "country": None,
    "chapter": None, "kind": None,
}  # fmt: skip
"""A loaded figure of the whole port."""
FILERS = {
    "facilities.gate.lane": "terminal", "base.receipt.response": "border", "standards.registry.proposal": "customs",
    "base.push.subscription": "trader",
}  # fmt: skip


def imo(run: int) -> str:
    """An IMO number with its check digit."""
    six = f"{900_000 + run % 90_000}"
    return six + str(sum(int(d) * w for d, w in zip(six, range(7, 1, -1), strict=True)) % 10)


class Seeder:
    """Files records as their organisations and remembers them."""

    def __init__(self, platform: Running, database: Database, world: World) -> None:
        self.run = random.randrange(10**6)
        self.platform, self.database, self.world = platform, database, world
        self.started = datetime.now(UTC)
        self.canaries = Canaries(self.run)
        self.clients: dict[str, httpx.Client] = {}

    def client(self, org: str) -> httpx.Client:
        """A client of an organisation's working role."""
        return self.clients.setdefault(org, self.platform.client(org))

    def file(self, record: str, org: str, /, **base: Any) -> dict[str, Any]:
        """File a record full of canaries; its item."""
        data = self.canaries.fill(record_type(record), base)
        answer = self.client(org).post("/api/records/" + record.replace(".", "/"), json=data)
        assert answer.status_code == 201, (record, answer.text)
        item: dict[str, Any] = answer.json()["item"]
        self.world.sent[item["id"]] = data
        return item

    def ships(self) -> None:
        """Port calls, one of them amended so that a carrier is a party no more, and persons aboard."""
        base = {"flag": "CN", "port": "CNWHH", "crew_count": 3, "eta": moment(hours=8), "mmsi": "414999001"}
        kept = self.file(CALL, "agent", **base, vessel=f"vessel:imo:{imo(self.run)}", carrier="org:carrier", call_sign="BWHS")
        self.call = kept["ref"]
        other = {**base, "vessel": f"vessel:imo:{imo(self.run + 1)}", "call_sign": "BWHT"}
        item = self.file(CALL, "agent", **other, carrier="org:trucker")
        self.amended = item
        changed = {**item["data"], "carrier": "org:carrier", "purpose": self.canaries.text(), "master_name": None, "master": None}
        given = {name: value for name, value in changed.items() if value is not None}
        self.world.sent[item["id"]] = given
        door = f"/api/records/base/portcall/port_call/{item['id']}"
        answer = self.client("agent").put(door, json=given, headers={"If-Match": "1"})
        assert answer.status_code == 200, answer.text
        for n in range(2):
            self.file(ABOARD, "agent", call=self.call, person=f"person:P/CN/{self.canaries.text()}{n}", nationality="CN")

    def cargo(self) -> None:
        """A manifest with lines for a trader and a trucker, a rail manifest, declarations of two declarants."""
        manifest = self.file("base.manifest.manifest", "carrier", port="CNWHH", vessel=f"vessel:imo:{imo(self.run)}")
        bills = [f"bill:{self.canaries.text()}" for _ in range(2)]
        self.boxes = [f"container:{self.canaries.container()}" for _ in range(2)]
        for bill, box, consignee in zip(bills, self.boxes, ("trader", "trucker"), strict=True):
            line = {"manifest": manifest["ref"], "bill": bill, "containers": [box], "consignee_code": consignee}
            self.file("base.manifest.consignment", "carrier", **line)
        self.file("base.manifest.rail_manifest", "carrier")
        items = [
            [{"sequence": 1, "hs": hs, "origin": "KR", "description": self.canaries.text(), "net_kg": 10, "gross_kg": 12}]
            for hs in ("360200", "851679")
        ]
        for org, bill, box, goods in zip(("trader", "agent"), bills, self.boxes, items, strict=True):
            told = {"office": "9901", "function_code": "9", "hs": goods[0]["hs"], "items": goods, "vessel": None}
            item = self.file(DECLARATION, org, **told, bills=[bill], containers=[box], gross_kg=12, transport_mode="1")
            setattr(self, f"by_{org}", item)

    def visit(self) -> None:
        """The joint inspection that the risky declaration leads to, with one agency's finding."""
        door = "/api/records/supervision/inspection/order"
        for _ in range(100):
            orders = self.client("customs").get(door, params={"declaration": self.by_trader["ref"]}).json()["items"]
            if orders:
                break
            time.sleep(0.1)
        assert len(orders) == 1
        asked = {"declaration": self.by_trader["ref"], "agency": "border", "reason": self.canaries.text()}
        answer = self.client("border").post("/api/inspections/target", json=asked)
        assert answer.status_code in (200, 201), answer.text
        finding = {"agency": "border", "outcome": "release", "note": self.canaries.text()}
        answer = self.client("border").post(f"/api/inspections/{orders[0]['id']}/findings", json={"findings": [finding]})
        assert answer.status_code in (200, 201), answer.text

    def road(self) -> None:
        """A booking, and the truck at the gate."""
        plate = f"鲁B{self.run % 90000 + 10000}"
        self.file("services.booking.booking", "trucker", vehicle=plate, containers=[self.boxes[1]], direction="in",
                  opens=moment(minutes=-30), closes=moment(minutes=60), dangerous=[],
                  driver=f"person:ID/CN/{self.canaries.text()}")  # fmt: skip
        told = {
            "vehicle": plate, "containers": [self.boxes[1]], "direction": "in", "gross_kg": self.canaries.decimal(),
            "seals": [self.canaries.text()], "driver": self.canaries.text(), "driver_name": self.canaries.text(),
        }  # fmt: skip
        answer = self.client("terminal").post("/api/gates/in-1/passages", json=told)
        assert answer.status_code == 201, answer.text
        self.world.sent[answer.json()["passage"]["id"]] = told

    def papers(self) -> None:
        """Transport papers that name containers which exist, and an order for a bill that is there."""
        boxes = [f"container:{self.canaries.container()}" for _ in range(3)]
        waybill = {"form": "seaway-bill", "mode": "sea", "level": "direct", "title": "none", "holder": None, "holders": [], "master": None,
                   "houses": [], "containers": boxes[:1], "consignee_code": "trader", "shipper_code": "trucker"}  # fmt: skip
        kept = self.file("base.transport.document", "carrier", **waybill)
        named = {"issuer": "org:carrier", "holder": "org:trader", "holders": [], "collected": []}
        self.file("base.transport.delivery_order", "carrier", bill=kept["data"]["number"], containers=boxes[:1], **named)
        self.file("base.transport.interchange", "terminal", container=boxes[1], taken_by="org:trucker", given_by="org:terminal")
        lines = [{"sequence": 1, "description": self.canaries.text(), "container": boxes[2]}]
        self.file("base.transport.packing_list", "trader", containers=boxes[2:], lines=lines, consignee_code="agent")

    def approvals(self) -> None:
        """An approval process, and an application under it."""
        step = {"key": "border", "agency": "border", "name_zh": "审批", "name_en": "Approval", "after": []}
        kept = self.file("supervision.process.definition", "portoffice", code=f"t{self.run}", steps=[step])
        blank: dict[str, Any] = {"version": None, "steps": [], "ended_at": None}
        self.file("supervision.process.case", "agent", process=kept["ref"], call=self.call, **blank)

    def rest(self) -> None:
        """An agency's answer, and every other open record type once, so that a new type is crossed too."""
        self.file("base.receipt.response", "border", about=self.call, at=moment())
        kept = self.database.fetch("select distinct record from version where at >= $1", self.started, orgs=(1,))
        seeded = {row["record"] for row in kept}
        refused: list[str] = []
        for cls in sorted(record_types(), key=lambda one: one.facts.name not in FIRST):
            if cls.facts.http and set(cls.facts.filers) - {"platform"} and cls.facts.name not in seeded:
                try:
                    filer = FILERS.get(cls.facts.name, cls.facts.filers[0])
                    self.file(cls.facts.name, filer, **base_of(cls.facts.name, self.run, self.call))
                except AssertionError as refusal:
                    refused.append(str(refusal))
        assert not refused, "a new record type needs an entry in base_of: " + "\n".join(refused)

    def quarantined(self) -> None:
        """A message that cannot be read, full of a canary."""
        canary = self.canaries.text()
        broken = f"<Declaration><ID>{canary}</ID>".encode()
        assert self.client("trader").post("/api/intake/wco-dec", content=broken).status_code == 422
        self.world.granted[canary] = "trader"


def _operations(run: int) -> dict[str, Any]:
    return {
        "operations.alerts.rule": {
            "code": f"r-{run}", "revision": 1, "replaces": None, "signal": "reading",
            "condition": {"field": "value", "op": ">", "value": 1},
            "message_zh": "超过", "message_en": "over", "count": 1, "problem": None, **UNDECIDED,
        },
        "operations.alerts.hazard": {
            "type": "Alert", "replaces": [], "expires": None, "track": None,
            "areas": [{"description": "x", "geometry": {"type": "Point", "coordinates": [121.6, 36.05]}}],
        },
        "operations.monitoring.figure": {**UNDIVIDED, "indicator": "trade.total_cny", "day": f"20{run % 20:02}-05-06"},
        "operations.alerts.setting": {"alert": "operations.alerts.backlog", "revision": 100_000 + run % 900_000, "values": {}, **UNDECIDED},
        "operations.reports.definition": {
            "code": f"r-{run}", "lines": [{"indicator": "gate.passages"}], "recipients": ["org:trucker"], "scheduled": True,
        },
    }


def _tags(run: int) -> dict[str, Any]:
    """A tag's definition without moments, proposed and approved by nobody."""
    stated = {"record": "base.movement.move", "terms": [{"name": "activity", "op": "is", "values": ["gate-out"]}]}
    unstated = dict.fromkeys(("since", "until", "hours", "proposed_by", "approved_by", "approved_at"))
    return {"operations.tags.tag": {"code": f"t-{run}", **stated, **unstated}}


def _governed(run: int) -> dict[str, Any]:
    """Data sets and elements that say nothing in part, a saved query, and a grant in force that shares three fields of declarations."""
    granted = {
        "kind": "grant", "grantor": "org:customs", "grantee": "org:carrier", "record": DECLARATION, "where": [], "valid_from": None,
        "shows": ["functional_reference", "type_code", "gross_kg"], "valid_until": moment(days=1),
    }  # fmt: skip
    return {
        "base.grant.grant": granted,
        "base.catalogue.dataset": {"code": f"S-{run}", "columns": [], "level": 1},
        "base.query.saved": {"way": "sql", "content": f"select {run}"},
        "base.catalogue.element": {"code": f"E-{run}", "used_by": [], "edition": 0, "published_at": None},
    }


def _taken(run: int) -> dict[str, Any]:
    """Rules of quality, sources of data, a profile of a port, a parcel list."""
    return {
        "base.profile.profile": {"port": f"CN{run:06}", "organisations": [], "plan": [], "goals": [], "also": []},
        "base.parcel.list": {"currency": "CNY", "goods": [{"description": "Toy", "quantity": "1"}]},
        "base.quality.rule": {
            "code": f"q-{run}", "of": "base.movement.status", "field_name": "text", "check": "length", "high": 900, "low": None,
            "values": [], "pattern": None, "about": None,
        },
        "base.ingest.source": {
            "code": f"s-{run}", "kind": "upload", "format": "csv", "target": "base.movement.status", "sender": "org:carrier", "unique": [],
            "columns": [{"into": "code", "column": "a", "steps": []}], "every_minutes": None, "address": None,
        },
    }  # fmt: skip


def _processes(run: int, call: str) -> dict[str, Any]:
    """Approval processes, and a case of one."""
    return {
        "supervision.process.definition": {
            "code": f"p-{run}", "steps": [{"key": "one", "name_zh": "第一步", "name_en": "First step", "agency": "customs"}],
        },
        "supervision.process.case": {
            "process": f"process:P-{run}", "call": call, "concerns": None, "version": None, "steps": [], "ended_at": None,
        },
    }  # fmt: skip


def base_of(record: str, run: int, call: str) -> dict[str, Any]:
    """What a type needs that a canary cannot be."""
    return {
        "base.push.subscription": {
            "channel": "sse", "address": None, "about": [call], "records": [], "moments": [], "states": [], "where": [], "since": None,
            "until": None, "stopped": None,
        },
        "base.exchange.instruction": {
            "to": "org:border", "due": moment(hours=2), "outcome": None, "reply": None, "replied_at": None,
        },
        "base.place.place": {"geometry": {"type": "Point", "coordinates": [121.6, 36.05]}, "parent": None, "direction": None},
        "facilities.access.permit": {"areas": ["place:CNWHH/RESTRICTED/APRON"], "opens": moment(days=-2), "closes": moment(days=20)},
        "facilities.devices.device": {
            "code": f"D-{run}", "driver": "mqtt", "address": "", "metrics": [], "readers": [], "lane": None,
            "place": None, "calibration_due": None,
        },
        "facilities.devices.maintenance": {"device": f"device:D-{run}"},
        "facilities.rooms.asset": {"code": f"A-{run}", "room": "place:CNWHH/HALL/1", "depends_on": [], "sensors": [], "capacity": [],
                                  "device": None},
        "facilities.rooms.service": {"code": f"S-{run}", "depends_on": [], "needs": []},
        "facilities.telemetry.setting": {"device": f"D-T{run}", "metric": "t", "readers": [], "low": None, "high": None},
        "facilities.telemetry.tracker": {"protocol": "jt808", "number": f"199{run:08}", "kind": "truck", "code": f"T{run}", "readers": []},
        "facilities.gate.lane": {"code": f"t-{run}", "divert_to": None},
        "base.permit.permit": {
            "kind": "7", "issuer": "org:customs", "holder": "enterprise:91379999MA0WHH048N", "goods": [], "unit": "KGM", "origin": None,
            "valid_from": "2020-01-01", "valid_until": "2090-01-01", "uses": 5, "tolerance": 5, "drawn": None, "used": None,
        },
        "base.conveyance.conveyance": {"day": "2026-11-20", "wagons": [], "trailers": [], "vehicle": None},
        "base.enterprise.enterprise": {"code": "91379999MA0WHH056H"},
        "standards.registry.standard": {"number": f"T/T {run}", "over": None},
        "standards.registry.proposal": {"number": "ISO 9735", "proposed_by": "org:customs"},
        "standards.locations.code": {
            "code": f"T{run}", "place": "CNQIN", "since": "2020-01-01", "until": None, "of_code": None, "of_place": None,
        },
        "standards.parameters.entry": {"set_name": "hs", "code": f"98{run:06}", "since": "2022-01-01", "until": None},
        "base.permit.verifier": {"kinds": ["ZZ"], "address": "https://verify.example/lpco"},
        "operations.berth.plan": {
            "call": call, "berth": "place:CNWHH/BERTH/B1", "planned_from": moment(days=40), "planned_to": moment(days=41), "notes": [],
        },
        "operations.berth.movement": {"call": call, "at": moment(), "place": "place:CNWHH/BERTH/B1"},
        "supervision.maritime.limit": {"berth": "place:CNWHH/BERTH/B2", "classes": ["1.4S"]},
        "supervision.maritime.order": {
            "call": call, "kind": "conditions", "berths": [], "not_berths": [], "not_before": None, "not_after": None, "effect": None,
        },
        "supervision.radiation.measurement": {
            "curve": {"at": moment(), "step_s": 1.0, "cps": [50.0], "background_cps": 50.0}, "lane": "lane:in-1",
        },
        "supervision.targeting.profile": {
            "conditions": [{"what": "item.hs", "operator": "begins", "values": ["9999"]}], "share": None, "valid_from": None,
            "valid_until": None, "proposed_by": None, "proposed_at": None, "approved_by": None, "approved_at": None,
        },
        **_operations(run),
        **_tags(run),
        **_governed(run),
        **_taken(run),
        **_processes(run, call),
        **outside(run),
    }.get(record, {})


def seed(platform: Running, database: Database, accounts: list[Account]) -> World:
    """File everything; the world that is then kept."""
    world = World(accounts)
    rows = database.fetch("select slug, code from organisation where code is not null")
    world.codes = {row["code"]: row["slug"] for row in rows}
    seeder = Seeder(platform, database, world)
    for step in (seeder.ships, seeder.cargo, seeder.visit, seeder.road, seeder.papers, seeder.approvals, seeder.rest, seeder.quarantined):
        step()
    time.sleep(1.5)
    world.canaries = seeder.canaries.made
    world.instances = kept_since(database, accounts, seeder.started, world)
    item = seeder.amended
    world.former = [Instance(CALL, item["id"], item["ref"], "agent", item["data"], item["receipt"])]
    for client in seeder.clients.values():
        client.close()
    return world


def kept_since(database: Database, accounts: list[Account], started: datetime, world: World) -> list[Instance]:
    """Every record filed since a moment, with its content: the open part as it lies there, the sealed part as it was sent."""
    slugs = {account.number: account.org for account in accounts}
    found = []
    for cls in record_types():
        sql = f"select * from r_{cls.facts.name.replace('.', '_')} where filed_at >= $1"
        for row in database.fetch(sql, started, orgs=(1,)):
            sent = world.sent.get(str(row["id"]), {})
            data = {name: row["doc"].get(name) for name in cls.fields}
            data |= {name: sent[name] for name in row["sealed"]}
            filer = slugs.get(row["org"], "?")
            found.append(Instance(cls.facts.name, str(row["id"]), row["ref"], filer, data, str(row["submission"])))
    return found
