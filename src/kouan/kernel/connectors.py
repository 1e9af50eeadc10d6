"""Connector: another party's system: which records it is told of, which fields, how it is reached, `check()`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kouan.kernel.text import Text
from kouan.kernel.words import Word


@dataclass(frozen=True, slots=True)
class Delivery:
    """One fact on its way to one party. `event` is the same on every try, so that a receiver can deduplicate.

    `what`: the moment told of (`filed`, `amend`, an action); `state`: the record's state then. `media` and `body`: the
    fact as a message of another standard, empty where it goes as JSON. `keys`: the party's shared keys, newest first.
    `reason`: what was noted with an action.
    """

    id: str
    event: str
    connector: str
    record: str
    ref: str
    version: int
    data: Mapping[str, Any]
    record_id: str = ""
    what: str = "filed"
    state: str = ""
    media: str = ""
    body: bytes = field(default=b"", repr=False)
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    reason: str = ""


class Connector(Word):
    """Base of connectors. `org`: kind of the receiving organisation; `tells`: record → fields ("*" for all).

    `setting`: name of the setting that holds the address of the party's system; `asks`: the records about which the party
    owes an answer.
    """

    requires = ("title", "org", "tells", "setting")
    title: ClassVar[Text]
    org: ClassVar[str]
    tells: ClassVar[Mapping[str, tuple[str, ...]]]
    setting: ClassVar[str]
    timeout: ClassVar[float] = 5.0
    asks: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    async def deliver(self, delivery: Delivery, address: str) -> str:
        """Hand the fact over; answers the party's own reference. Raises on any failure (it is tried again)."""

    @abstractmethod
    async def check(self, address: str) -> Text | None:
        """None when the party's system answers; else what is wrong."""
