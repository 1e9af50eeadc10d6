"""Erasure by law: a subject's key and the salts of its filings are destroyed; records, ledger and old proofs stay.

After it, the restricted fields of the subject's records cannot be opened by anyone, in any version, export or backup
of the database alone; a proof that somebody saved still verifies (Personal Information Protection Law art. 47).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kouan.kernel.database import Connection, scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record, record_types
from kouan.kernel.references import full, kinds
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
    """What an erasure did: under which names the subject was kept, how many records were closed, how many salts destroyed."""

    subjects: tuple[str, ...]
    records: int
    salts: int


def kept_as(port: Port, ref: str) -> tuple[str, ...]:
    """The names under which a subject may be sealed: tokens, of a person in every spelling that there was; the reference itself; and
    the bare number, where the subject of records of that kind is one (`enterprise:…`, `interchange:…`)."""
    kind, _, value = ref.partition(":")
    known = kinds().get(kind)
    if known is not None and known.personal:
        return port.vault.tokens(ref)
    texts = [ref, f"{kind}:{value.strip().upper()}"]
    with suppress(ValueError):
        texts.append(full(ref))
    names = [*map(port.vault.token, texts), *texts]
    if any(cls.facts.ref == kind and _plain(cls) for cls in record_types()):
        names += [text.partition(":")[2] for text in (ref.strip(), *texts)]
    return tuple(dict.fromkeys(names))


def _plain(cls: type[Record]) -> bool:
    """Whether a type's subject is a number that is no reference."""
    return bool(cls.facts.subject) and not cls.fields[str(cls.facts.subject)].reference


async def erase(port: Port, who: Principal, subjects: Sequence[str]) -> Erased:
    """Erase a subject by the names under which it is kept (`kept_as`), in one transaction. Repeating it changes nothing more."""
    async with scope(port.pool, (EVERYONE, PLATFORM.org), clearance=4) as conn:
        own: list[UUID] = []
        submissions: set[UUID] = set()
        for cls in (cls for cls in record_types() if cls.facts.subject):
            rows = await _close(conn, cls, subjects)
            own += [record_id for record_id, _ in rows]
            submissions |= {submission for _, submission in rows}
        salts = await _forget(conn, own, submissions)
        # A subject of which nothing is kept yet is put down under its present name alone.
        known = await conn.fetch("delete from subject_key where subject = any($1) returning subject", list(subjects))
        await conn.execute(
            "insert into erased_subject (subject, by_account) select s, $2 from unnest($1::text[]) s on conflict do nothing",
            sorted({subjects[0], *(row["subject"] for row in known)}), f"{who.slug}/{who.user}",
        )  # fmt: skip
    return Erased(tuple(subjects), len(own), salts)


async def examine(port: Port, subjects: Sequence[str]) -> Examined:
    """Try to open all that is sealed under a subject's names (`kept_as`): what opens is readable, what does not is not.

    Of each record type the newest thousand records are tried, in all their versions. Nothing that was opened leaves this function.
    """
    async with scope(port.pool, (EVERYONE, PLATFORM.org), clearance=4) as conn:
        keys = await port.vault.subject_keys(conn, subjects, create=False)
        erased = await conn.fetchval("select max(at) from erased_subject where subject = any($1)", list(subjects))
        types = [await _opened(conn, cls, subjects, keys) for cls in record_types() if cls.facts.subject]
    return Examined(subjects[0], bool(keys), erased, tuple(one for one in types if one.records))


def _of(cls: type[Record]) -> str:
    """The condition of a type's records of subjects $1, by the field $2; a bare number stands in no table of references."""
    if not _plain(cls):
        return "doc ->> $2 = any($1) and id in (select record_id from ref where ref = any($1))"
    return f"{f'f_{cls.facts.subject} = any($1) and ' if cls.facts.subject in filters(cls) else ''}doc ->> $2 = any($1)"


async def _opened(conn: Connection, cls: type[Record], subjects: Sequence[str], keys: Mapping[str, Key]) -> Opened:
    blind = [f"f_{name} is not null" for name, sql in filters(cls).items() if sql == "bytea"]
    rows = await conn.fetch(
        f"""select id, doc ->> $2 subject, {" or ".join(blind) or "false"} looked_up from {table(cls)}
            where {_of(cls)} order by seq desc limit $3""",
        list(subjects), cls.facts.subject, MOST,
    )  # fmt: skip
    whose = {row["id"]: row["subject"] for row in rows}
    kept = await conn.fetch("select record_id, sealed from version where record_id = any($1)", list(whose))
    values = [open_all(keys, whose[one["record_id"]], str(one["record_id"]), one["sealed"]) for one in kept]
    opened = sum(value is not None for told in values for value in told.values())
    sealed = sum(len(one["sealed"]) for one in kept)
    return Opened(cls.facts.name, len(rows), sealed, opened, sum(bool(row["looked_up"]) for row in rows))


async def known(port: Port, subjects: Sequence[str]) -> bool:
    """Whether anything was ever sealed under a subject's names, be it erased since."""
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        return bool(await conn.fetchval(
            """select exists (select 1 from subject_key where subject = any($1))
                or exists (select 1 from erased_subject where subject = any($1))""",
            list(subjects),
        ))  # fmt: skip


async def _close(conn: Connection, cls: type[Record], subjects: Sequence[str]) -> list[tuple[UUID, UUID]]:
    """Take the blind indexes off a type's records of the subject; answers them with their submissions."""
    sql = f"select id, submission from {table(cls)} where {_of(cls)} for update"
    rows = await conn.fetch(sql, list(subjects), cls.facts.subject)
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
