"""Staff who write rules and handle warnings on the running platform, by its public doors."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from kouan_sim.ais import Position, Talker, type1
from tests.conftest import PLAIN, Running

RULE = "/api/records/operations/alerts/rule"
SETTING = "/api/alert-settings"
PLACE = "/api/records/base/place/place"
PATIENCE = 60.0


@dataclass
class Staff:
    """The port's people; each run has names of its own."""

    platform: Running
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    patience: float = PATIENCE

    def __post_init__(self) -> None:
        self.clients: dict[str, httpx.Client] = {}

    def ask(self, who: str, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """The answer to a person's call (`customs`, `customs/officer-2`), which must have the status expected."""
        if who not in self.clients:
            org, _, user = who.partition("/")
            named = [one["token"] for one in self.platform.accounts() if one["org"] == org and one["user"] == user]
            token = named[0] if named else self.platform.token(org)
            headers = {"Authorization": f"Bearer {token}"}
            self.clients[who] = httpx.Client(base_url=self.platform.url, headers=headers, timeout=30, trust_env=False, verify=PLAIN)
        answer = self.clients[who].request(method, path, **more)
        assert answer.status_code == status, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer

    def close(self) -> None:
        """Go home."""
        for client in self.clients.values():
            client.close()

    def rule(self, code: str, **stated: Any) -> dict[str, Any]:
        """A rule written and tried by one officer, approved by another, live."""
        told = {"code": f"{code}-{self.run}", "name_zh": f"规则{self.run}", "name_en": f"Rule {self.run}",
                "message_zh": "{device} {value} {threshold}",
                "message_en": "{device} {value} {threshold}", "owner": "org:customs", **stated}  # fmt: skip
        item = self.ask("customs", "POST", RULE, 201, json=told)["item"]
        self.tried(item["id"])
        act = f"{RULE}/{item['id']}/actions"
        refused = self.ask("customs", "POST", f"{act}/approve", 403, json={})
        assert refused["rule"] == "approve.second_person"
        self.ask("customs/officer-2", "POST", f"{act}/approve", json={})
        self.ask("customs", "POST", f"{act}/start", json={})
        name = f"rule:{told['code']}"
        self.seen(
            lambda: any(one["code"] == name for one in self.ask("customs", "GET", "/api/warnings/engine")["parts"])
        )
        found: dict[str, Any] = self.ask("customs", "GET", f"{RULE}/{item['id']}")
        return found

    def tried(self, id_: str, hours: float = 2) -> dict[str, Any]:
        """The rule tried on the last hours."""
        found: dict[str, Any] = self.ask("customs", "POST", f"/api/alert-rules/{id_}/trial", json=self.span(hours=hours))["data"]["trial"]
        return found

    @staticmethod
    def span(**back: float) -> dict[str, str]:
        """The last hours or minutes, as a trial is asked for."""
        until = datetime.now(UTC)
        return {"since": (until - timedelta(**back)).isoformat(), "until": until.isoformat()}

    def retire(self, rule: dict[str, Any]) -> None:
        """The rule is not needed any more."""
        self.ask("customs", "POST", f"{RULE}/{rule['id']}/actions/retire", json={})

    def sail(self, mmsi: int, *way: tuple[float, float]) -> None:
        """A ship's positions, one after the other, posted as AIS."""
        for lon, lat in way:
            talker = Talker()
            lines = talker.sentences(type1(mmsi, Position(lon, lat, speed=9.0, course=0.0, heading=0)))
            self.ask("maritime", "POST", "/api/intake/nmea", content="".join(f"{line}\r\n" for line in lines).encode())
            self.seen(partial(self.at, mmsi, lon))

    def at(self, mmsi: int, lon: float) -> bool:
        """Whether the map shows the ship there."""
        ships = self.ask("maritime", "GET", "/api/vessels")["vessels"]
        return any(str(ship["mmsi"]) == str(mmsi) and abs((ship.get("lon") or 0) - lon) < 1e-4 for ship in ships)

    def seen(self, look: Callable[[], Any], patience: float = 0) -> Any:
        """What is looked for, as soon as it is there."""
        patience = patience or self.patience
        limit = time.monotonic() + patience
        while time.monotonic() < limit:
            if found := look():
                return found
            time.sleep(0.1)
        raise AssertionError(f"not seen within {patience} s")

    def warnings(self, alert: str, who: str = "customs") -> list[dict[str, Any]]:
        """The warnings of one kind, or of a rule, the newest first."""
        items = self.ask(who, "GET", "/api/warnings", params={"state": "all", "limit": 500})["items"]
        return [item for item in items if item["data"]["alert"] == alert]

    def set(self, alert: str, **values: float) -> None:
        """Set an alert's numbers: proposed by the port office, approved by a person of the terminal."""
        told = {"alert": alert, "values": values, "reason": "acceptance test"}
        item = self.ask("portoffice", "POST", SETTING, 201, json=told)
        self.ask("terminal", "POST", f"{SETTING}/{item['id']}/approve")


@pytest.fixture
def staff(platform: Running) -> Iterator[Staff]:
    """The port's people."""
    people = Staff(platform)
    yield people
    people.close()
