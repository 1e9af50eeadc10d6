"""What is asked of moves and of status reports beside what their fields say: that their time can be."""

from __future__ import annotations

from kouan.base.movement.plans import Status
from kouan.base.movement.records import Move
from kouan.base.quality.api import declare, not_future, not_older

DAYS = 366
for record in (Move.facts.name, Status.facts.name):
    declare(record, not_future(record, "at"), not_older(record, "at", DAYS, "warning"))
