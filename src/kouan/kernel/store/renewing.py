"""Renewing: a draft that takes the place of the filer's own kept record of its key, in the transaction of its submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from kouan.kernel.database import Connection
from kouan.kernel.errors import Conflict, Failure
from kouan.kernel.records import Record, record_type
from kouan.kernel.store import making
from kouan.kernel.store.entitle import parties_of, readers_of
from kouan.kernel.store.facts import alone, row_of
from kouan.kernel.store.ops import COLUMNS, FileOp, Orgs, Prepared, Row
from kouan.kernel.store.schema import table
from kouan.kernel.store.sheet import Sheet
from kouan.kernel.suites.suite import Key
from kouan.kernel.text import Text
from kouan.kernel.vault import Vault, open_all

STALE = Text("记录已被他人更新（当前版本 {version}）", "The record has changed meanwhile (now version {version})")
TAKEN = Text("相同自然键的记录已存在：{key}", "A record with this natural key is already kept: {key}")

Drafts = dict[int, list[tuple[Prepared, Record]]]


@dataclass(frozen=True, slots=True)
class Former:
    """What a draft takes the place of: its row, locked, and what its sealed fields hold."""

    row: Row
    opened: Mapping[str, Any]


async def formers(
    conn: Connection, ops: Sequence[FileOp], drafts: Drafts, vault: Vault, sheet: Sheet, outcomes: dict[int, Any], later: Any
) -> dict[UUID, Former]:
    """The rows that drafts renew, by identifier, which the drafts then bear too.

    What a renewing draft does not state of its sealed fields stays as it was. An operation whose rows another of the batch
    holds gets `later`; one whose row is another organisation's, or of another version than its draft expects, a Conflict.
    """
    rows = await _locked(conn, ops, drafts)
    subjects = {_subject(record_type(name), row) for (name, _), row in rows.items() if row.sealed}
    keys = await vault.subject_keys(conn, subjects, create=False)
    found: dict[UUID, Former] = {}
    for op in ops:
        if not any(prepared.renew for prepared, _ in drafts[id(op)]):
            continue
        mine = [rows.get(_mark(record, op)) if prepared.renew else None for prepared, record in drafts[id(op)]]
        if failure := _failure(op, drafts[id(op)], mine):
            outcomes[id(op)] = failure
        elif not alone(sheet.locks, (), {str(row.id) for row in mine if row}):
            outcomes[id(op)] = later
        else:
            for at, row in enumerate(mine):
                if row:
                    former = Former(row, _opened(type(drafts[id(op)][at][1]), row, keys))
                    drafts[id(op)][at] = _filled(drafts[id(op)][at], former)
                    found[row.id] = former
    return found


def _mark(record: Record, op: FileOp) -> tuple[str, str]:
    return record.facts.name, record.key(op.principal.slug)


async def _locked(conn: Connection, ops: Sequence[FileOp], drafts: Drafts) -> dict[tuple[str, str], Row]:
    wanted: dict[str, set[str]] = {}
    for op in ops:
        for prepared, record in drafts[id(op)]:
            if prepared.renew:
                wanted.setdefault(record.facts.name, set()).add(record.key(op.principal.slug))
    rows: dict[tuple[str, str], Row] = {}
    for name, keys in sorted(wanted.items()):
        sql = f"select {COLUMNS} from {table(name)} where key = any($1) order by id for update"
        rows |= {(name, raw["key"]): row_of(raw) for raw in await conn.fetch(sql, sorted(keys))}
    return rows


def _failure(op: FileOp, drafts: list[tuple[Prepared, Record]], rows: list[Row | None]) -> Failure | None:
    for (prepared, record), row in zip(drafts, rows, strict=True):
        version = row.version if row else 0
        if row and (row.org != op.principal.org or not record.facts.amendable):
            reason = TAKEN.fill(key=row.key.replace("{", "").replace("}", ""))
            return Conflict(reason, rule="natural_key", code="natural_key_kept", record=record.facts.name)
        if prepared.renew and prepared.version is not None and prepared.version != version:
            return Conflict(STALE.fill(version=version), rule="version", code="stale_version", record=record.facts.name)
    return None


def _subject(cls: type[Record], row: Row) -> str:
    return str(row.doc.get(cls.facts.subject or "") or f"record:{row.id}")


def _opened(cls: type[Record], row: Row, keys: Mapping[str, Key]) -> dict[str, Any]:
    opened = open_all(keys, _subject(cls, row), str(row.id), row.sealed)
    return {name: value for name, value in opened.items() if value is not None}


def _filled(draft: tuple[Prepared, Record], former: Former) -> tuple[Prepared, Record]:
    prepared, record = draft
    kept = {name: value for name, value in former.opened.items() if getattr(record, name) is None}
    if kept:
        record = type(record).model_validate({**record.model_dump(mode="json"), **kept})
    return replace(prepared, id=former.row.id), record


def next_row(
    former: Former, record: Record, orgs: Orgs, sheet: Sheet, keys: Mapping[str, Key], like: Mapping[str, Sequence[int]],
    warnings: list[dict[str, Any]],
) -> Row | None:  # fmt: skip
    """The row's next version; None when it would be what it was."""
    row = former.row
    parties = parties_of(record, row.org, orgs, like)
    doc, sealed = making.content(row.id, record, keys)
    if doc == row.doc and making.sealed_values(record) == former.opened and parties == row.parties and warnings == row.warnings:
        return None
    return row._replace(
        version=row.version + 1, doc=doc, sealed=sealed, parties=parties, readers=readers_of(parties, row.org),
        updated_at=sheet.at, warnings=warnings,
    )  # fmt: skip
