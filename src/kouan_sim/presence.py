"""How a simulated system makes its address known to the platform, and keeps it known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from kouan_sim.doors import Answer, Door, Unreachable
from kouan_sim.envelopes import key_of

log = logging.getLogger(__name__)

_PATIENCE = 12


class Presence:
    """The address of one party's system in the platform's list of connectors.

    A newcomer takes the place over. The elder looks from time to time whether the newcomer still answers, and takes
    its place back when it has left, or was silent for long: so a demo's systems stand again after a visit by others,
    and a newcomer that plays a bad day is left to it.
    """

    def __init__(self, door: Door, name: str, address: str, watch: float = 5.0) -> None:
        """`door`: with the token of the party; `watch`: seconds between two looks, of which twelve may be vain."""
        self._door, self._name, self._address, self._watch = door, name, address, watch
        self.keys: list[bytes] = []
        self._ours = False
        self._refusal = ""
        self._vain = 0

    async def keep(self) -> None:
        """Register, then watch, until cancelled."""
        pause = 0.5
        while not await self._tried(self._register):
            await asyncio.sleep(pause)
            pause = min(pause * 2, 20.0)
        while True:
            await asyncio.sleep(self._watch)
            await self._tried(self._look)

    async def leave(self) -> None:
        """Forget the address if it is still this system's own; gives up quietly after half a second."""
        try:
            async with asyncio.timeout(0.5):
                if self._ours and await self._known() == self._address:
                    await self._door.call("DELETE", f"/api/connectors/{self._name}")
        except (Unreachable, TimeoutError):
            log.info("simulated %s: left without saying so", self._name)

    async def _tried(self, step: Callable[[], Awaitable[bool]]) -> bool:
        try:
            return await step()
        except Unreachable:
            return False

    async def _register(self) -> bool:
        answer = await self._fetch_key()
        if answer.ok:
            answer = await self._door.call("PUT", f"/api/connectors/{self._name}", {"address": self._address})
        self._ours = answer.ok
        refusal = "" if answer.ok else answer.reason
        if refusal != self._refusal:
            log.warning("simulated %s: address %s", self._name, refusal or "taken at last")
        self._refusal = refusal
        return answer.ok

    async def _fetch_key(self) -> Answer:
        """A new key before the address is made known: whatever comes there is signed by it. The last ones stay valid."""
        answer = await self._door.call("POST", f"/api/connectors/{self._name}/secret")
        if answer.ok and isinstance(answer.body, dict):
            self.keys = [key_of(answer.body["secret"]), *self.keys[:2]]
        return answer

    async def _look(self) -> bool:
        known = await self._known()
        self._ours = known == self._address
        if self._ours or (known and await _answers(known)):
            self._vain = 0
        else:
            self._vain += 1
            if known is None or self._vain >= _PATIENCE:
                await self._register()
        return True

    async def _known(self) -> str | None:
        """The address that the platform has; this system's own when the platform does not say."""
        answer = await self._door.get("/api/connectors")
        rows = answer.body if answer.ok and isinstance(answer.body, list) else None
        if rows is None:
            return self._address
        return next((row["address"] for row in rows if row["name"] == self._name), None)


async def _answers(address: str) -> bool:
    try:
        async with Door(address, wait=2.0) as other:
            return (await other.get("/check")).ok
    except Unreachable:
        return False
