"""What can be asked of the store: to file drafts, to act on a record, to amend one."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from kouan.kernel.calls import kept
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record
from kouan.kernel.rules import Found, Kept


class Orgs(Protocol):
    """What the store must know of organisations; the identity module provides it from a fresh snapshot."""

    def of_kind(self, kind: str) -> tuple[int, ...]:
        """Numbers of all organisations of a kind."""
        ...

    def named(self, name: str) -> int | None:
        """The number of the organisation with that slug, code or `enterprise:`/`org:` reference."""
        ...

    def slug(self, number: int) -> str:
        """The slug of an organisation; `?` when unknown."""
        ...


@dataclass(frozen=True, slots=True)
class Settling:
    """How a record takes in what the rules of a moment say, in the transaction that keeps it (a gate's decision).

    `moment`: whose rules' facts are read (and locked) for it; `finish`: the record as it is kept, out of these facts.
    """

    moment: str
    finish: Callable[[Record, Found], Record]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft that has its structure: ready to be judged. `renew` and `version` as in the draft."""

    id: UUID
    record: Record
    warnings: tuple[Mapping[str, Any], ...] = ()
    settling: Settling | None = None
    renew: bool = False
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """What a filing answers: its receipt and the records kept under it."""

    receipt: str
    kept: tuple[Kept, ...]
    repeated: bool = False


@dataclass(slots=True)
class FileOp:
    """File some records under one receipt; all or none. `trace`: the call that files them, as it is kept; "" for none."""

    principal: Principal
    drafts: tuple[Prepared, ...]
    format: str
    body: bytes
    size: int
    key: str = ""
    receipt: UUID | None = None
    trace: str = field(default_factory=kept)
    done: asyncio.Future[Filed] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(slots=True)
class ActOp:
    """Move a record along its lifecycle (`action`), or amend it (`action` = "amend", `record` the new content).

    `receipt`: the number of the submission that it is, where a message asked for it, with that message's `format` and the
    caller's Idempotency-Key; None for an act without a submission of its own.

    `trace`: the call that asks for it, as it is kept; "" for none.

    `then`: actions to be taken after it in the same transaction, as far as states and rules allow; `reached`: what earlier
    ones have made of the record, which is the answer when this one may not be taken.
    """

    principal: Principal
    record_type: str
    id: UUID
    action: str
    body: bytes
    note: str = ""
    record: Record | None = None
    changes: Mapping[str, Any] | None = None
    version: int | None = None
    receipt: UUID | None = None
    format: str = ""
    key: str = ""
    then: tuple[str, ...] = ()
    reached: Kept | None = None
    trace: str = field(default_factory=kept)
    done: asyncio.Future[Kept] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


Op = FileOp | ActOp


def decode_cursor(text: str) -> tuple[str | None, int]:
    """The position behind a list's cursor; ValueError when it is none of ours."""
    value, _, seq = base64.urlsafe_b64decode(text.encode()).decode().rpartition("\x00")
    return (value[1:] if value.startswith("=") else None), int(seq)


def encode_cursor(value: str | None, seq: int) -> str:
    """The cursor behind the last row shown: its sort value (if sorted) and sequence number."""
    text = ("" if value is None else "=" + value) + "\x00" + str(seq)
    return base64.urlsafe_b64encode(text.encode()).decode()


@dataclass(frozen=True, slots=True)
class Site:
    """What this port is: its code, its customs office, its zone. `demo`: a demo folder, where whatever is kept is simulated."""

    code: str
    office: str
    zone: str = "Asia/Shanghai"
    demo: bool = False

    def facts(self) -> dict[str, str]:
        """The site as rules see it."""
        return {"code": self.code, "office": self.office, "zone": self.zone}


class Row(NamedTuple):
    """A record as it lies in its table, before anything is hidden or opened."""

    id: UUID
    seq: int
    key: str
    ref: str
    version: int
    state: str
    tracks: dict[str, dict[str, Any]]
    readers: list[int]
    parties: dict[str, list[int]]
    org: int
    account: str
    submission: UUID
    filed_at: datetime
    updated_at: datetime
    doc: dict[str, Any]
    sealed: dict[str, str]
    warnings: list[dict[str, Any]]


COLUMNS = ", ".join(Row._fields)
