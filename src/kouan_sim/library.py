"""A national resource library (simulated): legal persons, business licences and place names, by pages of what changed since a number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from kouan_sim.httpd import Reply, Request, Server

FAMILIES = ("legal_person", "licence", "place")


@dataclass(slots=True)
class Library:
    """Entries by family and code, each with the number of its last change. `asked`: how many pages were asked for."""

    entries: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {family: {} for family in FAMILIES})
    asked: int = 0
    server: Server = field(init=False)
    _last: int = 0

    def __post_init__(self) -> None:
        self.server = Server(self.handle)

    def put(self, family: str, code: str, **entry: Any) -> int:
        """Register an entry, or change it; its number."""
        self._last += 1
        key = f"{code}/{entry['number']}" if family == "licence" else code
        kept = self.entries[family].get(key, {})
        self.entries[family][key] = {**kept, **entry, "code": code, "seq": self._last}
        return self._last

    async def handle(self, request: Request) -> Reply:
        """Answer one page."""
        if (request.method, request.path) != ("POST", "/changes"):
            return Reply(404, {"problem": "no such door"})
        self.asked += 1
        try:
            told = orjson.loads(request.body)
            family, since, limit = str(told["family"]), int(told["since"]), min(int(told["limit"]), 500)
            found = sorted((one for one in self.entries[family].values() if one["seq"] > since), key=lambda one: int(one["seq"]))
        except (ValueError, KeyError, TypeError):
            return Reply(400, {"problem": "no question"})
        return Reply(200, {"items": found[:limit], "more": len(found) > limit, "simulated": True})
