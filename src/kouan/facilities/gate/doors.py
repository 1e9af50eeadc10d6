"""The platform's doors as a lane's computer uses them: key and list are fetched, what was decided alone is reported."""

from __future__ import annotations

from typing import Any

import httpx

from kouan.facilities.gate.agent import Agent
from kouan.facilities.gate.tokens import BadToken
from kouan.kernel import authorities

AT_ONCE = 200
TIMEOUT = 30.0


class Away(Exception):
    """The platform does not answer, or not as it should; the argument says how."""


class Doors:
    """A client of one platform with a terminal's token."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT, trust_env=False, verify=authorities.trusted())

    async def close(self) -> None:
        """Leave."""
        await self._client.aclose()

    async def sync(self, agent: Agent) -> dict[str, Any]:
        """Learn the public keys and the list of permits revoked. Raises Away."""
        try:
            answer = (await self._client.get("/api/gates/permits/keys")).raise_for_status()
            found: dict[str, Any] = answer.json()
            agent.learn(found["keys"], found["revoked"])
        except (httpx.HTTPError, ValueError, KeyError, BadToken) as away:
            raise Away(_said(away)) from away
        return found

    async def report(self, agent: Agent) -> list[dict[str, Any]]:
        """Report what was decided alone, and answer what became of it; a refused entry is told once. Raises Away."""
        outcomes: list[dict[str, Any]] = []
        while entries := agent.unreported()[:AT_ONCE]:
            body = {"entries": [{name: value for name, value in entry.items() if name != "why"} for entry in entries]}
            try:
                answer = await self._client.post(f"/api/gates/{agent.lane}/offline", json=body)
                found = answer.raise_for_status().json()["entries"]
            except (httpx.HTTPError, ValueError, KeyError) as away:
                raise Away(_said(away)) from away
            outcomes += found
            # A refused entry is reported as such once; it stays in the log for people to look at.
            agent.reported([one["id"] for one in found])
        return outcomes


def _said(problem: Exception) -> str:
    return f"HTTP {problem.response.status_code}" if isinstance(problem, httpx.HTTPStatusError) else type(problem).__name__
