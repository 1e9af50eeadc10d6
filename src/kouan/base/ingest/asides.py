"""Rows set aside: looked at, repaired, released as they are, returned to their sender, or dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from kouan.base.exchange.api import to_csv
from kouan.base.ingest import store
from kouan.base.ingest.filing import file_rows
from kouan.base.ingest.readers import of_rows
from kouan.base.ingest.records import Source
from kouan.base.ingest.refining import Refinery
from kouan.base.ingest.running import as_principal, principal_now, source_of
from kouan.base.ingest.service import NO_RUN, NOT_NOW, working
from kouan.base.ingest.staging import Staging
from kouan.base.ingest.telling import words_of
from kouan.base.quality.api import ROW, checks, existing, known_type
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict, NotFound, Problem, Refused
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text
from kouan.kernel.vault import seal, unseal

Action = Literal["repair", "release", "return", "drop"]
STATES = {"repair": "repaired", "release": "released", "return": "returned", "drop": "dropped"}
MASK = "***"
WHOLE = "text"
"""Under which name a row stands that could not be told apart."""
ACTION, RESTRICTED = "base.ingest.run:read", 3
EXPORTED = 10_000
WHY = Text("放行须说明理由", "State why the row is released as it is")
NO_SENDER = Text("该数据源未填写数据提供方，无法退回", "The source names no sender to whom the row could be returned")
NO_ROW = Text("没有这行数据", "There is no such row")
SETTLED = Text("该行已处理", "This row is settled already")
ERASED = Text("该行提及的个人信息已依法删除，内容不再保存", "It told of a person whose data were erased by law; its content is kept no more")
UNREADABLE = Text("该行无法读出，请修正后重新提交文件，或退回提供方", "This row cannot be read: return it to its sender, who sends the file anew")


async def listed(port: Port, who: Principal, run: UUID, after: int, limit: int, state: str) -> list[dict[str, Any]]:
    """Rows of a run that were set aside, with what is wrong; for the run's owner and the sender of its data."""
    async with scope(port.pool, scope_of(who)) as conn:
        held = await store.run(conn, run)
        if held is None:
            raise NotFound(NO_RUN)
        rows = await store.aside(conn, run, after, limit, state)
        subject = f"ingest:{run}"
        key = (await port.vault.subject_keys(conn, [subject], create=False)).get(subject)
    hidden, restricted = await _hidden(port, held, who)
    words = await words_of(port, await source_of(port, held["source"]))
    open_ = restricted - hidden
    told = False

    def shown(sealed: str | None, place: str) -> dict[str, Any]:
        nonlocal told
        data = (unseal(key, place, sealed) if key and sealed else None) or {}
        told = told or any(name in open_ and value is not None for name, value in data.items())
        return {name: MASK if name in hidden else value for name, value in data.items()}

    found = [
        {"piece": row["piece"], "row": row["row"], "item": row["item"], "data": shown(row["sealed"], f"{row['piece']}/{row['row']}"),
         "mended": shown(row["mended"], f"{row['piece']}/{row['row']}/mended"),
         "problems": [{**one, **words.of(one["rule"], one["field"])} for one in row["problems"]],
         "erased": not row["sealed"], "state": row["state"], "note": row["note"], "by": row["by"], "at": stamp(row["at"])}
        for row in rows
    ]  # fmt: skip
    if told:
        await port.audit.read(who, ACTION, f"ingestrun:{run}", RESTRICTED)
    return found


async def _hidden(port: Port, held: Any, who: Principal) -> tuple[set[str], set[str]]:
    """What of a row lies above the caller's clearance, and what of it is restricted: fields of the target, and the text of a row that
    could not be told apart where the target has such fields."""
    source = await source_of(port, held["source"])
    cls = known_type(source.target)
    levels = {name: facts.level for name, facts in cls.fields.items()} if cls else {}
    levels[WHOLE] = max(levels.values(), default=1)
    sealed = {name for name, level in levels.items() if level >= RESTRICTED}
    return {name for name, level in levels.items() if level > who.clearance}, sealed


async def as_sheet(port: Port, who: Principal, run: UUID) -> bytes:
    """All rows of a run that were set aside, as CSV with what is wrong and how it is put right."""
    rows = await listed(port, who, run, 0, EXPORTED, "")
    names = list(dict.fromkeys(name for row in rows for name in row["data"]))
    heads = ["item", "row", "state", *names, "field", "class", "原因", "reason"]
    table = [
        [row["item"], row["row"], row["state"], *(row["data"].get(name) for name in names), first.get("field", ""), first.get("class", ""),
         first.get("fix", {}).get("zh", ""), first.get("fix", {}).get("en", "")]
        for row in rows for first in [row["problems"][0] if row["problems"] else {}]
    ]  # fmt: skip
    return await asyncio.to_thread(to_csv, heads, table)


async def settle(
    port: Port, who: Principal, run: UUID, piece: int, row: int, action: Action, data: Mapping[str, Any], note: str
) -> dict[str, Any]:
    """Repair (checked again), release (as it is, with a reason), return to the sender or drop a row; for the run's owner.

    Refused when it still fails, when a release has no reason, and when nobody is named to whom it could be returned.
    """
    working(who)
    if action == "release" and not note.strip():
        raise Refused(WHY, field="note", rule="required")
    async with scope(port.pool, (*scope_of(who), PLATFORM.org)) as conn:
        held = await store.run(conn, run)
        if held is None or held["org"] != who.org:
            raise NotFound(NO_RUN)
        found = await store.one_aside(conn, run, piece, row)
        if found is None:
            raise NotFound(NO_ROW)
        if found["state"] not in ("held", "returned"):
            raise Conflict(SETTLED, rule="state", code="row.settled")
        if action != "drop" and not found["sealed"]:
            raise Conflict(ERASED, rule="erased", code="row.erased")
        if action == "return" and held["sender"] is None:
            raise Refused(NO_SENDER, field="action", rule="sender")
        mended = None
        if action in ("repair", "release"):
            key = (await port.vault.subject_keys(conn, [f"ingest:{run}"], create=False))[f"ingest:{run}"]
            stood, given = unseal(key, f"{piece}/{row}", found["sealed"]) or {}, data if action == "repair" else {}
            await _take(port, held, stood, given, (piece, row), strict=action == "repair")
            mended = seal(key, f"{piece}/{row}/mended", dict(given)) if given else None
        await store.settle_aside(conn, run, (piece, row), STATES[action], note, who.user, mended)
    return {"run": str(run), "piece": piece, "row": row, "state": STATES[action]}


async def _take(port: Port, held: Any, stood: Mapping[str, Any], given: Mapping[str, Any], place: tuple[int, int], *, strict: bool) -> None:
    """File a row, or put it with its data set."""
    source, who = await source_of(port, held["source"]), await principal_now(port, held["principal"])
    mine = {column.into for column in source.columns}
    whole = {name: str(value) for name, value in {**stood, **given}.items() if name in mine and value is not None}
    if not whole:
        raise Refused(UNREADABLE, rule="unreadable", code="row.unreadable")
    if strict:
        await _check(port, who, source, whole)
    cls = known_type(source.target)
    if cls is None:
        await _append(port, held, source, whole)
        return
    key = f"{held['id']}/{place[0]}/{place[1]}/again"
    outcome = await file_rows(port, who, cls, [[{ROW: place[1], **whole}]], key, renew=source.renew)
    if outcome.refused:
        raise Refused.of([_problem(one) for one in outcome.refused[0][2]])


def _problem(told: Mapping[str, Any]) -> Problem:
    return Problem(f"quality.{told['class']}", told["field"], told["rule"], Text(told["reason"]["zh"], told["reason"]["en"]))


async def _check(port: Port, who: Principal, source: Source, whole: Mapping[str, Any]) -> None:
    refined = await _refined(port, who, source, whole)
    if refined.refused:
        raise Refused.of([Problem(f"quality.{check.of}", check.field, check.code, check.fix) for check in refined.refused[0].checks])


async def _refined(port: Port, who: Principal, source: Source, whole: Mapping[str, Any], *, checked: bool = True) -> Any:
    """A row that is mapped already, through the checks again."""
    plain = source.model_copy(update={
        "columns": tuple(column.model_copy(update={"column": column.into, "constant": None, "steps": ()}) for column in source.columns),
        "unique": (),
    })  # fmt: skip
    table = of_rows([(1, whole)])
    found = await checks(port, source.target) if checked else ()
    refinery = Refinery(plain, found, port.site.zone, typed=known_type(source.target) is None)
    try:
        wanted = refinery.wanted(table)
        return await asyncio.to_thread(refinery.refine, table, now(), await existing(port, who, wanted) if wanted else {})
    finally:
        refinery.close()


async def _append(port: Port, held: Any, source: Source, whole: Mapping[str, Any]) -> None:
    """A piece of one row behind those of the run. Only when the run has ended: before, its pieces are numbered by its process."""
    if held["ended"] is None:
        raise Conflict(NOT_NOW, rule="state", code="run.state")
    refined = await _refined(port, as_principal(held["principal"]), source, whole, checked=False)
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        number = await store.append(conn, held["id"])
        staging = Staging(port, str(held["source"]), str(held["id"]))
        await asyncio.to_thread(staging.write, "clean", number, refined.clean)
