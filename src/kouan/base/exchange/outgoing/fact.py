"""What is written: the part of a version that its reader may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """A record's part. `below`: parts of the records that belong to it (a manifest's consignments); `at`: when it is written.

    `sender` and `receiver` stand in envelopes; `event` numbers the message, the same on every try.
    """

    record: str
    ref: str
    version: int
    data: Mapping[str, Any]
    sender: str
    receiver: str
    event: str
    at: datetime
    below: Sequence[Mapping[str, Any]] = ()

    def text(self, name: str) -> str:
        """A field as text; "" when it is not stated."""
        return str(self.data.get(name) or "")


def bare(ref: object) -> str:
    """A typed reference without its kind (`bill:B1` → `B1`); "" for none."""
    return str(ref or "").partition(":")[2]
