"""Acting: a batch of moves and amendments, on locked rows, each judged by the rules of its moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from kouan.kernel.database import Connection
from kouan.kernel.errors import Conflict, Denied, Failure, NotFound, Problem, Refused
from kouan.kernel.ids import uuid7
from kouan.kernel.keepable import validated
from kouan.kernel.lifecycles import FILER, Action, Step, Track, lifecycle_of
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.rules import Found, Kept, judge, needs_of, rules_at
from kouan.kernel.store import making
from kouan.kernel.store.entitle import EVERYONE, clearance_for, inherited, parties_of, readers_of
from kouan.kernel.store.facts import Asked, alone, found_for, kept_from, locked_rows, row_of
from kouan.kernel.store.filing import Env, Later, add_deadlines
from kouan.kernel.store.ops import COLUMNS, ActOp, Row
from kouan.kernel.store.renewing import STALE
from kouan.kernel.store.schema import table
from kouan.kernel.store.sheet import Fact, Sheet
from kouan.kernel.text import Text
from kouan.kernel.vault import open_all

AMEND = "amend"
MISSING = Text("没有这条记录，或您无权查看", "There is no such record, or it is not yours to see")
NO_ACTION = Text("该记录没有此操作", "This record has no such action")
NOT_YOURS = Text("该操作不属于贵单位或您的角色", "This action is not your organisation's or your role's to take")
NOT_NOW = Text("当前状态“{state}”下不能执行该操作", "Not possible in the state “{state}”")
FIXED_KEY = Text("更正不得改变自然键", "An amendment may not change the natural key")
NOT_AMENDABLE = Text("该类记录不可更正", "Records of this type are not amended")

Outcome = Kept | Failure | Later


@dataclass(frozen=True, slots=True)
class Plan:
    """What an act will make of a locked row. `content`: whether fields change; `moment`: whose rules must hold."""

    row: Row
    record: Record
    track: Track | None = None
    action: Action | None = None
    content: bool = True
    moment: str = ""


async def apply_acts(conn: Connection, ops: Sequence[ActOp], env: Env, sheet: Sheet) -> list[Outcome]:
    """Apply a batch of acts; one outcome for each, in order. A second act on one record waits for the next batch."""
    rows = await _lock(conn, ops)
    first = {op.id: op for op in reversed(ops)}
    turn, again = [op for op in ops if first[op.id] is op and str(op.id) not in sheet.locks], False
    final: dict[int, Outcome] = {id(op.done): Later() for op in ops}
    while turn:
        outcomes = await _turn(conn, turn, rows, env, sheet, again=again)
        going = []
        for op in turn:
            final[id(op.done)], rest = _so_far(op, outcomes[id(op)])
            if rest is not None:
                going.append(rest)
        turn, again = going, True
    return [final[id(op.done)] for op in ops]


def _so_far(op: ActOp, outcome: Outcome) -> tuple[Outcome, ActOp | None]:
    """How an act stands after one of its actions, and what of it is to be done next."""
    if isinstance(outcome, Kept):
        if not op.then:
            return outcome, None
        return outcome, replace(
            op, action=op.then[0], then=op.then[1:], changes=None, version=None, receipt=None, format="", key="", reached=outcome
        )
    if op.reached is None:
        return outcome, None
    return (Later(op) if isinstance(outcome, Later) else op.reached), None


async def _turn(
    conn: Connection, ops: Sequence[ActOp], rows: dict[Any, Row], env: Env, sheet: Sheet, *, again: bool
) -> dict[int, Outcome]:
    """Take one action of each; `rows` then holds the records as they became. `again`: their rows are held already."""
    outcomes: dict[int, Outcome] = {}
    plans: dict[int, Plan] = {}
    for op in ops:
        try:
            plans[id(op)] = await _plan(conn, op, rows.get(op.id), env, sheet)
        except Failure as failure:
            outcomes[id(op)] = failure
    await _judge(conn, plans, env, sheet, outcomes, again=again)
    for op in ops:
        if id(op) not in outcomes:
            outcomes[id(op)] = await _gather(conn, op, plans[id(op)], env, sheet, rows)
    return outcomes


async def _lock(conn: Connection, ops: Sequence[ActOp]) -> dict[Any, Row]:
    wanted: dict[str, list[Any]] = defaultdict(list)
    for op in ops:
        wanted[op.record_type].append(op.id)
    rows: dict[Any, Row] = {}
    for name, ids in sorted(wanted.items()):
        sql = f"select {COLUMNS} from {table(name)} where id = any($1) order by id for update"
        rows |= {r["id"]: row_of(r) for r in await conn.fetch(sql, ids)}
    return rows


async def _plan(conn: Connection, op: ActOp, row: Row | None, env: Env, sheet: Sheet) -> Plan:
    if row is None or not {op.principal.org, EVERYONE} & set(row.readers):
        raise NotFound(MISSING)
    if op.version is not None and op.version != row.version:
        raise Conflict(STALE.fill(version=row.version), field="If-Match", rule="version", code="stale_version")
    if op.action == AMEND:
        return Plan(row, await _amended(conn, op, row, env), moment="filing")
    life = lifecycle_of(op.record_type)
    found = life.find(op.action) if life else None
    if life is None or found is None:
        raise NotFound(NO_ACTION, rule=op.action)
    track, action = found
    _may(op.principal, action, row.org)
    state = str(row.tracks[track.name]["state"])
    if action.frm and state not in action.frm:
        title = track.states[state]
        raise Conflict(
            Text(NOT_NOW.zh.format(state=title.zh), NOT_NOW.en.format(state=title.en)),
            rule=op.action,
            code="not_in_state",
        )
    changes = life.change(track, action, Step(row.doc, op.changes or {}, op.principal, sheet.at))
    record = await _changed(conn, op, row, changes, env)
    return Plan(row, record, track, action, bool(changes), action.rules_at)


def _may(principal: Principal, action: Action, filer: int) -> None:
    its = principal.kind in action.by or "*" in action.by or (FILER in action.by and principal.org == filer)
    if not principal.writes or not (its or principal.kind == "platform"):
        raise Denied(NOT_YOURS, rule=action.name)


async def _amended(conn: Connection, op: ActOp, row: Row, env: Env) -> Record:
    cls = record_type(op.record_type)
    if op.record is None or not cls.facts.amendable:
        raise Denied(NOT_AMENDABLE)
    if op.principal.org != row.org or not op.principal.writes:
        raise Denied(NOT_YOURS, rule=AMEND)
    # What the caller's level hides was not in the form that came back, and an amendment does not take it away.
    level, stated = clearance_for(op.principal, row.org), op.record
    hidden = [n for n in row.sealed if cls.fields[n].level > level and getattr(stated, n) is None]
    if not hidden:
        return stated
    opened = await _opened(conn, cls, row, env)
    return stated.model_copy(update={name: opened.get(name) for name in hidden})


async def _opened(conn: Connection, cls: type[Record], row: Row, env: Env) -> dict[str, Any]:
    subject = row.doc.get(cls.facts.subject or "") or f"record:{row.id}"
    keys = await env.vault.subject_keys(conn, [subject], create=False)
    return open_all(keys, subject, str(row.id), row.sealed)


async def _changed(conn: Connection, op: ActOp, row: Row, changes: Mapping[str, Any], env: Env) -> Record:
    cls = record_type(op.record_type)
    if not changes:
        same = op.reached is not None and op.reached.version == row.version
        return op.reached.data if op.reached and same else cls.model_validate(row.doc)
    opened = await _opened(conn, cls, row, env) if row.sealed else {}
    return validated(cls, {**row.doc, **opened, **changes})


async def _judge(
    conn: Connection, plans: Mapping[int, Plan], env: Env, sheet: Sheet, outcomes: dict[int, Outcome], *, again: bool
) -> None:
    asked: dict[int, Asked] = {
        key: (rules_at(plan.moment, plan.record.facts.name), plan.record, env.orgs.slug(plan.row.org))
        for key, plan in plans.items()
        if plan.moment
    }
    needs = {key: needs_of(*one) for key, one in asked.items()}
    for key in asked:
        if not alone(sheet.locks, needs[key]):
            outcomes[key] = Later()
    live = {key: one for key, one in asked.items() if key not in outcomes}
    site = env.site.facts()
    found = await found_for(conn, list(live.values()), env.orgs, sheet.at, site) if live else {}
    for key, (rules, record, filer) in live.items():
        own = str(plans[key].row.id)
        rows = locked_rows(needs[key], found) | {own}
        if not alone(sheet.locks, (), rows - {own} if again else rows):
            outcomes[key] = Later()
            continue
        unmet = [
            (f.rule.severity, Problem(f.rule.code, f.unmet.field, f.rule.code, f.unmet.reason))
            for f in judge(rules, record, Found(sheet.at, filer, site, found))
            if f.unmet
        ]
        if problems := [problem for severity, problem in unmet if severity in ("refuse", "hold")]:
            outcomes[key] = Refused.of(problems)
        elif plans[key].action is None:
            plans[key].row.warnings[:] = [problem.out() for _, problem in unmet]


async def _gather(
    conn: Connection, op: ActOp, plan: Plan, env: Env, sheet: Sheet, rows: dict[Any, Row]
) -> Outcome:
    cls, sheet.trace = record_type(op.record_type), op.trace
    row, track, action = plan.row, plan.track, plan.action
    record = making.tokenised(plan.record, env.vault)
    if cls.facts.key and record.key(env.orgs.slug(row.org)) != row.key:
        return Conflict(FIXED_KEY, rule="natural_key", code="natural_key_fixed")
    doc, sealed = row.doc, row.sealed
    if plan.content:
        keys = await making.keys_for(conn, env.vault, [(row.id, record)])
        doc, sealed = making.content(row.id, record, keys)
    tracks, state = row.tracks, row.state
    life = lifecycle_of(op.record_type)
    if track and action and life:
        within = life.limit(track, action.to, record)
        tracks = {**tracks, track.name: making.track_state(action.to, within, sheet.at, op.principal.slug)}
        state = making.overall(life, tracks)
    parties = parties_of(record, row.org, env.orgs, await inherited(conn, [record]))
    after = row._replace(
        version=row.version + 1,
        tracks=tracks,
        state=state,
        doc=doc,
        sealed=sealed,
        parties=parties,
        readers=readers_of(parties, row.org),
        updated_at=sheet.at,
    )
    rows[row.id] = after
    same = not plan.content and after.readers == row.readers
    if same and row.id not in sheet.updates[op.record_type]:
        sheet.move(after, op.record_type)
    else:
        sheet.update(after, record)
    what = action.name if action else AMEND
    number = op.receipt or uuid7()
    fact = Fact(number, sheet.at, f"act:{what}", op.record_type, row.ref, after.version, op.principal, op.format, op.body)
    data = {
        "track": track.name if track else "",
        "state": action.to if action else "",
        "note": op.note,
        "code": action.receipt if action else "",
        "receipt": str(fact.id),
        "submission": str(row.submission),
    }
    sheet.tell(after, op.record_type, what, op.principal, fact, data, moved=same)
    if track:
        add_deadlines(sheet, after, op.record_type, track.name)
    if op.receipt:
        _submit(op, op.receipt, after, env, sheet)
    return kept_from(op.record_type, after, env.orgs, record)


def _submit(op: ActOp, receipt: UUID, row: Row, env: Env, sheet: Sheet) -> None:
    who, named = op.principal, [{"record": op.record_type, "id": str(row.id), "ref": row.ref}]
    sheet.submissions.append((receipt, who.org, who.user, op.format, sheet.at, len(op.body), named, sorted(row.readers)))
    if op.key:
        sheet.idempotency.append((who.org, op.key, env.vault.digest(op.body), receipt, sheet.at))
