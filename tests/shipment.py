"""A shipment through the public doors of a running platform: manifest, declaration, order, booking, gate, trace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from kouan_sim.identifiers import References
from kouan_sim.messages import cuscar, wco_declaration
from kouan_sim.traders import TRADER, Bill, Goods, Voyage
from kouan_sim.traders import Desk as Trade
from tests.conftest import Running

GREEN = Goods("84581100", "Numerically controlled lathes, SIM test goods", "DE", "CS", 4, 11_200, 10_400, 210_000)
RISKY = Goods("93063000", "Cartridges, SIM test goods", "DE", "CT", 4, 1_000, 900, 20_000, un="0012")
DECLARATION = "/api/records/base/declaration/declaration"
BOOKING = "/api/records/services/booking/booking"
PATIENCE = 30.0


@dataclass
class Shipment:
    """One bill of lading and what its parties do about it."""

    platform: Running
    goods: Goods = GREEN
    refs: References = field(default_factory=References)

    def __post_init__(self) -> None:
        trade = Trade(self.refs, "ACC")
        self.bill: Bill = trade.bill(self.goods, 1, TRADER)
        self.voyage: Voyage = trade.voyage(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=6), 0, extra=[self.bill])
        self.box = self.bill.boxes[0].number
        self.reference = self.refs.next("ACC")

    def call(self, org: str, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """The answer to an organisation's call, which must have the status expected."""
        with self.platform.client(org) as client:
            answer = client.request(method, path, **more)
        assert answer.status_code == status, answer.text
        return answer.json()

    def file(self) -> None:
        """The carrier reports the cargo, the trader declares it."""
        now = datetime.now(UTC)
        self.call("carrier", "POST", "/api/intake/edifact", 201, content=cuscar(self.voyage, now))
        body = wco_declaration(self.voyage, self.bill, self.reference, now)
        self.call("trader", "POST", "/api/intake/wco-dec", 201, content=body)

    def state(self) -> str:
        """The declaration's state, as its declarant sees it."""
        found = self.call("trader", "GET", DECLARATION, params={"functional_reference": self.reference})
        return str(found["items"][0]["state"])

    def becomes(self, *states: str) -> str:
        """Wait until the declaration stands in one of some states."""
        return until(self.state, lambda state: state in states)

    def trace(self, org: str, key: str = "") -> Any:
        """What an organisation learns of a key, the box unless another is named."""
        return self.call(org, "POST", "/api/trace", json={"ref": key or self.box})

    def order(self) -> Any:
        """The open inspection order, as customs sees it."""
        items = self.call("customs", "GET", "/api/inspections")["items"]
        return next(item for item in items if item["data"]["declaration"].endswith(f"/{self.reference}"))

    def book(self, vehicle: str, boxes: list[str], direction: str, **more: Any) -> None:
        """The haulier's appointment, now."""
        now = datetime.now(UTC)
        window = {"opens": (now - timedelta(hours=1)).isoformat(), "closes": (now + timedelta(hours=1)).isoformat()}
        body = {"number": self.refs.next("BK"), "vehicle": vehicle, "containers": boxes, "direction": direction}
        self.call("trucker", "POST", BOOKING, 201, json={**body, **window, **more})

    def present(self, lane: str, vehicle: str, boxes: list[str], **more: Any) -> Any:
        """A vehicle at a lane."""
        body = {"vehicle": vehicle, "containers": boxes, "direction": lane.partition("-")[0], **more}
        return self.call("terminal", "POST", f"/api/gates/{lane}/passages", 201, json=body)

    def plate(self) -> str:
        """A plate of its own for a vehicle."""
        return f"鲁B{self.refs.chance(self.refs.next('plate')).randrange(10_000, 99_999)}"


def until(look: Callable[[], Any], fits: Callable[[Any], bool]) -> Any:
    """Look again until what is seen fits; fails after half a minute."""
    limit = time.monotonic() + PATIENCE
    while not fits(seen := look()):
        assert time.monotonic() < limit, seen
        time.sleep(0.1)
    return seen
