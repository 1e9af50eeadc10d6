"""Event: a fact told after commit. Topics are `board.module.record:what`; the store tells them by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kouan.kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a record: `filed`, `amended`, or the name of an action.

    `principal` is who caused it; handlers run with that principal's rights unless they declare another.
    """

    id: str
    seq: int
    topic: str
    record: str
    record_id: str
    ref: str
    version: int
    at: datetime
    principal: Principal
    data: Mapping[str, Any]

    @property
    def what(self) -> str:
        """The part of the topic behind the colon."""
        return self.topic.partition(":")[2]
