"""Times that a form or sheet gave without a zone, on the two days of a year on which a port's clock is changed.

An hour that is left out in spring, or that comes twice in autumn, has no one meaning. Such a time is not refused, for nothing
pauses at a clock change: it is taken by a fixed rule and the sender is warned how.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kouan.kernel.clock import local
from kouan.kernel.errors import Problem
from kouan.kernel.text import Text

TWICE, NEVER = "time.twice", "time.never"
_SAID = {
    TWICE: Text("{wall} 因时钟调整在当地出现两次，按第一次计：{taken}", "Because of the clock change {wall} comes twice; taken is the first: {taken}"),
    NEVER: Text("{wall} 因时钟调整在当地不存在，按 {taken} 计", "Because of the clock change {wall} does not exist; taken is {taken}"),
}  # fmt: skip


def at_port(wall: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """The moment of a time of the port's own clock, in UTC, and its doubt: `time.twice`, `time.never`, or empty.

    Of an hour that comes twice the first is taken; one that is left out is read by the clock before the change.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first, ""
    # In the hour left out the later offset makes the earlier moment.
    return first, TWICE if first < second else NEVER


def warning(wall: datetime, taken: datetime, doubt: str, zone: ZoneInfo, field: str) -> dict[str, Any]:
    """What the sender is told beside the receipt."""
    said = {"wall": f"{wall:%Y-%m-%d %H:%M}", "taken": local(taken, zone.key)}
    return Problem(doubt, field, "time.zone", _SAID[doubt].fill(**said)).out()
