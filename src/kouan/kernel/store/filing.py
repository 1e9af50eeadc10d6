"""Filing: a batch of submissions judged on locked facts and turned into rows, all or none of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from kouan.kernel.database import Connection
from kouan.kernel.errors import Conflict, Failure, Problem, Refused
from kouan.kernel.ids import uuid7
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.records import Record
from kouan.kernel.rules import Found, Need, Rule, judge, needs_of, rules_at
from kouan.kernel.store import making, renewing
from kouan.kernel.store.entitle import inherited
from kouan.kernel.store.facts import Asked, alone, found_for, kept_from, kept_of, locked_rows, row_of
from kouan.kernel.store.ops import COLUMNS, ActOp, Filed, FileOp, Orgs, Prepared, Row, Site
from kouan.kernel.store.renewing import TAKEN, Drafts, Former
from kouan.kernel.store.schema import table
from kouan.kernel.store.sheet import Fact, Sheet
from kouan.kernel.suites.suite import Key
from kouan.kernel.text import Text
from kouan.kernel.vault import Vault

REUSED = Text("该幂等键已用于其他内容", "This Idempotency-Key was used for other content")


@dataclass(frozen=True, slots=True)
class Env:
    """What every operation needs of its surroundings."""

    orgs: Orgs
    vault: Vault
    site: Site


class Later(Exception):
    """This operation must see what another in the same batch does; it goes to the next one, or what is left of it (`rest`)."""

    def __init__(self, rest: ActOp | None = None) -> None:
        super().__init__()
        self.rest = rest


Outcome = Filed | Failure | Later


async def apply_files(conn: Connection, ops: Sequence[FileOp], env: Env, sheet: Sheet) -> list[Outcome]:
    """Judge and gather a batch of filings; one outcome for each, in order."""
    drafts = {id(op): [(d, making.tokenised(d.record, env.vault)) for d in op.drafts] for op in ops}
    # Natural keys are read before Idempotency-Keys: of a filing that another transaction commits meanwhile, the later reading
    # sees both or none, so that its repeat is answered as one and not as a conflict.
    kept = await _kept_keys(conn, ops, drafts)
    outcomes: dict[int, Outcome] = await _repeats(conn, ops, env)
    live = [op for op in ops if id(op) not in outcomes]
    _taken(live, drafts, kept, outcomes)
    live = [op for op in live if id(op) not in outcomes]
    formers = await renewing.formers(conn, live, drafts, env.vault, sheet, outcomes, Later())
    live = [op for op in live if id(op) not in outcomes]
    await _judge(conn, live, drafts, env, sheet, outcomes)
    live = [op for op in live if id(op) not in outcomes]
    keys = await making.keys_for(conn, env.vault, [(d.id, r) for op in live for d, r in drafts[id(op)]])
    like = await inherited(conn, [r for op in live for _, r in drafts[id(op)]])
    for op in live:
        outcomes[id(op)] = _gather(op, drafts[id(op)], env, sheet, keys, like, formers)
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


async def _kept_keys(conn: Connection, ops: Sequence[FileOp], drafts: Drafts) -> set[tuple[str, str]]:
    """Which of the natural keys of some filings are kept already, each with its record type."""
    wanted: dict[str, list[str]] = {}
    for op in ops:
        for _, record in drafts[id(op)]:
            wanted.setdefault(record.facts.name, []).append(record.key(op.principal.slug))
    kept: set[tuple[str, str]] = set()
    for name, keys in sorted(wanted.items()):
        rows = await conn.fetch(f"select key from {table(name)} where key = any($1)", keys)
        kept |= {(name, row["key"]) for row in rows}
    return kept


def _taken(ops: Sequence[FileOp], drafts: Drafts, kept: set[tuple[str, str]], outcomes: dict[int, Outcome]) -> None:
    batch: set[tuple[str, str]] = set()
    for op in ops:
        mine = [(record.facts.name, record.key(op.principal.slug)) for _, record in drafts[id(op)]]
        if held := _held(drafts[id(op)], mine, kept):
            reason = TAKEN.fill(key=held[1].replace("{", "").replace("}", ""))
            outcomes[id(op)] = Conflict(reason, rule="natural_key", code="natural_key_kept", record=held[0])
        elif any(m in batch for m in mine):
            outcomes[id(op)] = Later()
        batch.update(mine)


def _held(
    drafts: list[tuple[Prepared, Record]], keys: list[tuple[str, str]], kept: set[tuple[str, str]]
) -> tuple[str, str] | None:
    """The first key that stands twice in a submission, or is kept already and not to be renewed."""
    seen: set[tuple[str, str]] = set()
    for (prepared, _), key in zip(drafts, keys, strict=True):
        if key in seen or (key in kept and not prepared.renew):
            return key
        seen.add(key)
    return None


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
        own = {str(prepared.id) for prepared, _ in drafts[id(op)] if prepared.renew}
        if not alone(sheet.locks, (), locked_rows(needs[id(op)], found) - own):
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
        if len(warnings) > len(prepared.warnings):
            prepared = replace(prepared, warnings=tuple(warnings))
        drafts[index] = (prepared, record)
    return problems


def _gather(
    op: FileOp,
    drafts: list[tuple[Prepared, Record]],
    env: Env,
    sheet: Sheet,
    keys: dict[str, Key],
    like: dict[str, list[int]],
    formers: Mapping[UUID, Former],
) -> Outcome:
    receipt, sheet.trace = uuid7(), op.trace
    kept = []
    readers: set[int] = set()
    entry: UUID | None = receipt
    for prepared, record in drafts:
        warnings, name = [dict(w) for w in prepared.warnings], record.facts.name
        former = formers.get(prepared.id)
        if former is None:
            row = making.row(prepared.id, record, op.principal, sheet.at, receipt, env.orgs, keys, warnings, like)
            sheet.insert(row, record)
        else:
            after = renewing.next_row(former, record, env.orgs, sheet, keys, like, warnings)
            # The first entry of a submission is its receipt's own: what it restates gets a version even when it is the same.
            if after is None and entry is None:
                kept.append(kept_from(name, former.row, env.orgs, record))
                readers.update(former.row.readers)
                continue
            row = after or former.row._replace(version=former.row.version + 1, updated_at=sheet.at)
            sheet.update(row, record)
        what = "amend" if former else "filed"
        action = "act:amend" if former else "file"
        fact = Fact(entry or uuid7(), sheet.at, action, name, row.ref, row.version, op.principal, op.format, op.body)
        entry = None
        said = {"receipt": str(fact.id), "submission": str(row.submission)} if former else {}
        sheet.tell(row, name, what, op.principal, fact, said)
        if former is None:
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
        held = row.tracks[track.name]
        if held.get("due") and only in ("", track.name):
            sheet.deadline(row, name, track.name, str(held["state"]), datetime.fromisoformat(held["due"]))
