"""A ship's call with class 3 cargo, and the chart of berths, by the public doors."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kouan_sim.identifiers import References
from tests.conftest import Running
from tests.shipment import until

CALL = "/api/records/base/portcall/port_call"
PLAN = "/api/records/operations/berth/plan"
MOVEMENT = "/api/records/operations/berth/movement"
ORDER = "/api/records/supervision/maritime/order"
SOON = timedelta(days=400)
"""Plans of tests stand far ahead, each run in weeks of its own, so that they meet no other plan."""
PETROL = {"un_number": "1203", "imdg_class": "3", "description": "GASOLINE", "packing_group": "II", "gross_kg": 18_000}


def imo(number: int) -> str:
    """An IMO number with its check digit, out of six digits."""
    return f"{number}{sum(int(d) * w for d, w in zip(str(number), range(7, 1, -1), strict=True)) % 10}"


@dataclass
class Ship:
    """One ship's call and what the parties do about it."""

    platform: Running
    eta: datetime
    run: int
    call: dict[str, Any] = field(default_factory=dict)

    def ask(self, org: str, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """The answer to an organisation's call, which must have the status expected."""
        with self.platform.client(org) as client:
            answer = client.request(method, path, **more)
        assert answer.status_code == status, (org, method, path, answer.text)
        return answer.json()

    def declare(self, **more: Any) -> Ship:
        """The agent declares the call with class 3 cargo."""
        data = {
            "vessel": f"vessel:imo:{imo(self.run)}", "ship_name": f"SIM TANKTAINER {self.run}", "flag": "CN", "port": "CNWHH",
            "voyage": f"B{self.run}", "eta": self.eta.isoformat(), "crew_count": 20, "length_m": 180, "draught_m": 9,
            "dangerous": [PETROL], **more,
        }  # fmt: skip
        self.call = self.ask("agent", "POST", CALL, 201, json=data)["item"]
        return self

    def plan(self, berth: str, after: float = 1, hours: float = 10, status: int = 201, **more: Any) -> dict[str, Any]:
        """The terminal plans a stay, `after` hours from the estimated arrival; the answer."""
        begin = self.eta + timedelta(hours=after)
        data = {
            "call": self.call["ref"], "berth": f"place:CNWHH/BERTH/{berth}", "planned_from": begin.isoformat(),
            "planned_to": (begin + timedelta(hours=hours)).isoformat(), "ship_name": f"SIM TANKTAINER {self.run}", **more,
        }  # fmt: skip
        answer: dict[str, Any] = self.ask("terminal", "POST", PLAN, status, json=data)
        return answer

    def order(self, kind: str, status: int = 201, **more: Any) -> dict[str, Any]:
        """The maritime administration orders something about the call; the answer."""
        number = f"MSA-{References().next('ORD')}"
        said = {"reason_zh": "船载第3类易燃液体", "reason_en": "Class 3 flammable liquids aboard"}
        data = {"number": number, "call": self.call["ref"], "kind": kind, **said, **more}
        answer: dict[str, Any] = self.ask("maritime", "POST", ORDER, status, json=data)
        return answer

    def seen(self, org: str, wanted: Callable[[dict[str, Any]], bool] = bool) -> dict[str, Any]:
        """The call's plan as an organisation sees it, once it is as wanted."""

        def look() -> dict[str, Any]:
            items = self.ask(org, "GET", PLAN, params={"call": self.call["ref"]})["items"]
            return dict(items[0]) if items else {}

        found: dict[str, Any] = until(look, wanted)
        return found


_turns = iter(range(1, 10_000))


@pytest.fixture
def ship(platform: Running) -> Callable[[], Ship]:
    """Makes ships of one run, each arriving in a fortnight of its own."""
    base = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + SOON + timedelta(days=secrets.randbelow(15_000))
    first = 500_000 + secrets.randbelow(300_000)

    def make() -> Ship:
        turn = next(_turns)
        return Ship(platform, base + timedelta(days=14 * turn), first + turn)

    return make
