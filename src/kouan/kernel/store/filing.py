"""Filing: a batch of submissions judged on locked facts and turned into rows, all or none of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kouan.kernel.database import Connection
from kouan.kernel.errors import Conflict, Failure, Problem, Refused
from kouan.kernel.ids import uuid7
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.records import Record
from kouan.kernel.rules import Found, Need, Rule, judge, needs_of, rules_at
from kouan.kernel.store import making
from kouan.kernel.store.entitle import inherited
from kouan.kernel.store.facts import Asked, alone, found_for, kept_from, kept_of, locked_rows, row_of
from kouan.kernel.store.ops import COLUMNS, Filed, FileOp, Orgs, Prepared, Row, Site
from kouan.kernel.store.schema import table
from kouan.kernel.store.sheet import Fact, Sheet
from kouan.kernel.text import Text
from kouan.kernel.vault import Vault

REUSED = Text("该幂等键已用于其他内容", "This Idempotency-Key was used for other content")
TAKEN = Text("相同自然键的记录已存在:{key}", "A record with this natural key is already kept: {key}")


@dataclass(frozen=True, slots=True)
class Env:
    """What every operation needs of its surroundings."""

    orgs: Orgs
    vault: Vault
    site: Site


class Later(Exception):
    """This operation must see what another in the same batch does; it goes to the next one."""


Outcome = Filed | Failure | Later


async def apply_files(conn: Connection, ops: Sequence[FileOp], env: Env, sheet: Sheet) -> list[Outcome]:
    """Judge and gather a batch of filings; one outcome for each, in order."""
    outcomes: dict[int, Outcome] = await _repeats(conn, ops, env)
    live = [op for op in ops if id(op) not in outcomes]
    drafts = {id(op): [(d, making.tokenised(d.record, env.vault)) for d in op.drafts] for op in live}
    await _taken(conn, live, drafts, outcomes)
    live = [op for op in live if id(op) not in outcomes]
    await _judge(conn, live, drafts, env, sheet, outcomes)
    live = [op for op in live if id(op) not in outcomes]
    keys = await making.keys_for(conn, env.vault, [(d.id, r) for op in live for d, r in drafts[id(op)]])
    like = await inherited(conn, [r for op in live for _, r in drafts[id(op)]])
    for op in live:
        outcomes[id(op)] = _gather(op, drafts[id(op)], env, sheet, keys, like)
    return [outcomes[id(op)] for op in ops]


async def _repeats(conn: Connection, ops: Sequence[FileOp], env: Env) -> dict[int, Outcome]:
    keyed = [op for op in ops if op.key]
    outcomes: dict[int, Outcome] = {}
    if not keyed:
        return outcomes
    rows = await conn.fetch(
        """select i.org, i.key, i.body, i.submission, s.records
           from idempotency i join submission s on s.id = i.submission
           where (i.org, i.key) in (select * from unnest($1::int[], $2::text[]))""",
        [op.principal.org for op in keyed],
        [op.key for op in keyed],
    )
    known = {(r["org"], r["key"]): r for r in rows}
    first: set[tuple[int, str]] = set()
    for op in keyed:
        mark = (op.principal.org, op.key)
        if mark in known:
            outcomes[id(op)] = await _repeat(conn, op, known[mark], env)
        elif mark in first:
            outcomes[id(op)] = Later()
        first.add(mark)
    return outcomes


async def _repeat(conn: Connection, op: FileOp, row: Any, env: Env) -> Outcome:
    if bytes(row["body"]) != env.vault.digest(op.body):
        return Conflict(REUSED, field="Idempotency-Key", rule="idempotency", code="idempotency_key_reused")
    kept = []
    for named in row["records"]:
        raw = await conn.fetchrow(f"select {COLUMNS} from {table(named['record'])} where id = $1::uuid", named["id"])
        if raw:
            kept.append(kept_of(named["record"], row_of(raw), env.orgs))
    return Filed(str(row["submission"]), tuple(kept), repeated=True)


Drafts = dict[int, list[tuple[Prepared, Record]]]


async def _taken(conn: Connection, ops: Sequence[FileOp], drafts: Drafts, outcomes: dict[int, Outcome]) -> None:
    wanted: dict[str, list[str]] = {}
    for op in ops:
        for _, record in drafts[id(op)]:
            wanted.setdefault(record.facts.name, []).append(record.key(op.principal.slug))
    kept: set[tuple[str, str]] = set()
    for name, keys in sorted(wanted.items()):
        rows = await conn.fetch(f"select key from {table(name)} where key = any($1)", keys)
        kept |= {(name, row["key"]) for row in rows}
    batch: set[tuple[str, str]] = set()
    for op in ops:
        mine = [(record.facts.name, record.key(op.principal.slug)) for _, record in drafts[id(op)]]
        twice = next((m for i, m in enumerate(mine) if m in mine[:i]), None)
        if held := next((m for m in mine if m in kept), twice):
            reason = TAKEN.fill(key=held[1].replace("{", "").replace("}", ""))
            outcomes[id(op)] = Conflict(reason, rule="natural_key", code="natural_key_kept", record=held[0])
        elif any(m in batch for m in mine):
            outcomes[id(op)] = Later()
        batch.update(mine)


async def _judge(
    conn: Connection,
    ops: Sequence[FileOp],
    drafts: Drafts,
    env: Env,
    sheet: Sheet,
    outcomes: dict[int, Outcome],
) -> None:
    asked: dict[int, list[Asked]] = {}
    needs: dict[int, tuple[Need, ...]] = {}
    for op in ops:
        mine: list[Asked] = [(_rules(p, record), record, op.principal.slug) for p, record in drafts[id(op)]]
        wanted = tuple(need for rules, record, filer in mine for need in needs_of(rules, record, filer))
        if alone(sheet.locks, wanted):
            asked[id(op)], needs[id(op)] = mine, wanted
        else:
            outcomes[id(op)] = Later()
    site = env.site.facts()
    found = await found_for(conn, [one for mine in asked.values() for one in mine], env.orgs, sheet.at, site)
    for op in ops:
        if id(op) in outcomes:
            continue
        if not alone(sheet.locks, (), locked_rows(needs[id(op)], found)):
            outcomes[id(op)] = Later()
        elif problems := _verdict(drafts[id(op)], Found(sheet.at, op.principal.slug, site, found)):
            outcomes[id(op)] = Refused.of(problems)


def _rules(prepared: Prepared, record: Record) -> tuple[Rule, ...]:
    name, settling = record.facts.name, prepared.settling
    return (*rules_at("filing", name), *(rules_at(settling.moment, name) if settling else ()))


def _verdict(drafts: list[tuple[Prepared, Record]], facts: Found) -> list[Problem]:
    problems: list[Problem] = []
    for index, (prepared, draft) in enumerate(drafts):
        record = prepared.settling.finish(draft, facts) if prepared.settling else draft
        warnings = list(prepared.warnings)
        for finding in judge(rules_at("filing", record.facts.name), record, facts):
            if finding.unmet is None:
                continue
            found = Problem(finding.rule.code, finding.unmet.field, finding.rule.code, finding.unmet.reason)
            if finding.rule.severity == "refuse":
                problems.append(found)
            else:
                warnings.append(found.out())
        drafts[index] = (replace(prepared, warnings=tuple(warnings)), record)
    return problems


def _gather(
    op: FileOp,
    drafts: list[tuple[Prepared, Record]],
    env: Env,
    sheet: Sheet,
    keys: dict[str, bytes],
    like: dict[str, list[int]],
) -> Outcome:
    receipt = uuid7()
    kept = []
    readers: set[int] = set()
    for index, (prepared, record) in enumerate(drafts):
        row = making.row(
            prepared.id,
            record,
            op.principal,
            sheet.at,
            receipt,
            env.orgs,
            keys,
            [dict(w) for w in prepared.warnings],
            like,
        )
        sheet.insert(row, record)
        name = record.facts.name
        fact = Fact(
            receipt if index == 0 else uuid7(),
            sheet.at,
            "file",
            name,
            row.ref,
            1,
            op.principal,
            op.format,
            op.body,
        )
        sheet.tell(row, name, "filed", op.principal, fact, {})
        add_deadlines(sheet, row, name)
        readers.update(row.readers)
        kept.append(kept_from(name, row, env.orgs, record))
    named = [{"record": k.record, "id": k.id, "ref": k.ref} for k in kept]
    sheet.submissions.append(
        (receipt, op.principal.org, op.principal.user, op.format, sheet.at, op.size, named, sorted(readers))
    )
    if op.key:
        sheet.idempotency.append((op.principal.org, op.key, env.vault.digest(op.body), receipt, sheet.at))
    return Filed(str(receipt), tuple(kept))


def add_deadlines(sheet: Sheet, row: Row, name: str, only: str = "") -> None:
    """Deadline tasks for the states that the tracks are now in."""
    life = lifecycle_of(name)
    for track in life.tracks if life else ():
        state = str(row.tracks[track.name]["state"])
        within = (track.within or {}).get(state)
        if within and only in ("", track.name):
            sheet.deadline(row, name, track.name, state, sheet.at + within)
