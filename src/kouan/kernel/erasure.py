"""Erasure by law: a subject's key and the salts of its filings are destroyed; records, ledger and old proofs stay.

After it, the restricted fields of the subject's records cannot be opened by anyone, in any version, export or backup
of the database alone; a proof that somebody saved still verifies (Personal Information Protection Law art. 47).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kouan.kernel.database import Connection, scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record, record_types
from kouan.kernel.store.entitle import EVERYONE
from kouan.kernel.store.schema import filters, table
from kouan.kernel.suites.suite import Key
from kouan.kernel.vault import open_all

MOST = 1000
"""Records of a type that an examination opens."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Of one record type: the subject's records that are kept, their sealed values in all versions, and how many of these can be opened."""

    record: str
    records: int
    sealed: int
    opened: int
    looked_up: int


@dataclass(frozen=True, slots=True)
class Examined:
    """How a subject stands: whether its key is held, when it was erased, what of its records can be opened now."""

    subject: str
    key: bool
    erased: datetime | None
    types: tuple[Opened, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: the subject's token, how many of its records were closed, how many salts destroyed."""

    subject: str
    records: int
    salts: int


async def erase(port: Port, who: Principal, ref: str) -> Erased:
    """Erase a subject, named by its reference or token, in one transaction. Repeating it changes nothing more."""
    subject = port.vault.token(ref)
    async with scope(port.pool, (EVERYONE, PLATFORM.org), clearance=4) as conn:
        own: list[UUID] = []
        submissions: set[UUID] = set()
        for cls in (cls for cls in record_types() if cls.facts.subject):
            rows = await _close(conn, cls, subject)
            own += [record_id for record_id, _ in rows]
            submissions |= {submission for _, submission in rows}
        salts = await _forget(conn, own, submissions)
        await conn.execute("delete from subject_key where subject = $1", subject)
        await conn.execute(
            "insert into erased_subject (subject, by_account) values ($1, $2) on conflict do nothing",
            subject, f"{who.slug}/{who.user}",
        )  # fmt: skip
    return Erased(subject, len(own), salts)


async def examine(port: Port, ref: str) -> Examined:
    """Try to open all that is sealed under a subject, named by its reference or token: what opens is readable, what does not is not.

    Of each record type the newest thousand records are tried, in all their versions. Nothing that was opened leaves this function.
    """
    subject = port.vault.token(ref)
    async with scope(port.pool, (EVERYONE, PLATFORM.org), clearance=4) as conn:
        keys = await port.vault.subject_keys(conn, [subject], create=False)
        erased = await conn.fetchval("select at from erased_subject where subject = $1", subject)
        types = [await _opened(conn, cls, subject, keys) for cls in record_types() if cls.facts.subject]
    return Examined(subject, subject in keys, erased, tuple(one for one in types if one.records))


async def _opened(conn: Connection, cls: type[Record], subject: str, keys: Mapping[str, Key]) -> Opened:
    blind = [f"f_{name} is not null" for name, sql in filters(cls).items() if sql == "bytea"]
    rows = await conn.fetch(
        f"""select id, {" or ".join(blind) or "false"} looked_up from {table(cls)}
            where doc ->> $2 = $1 and id in (select record_id from ref where ref = $1) order by seq desc limit $3""",
        subject, cls.facts.subject, MOST,
    )  # fmt: skip
    kept = await conn.fetch("select record_id, sealed from version where record_id = any($1)", [row["id"] for row in rows])
    values = [open_all(keys, subject, str(one["record_id"]), one["sealed"]) for one in kept]
    opened = sum(value is not None for told in values for value in told.values())
    sealed = sum(len(one["sealed"]) for one in kept)
    return Opened(cls.facts.name, len(rows), sealed, opened, sum(bool(row["looked_up"]) for row in rows))


async def known(port: Port, ref: str) -> bool:
    """Whether anything was ever sealed under a subject, be it erased since."""
    subject = port.vault.token(ref)
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        return bool(await conn.fetchval(
            "select exists (select 1 from subject_key where subject = $1) or exists (select 1 from erased_subject where subject = $1)",
            subject,
        ))  # fmt: skip


async def _close(conn: Connection, cls: type[Record], subject: str) -> list[tuple[UUID, UUID]]:
    """Take the blind indexes off a type's records of the subject; answers them with their submissions."""
    where = "doc ->> $2 = $1 and id in (select record_id from ref where ref = $1)"
    rows = await conn.fetch(f"select id, submission from {table(cls)} where {where} for update", subject, cls.facts.subject)
    ids = [row["id"] for row in rows]
    blind = [f"f_{name} = null" for name, sql in filters(cls).items() if sql == "bytea"]
    if ids and blind:
        await conn.execute(f"update {table(cls)} set {', '.join(blind)} where id = any($1)", ids)
    return [(row["id"], row["submission"]) for row in rows]


async def _forget(conn: Connection, own: Iterable[UUID], submissions: Iterable[UUID]) -> int:
    """Destroy the salts of all entries made from a body that told of the subject: its whole submissions."""
    rows = await conn.fetch(
        """select entry from version where record_id = any($1)
           union
           select v.entry from submission s, jsonb_array_elements(s.records) r
             join version v on v.record_id = (r ->> 'id')::uuid and v.version = 1 where s.id = any($2)""",
        list(own), list(submissions),
    )  # fmt: skip
    return int(await conn.fetchval("select ledger_forget($1::uuid[])", [row["entry"] for row in rows]) or 0)
