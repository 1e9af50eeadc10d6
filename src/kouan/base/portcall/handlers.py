"""What a port call does about the agencies' answers."""

from __future__ import annotations

from kouan.base.portcall.lifecycle import ACTIONS, PARTIES, STATES
from kouan.base.receipt.api import Response
from kouan.kernel.errors import Conflict
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.rules import Kept
from kouan.kernel.text import Text

CALL = "base.portcall.port_call"
RESPONSE = Response.facts.name


class FollowResponses(Handler):
    """An agency's answer about a port call moves the agency's own track."""

    code = "base.portcall.follow_responses"
    title = Text("按回执推进船舶口岸动态", "Move a port call by the agencies' answers")
    on = (f"{RESPONSE}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """Take the action that the agency's latest answer asks for; answers may be handled in any order."""
        who = event.principal
        if who.kind not in PARTIES:
            return
        response = await port.get(PLATFORM, RESPONSE, event.record_id)
        assert isinstance(response.data, Response)
        about = response.data.about
        answers = [a for a in await port.find(PLATFORM, RESPONSE, ref=about) if a.filed_by == who.org]
        wanted = latest(answers)
        for call in await port.find(PLATFORM, CALL, ref=about):
            if wanted is not None and call.ref == about:
                await _move(port, who, call, wanted[0], wanted[1].code)


def latest(answers: list[Kept]) -> tuple[Kept, Response] | None:
    """The answer that counts: the last decision by its own time, or else that it was received."""
    said = [(a, a.data) for a in answers if isinstance(a.data, Response) and a.data.code in ACTIONS]
    decisions = [(a, data) for a, data in said if data.code != "received"]
    return max(decisions or said, key=lambda one: (one[1].at, one[0].filed_at), default=None)


async def _move(port: Port, who: Principal, call: Kept, answer: Kept, code: str) -> None:
    state = call.tracks[who.kind]["state"]
    if state == code or (code == "received" and state != "submitted"):
        return
    try:
        await port.act(who, CALL, call.id, f"{who.kind}.{ACTIONS[code]}", note=answer.ref)
    except Conflict as raced:
        # Somebody of the same agency moved the track by hand meanwhile; their decision stands.
        if raced.code != "not_in_state":
            raise


assert set(ACTIONS) <= set(STATES)
