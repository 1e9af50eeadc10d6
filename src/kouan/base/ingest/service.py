"""The verbs of extraction: infer, try, start, upload, stop, go on; what was staged, changed and set aside."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from kouan.base.ingest import store
from kouan.base.ingest.inferring import guesses, suggestions
from kouan.base.ingest.readers import Held, Options, Piece, Unreadable, read
from kouan.base.ingest.records import Source
from kouan.base.ingest.refining import Refinery
from kouan.base.ingest.running import as_held, source_of
from kouan.base.ingest.secrets import sealed
from kouan.base.ingest.staging import Part, Staging, incoming, uploads
from kouan.base.ingest.telling import columns_of, words_of
from kouan.base.quality.api import CLASSES, OUTSIDE, ROW, checks, existing, known_type
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict, Denied, NotFound, Refused, TooLarge
from kouan.kernel.ids import uuid7
from kouan.kernel.keepable import validated
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store import reading
from kouan.kernel.store.acting import MISSING
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.suites.growing import Growing
from kouan.kernel.text import Text

SHOWN = 50
_UPLOAD = re.compile(r"[0-9]+-[0-9a-f]{8}-[0-9a-f-]{27}")
_FIELD = re.compile(r"[A-Za-z_]\w{0,63}")
MOST_UPLOAD, MOST_BEGUN = 10 << 30, 20 << 30
"""Bytes of one upload, and of all of an organisation that no run has taken."""
ABANDONED = timedelta(days=2)
"""How long an upload stands that nobody adds to and no run takes."""
BUSY = Text("该数据源已有抽取在进行", "The source has a run that has not ended")
NOT_NOW = Text("该批次当前状态不能这样操作", "The run is not in a state for that")
NO_RUN = Text("没有这个批次", "There is no such run")
WRITERS = Text("只有业务经办角色可以操作数据源", "Only working roles handle data sources")
NO_BODY = Text("请附上要抽取的文件", "Send the file that is to be taken in")
NO_UPLOAD = Text("这种数据源自行取数，不接受上传", "This kind of source fetches by itself and takes no upload")
OFFSET = Text("已收到 {size} 字节，请从这里继续", "{size} bytes have come: go on from there")
BEGUN = Text("本单位未使用的上传合计超过 {most} GiB", "Your organisation's uploads that no run has taken are over {most} GiB")
TOO_LARGE = Text("上传文件超过 {most} GiB", "The upload is over {most} GiB")
SWEPT = 200
"""Runs that are looked at together when what ended long ago is forgotten."""


def working(who: Principal) -> None:
    """Raises Denied for those who only look."""
    if not who.writes:
        raise Denied(WRITERS, rule="role")


async def own(port: Port, who: Principal, source: UUID) -> Source:
    """A source of the caller's own organisation."""
    async with scope(port.pool, scope_of(who)) as conn:
        row = await reading.one(conn, Source, source)
    if row is None or row.org != who.org:
        raise NotFound(MISSING)
    return Source.model_validate(row.doc)


def first_piece(body: bytes, name: str, options: Options) -> Piece:
    """The first rows of a file that is at hand. Raises Refused for one that cannot be read."""
    try:
        return next(iter(islice(read(Held("sample", body), options, name=name), 1)))
    except StopIteration:
        raise Refused(NO_BODY, field="sample", rule="sample") from None
    except Unreadable as wrong:
        raise Refused(wrong.reason, field="sample", rule="sample", code="sample.unreadable") from None


async def infer(body: bytes, name: str, options: Options, target: str) -> dict[str, Any]:
    """What a sample's columns are, and for a record type to which of its fields they probably belong. Nothing is kept."""

    return await asyncio.to_thread(lambda: described(first_piece(body, name, options), target))


def described(piece: Piece, target: str) -> dict[str, Any]:
    """What a piece's columns are, a mapping onto a target, and its first rows."""
    found, cls = guesses(piece.table), known_type(target)
    return {
        "rows": piece.table.num_rows, "columns": [guess.out() for guess in found],
        "mapping": suggestions(found, cls) if cls else [
            {"into": guess.name if _FIELD.fullmatch(guess.name) else f"c{at}", "column": guess.name, "sure": 1.0, "type": guess.type,
             "steps": [step.model_dump(exclude_defaults=True) for step in guess.steps]} for at, guess in enumerate(found, 1)],
        "sample": [{k: v for k, v in row.items() if k != ROW} for row in _shown(piece.table, 5)],
    }  # fmt: skip


def _shown(table: Any, most: int) -> list[dict[str, Any]]:
    return [{k: v if v is None or isinstance(v, str | int | float | bool) else str(v) for k, v in row.items()}
            for row in table.slice(0, most).to_pylist()]  # fmt: skip


async def trial(port: Port, who: Principal, definition: Mapping[str, Any], body: bytes, name: str) -> dict[str, Any]:
    """What a source would make of a sample: rows, changes, refused rows with reasons, scores. Nothing is kept."""
    source = validated(Source, definition)
    piece = await asyncio.to_thread(first_piece, body, name, Options(source.format, source.element or ""))
    return await tried(port, who, source, piece)


async def tried(port: Port, who: Principal, source: Source, piece: Piece) -> dict[str, Any]:
    """What a source would make of a piece: rows, changes, refused rows with reasons in words. Nothing is kept."""
    target, words = known_type(source.target), await words_of(port, source)
    refinery = Refinery(source, await checks(port, source.target), port.site.zone, typed=target is None)
    try:
        wanted = await asyncio.to_thread(refinery.wanted, piece.table)
        refined = await asyncio.to_thread(refinery.refine, piece.table, now(), await existing(port, who, wanted) if wanted else {})
    finally:
        refinery.close()
    return {
        "counts": {name: refined.counts[name] for name in ("taken", "changed", "values", "doubles", "refused")},
        "rows": _shown(refined.clean, SHOWN), "changes": _shown(refined.changes, SHOWN),
        "refused": [{"row": one.row, "data": {name: str(value) for name, value in one.data.items()},
                     "problems": [{**_problem(check), **words.of(check.code, check.field)} for check in one.checks]}
                    for one in refined.refused[:SHOWN]],
        "unreadable": [{"row": row.row, "text": row.text[:200], "reason": row.reason.out()} for row in piece.broken[:SHOWN]],
        "causes": dict(refined.causes),
    }  # fmt: skip


def _problem(check: Any) -> dict[str, Any]:
    return {"field": check.field, "rule": check.code, "class": check.of, "severity": check.severity, "reason": check.fix.out()}


async def received(port: Port, key: str, body: AsyncIterator[bytes], offset: int) -> int:
    """Put a part of an upload behind what has come; how many bytes there are now. Conflict where it does not fit on, TooLarge where the
    upload, or all that the organisation has begun and not used, gets too large."""
    held = incoming(port, key)
    await asyncio.to_thread(held.begin)
    size = await asyncio.to_thread(held.size)
    if offset != size:
        raise Conflict(OFFSET.fill(size=size), field="offset", rule="offset", code="upload.offset", size=size)
    others = sum(one.stat().st_size for one in held.path.parent.glob(f"{key.partition('-')[0]}-*")) - size
    with held.appending() as put:
        async for chunk in body:
            size += len(chunk)
            if size > MOST_UPLOAD:
                raise TooLarge(TOO_LARGE.fill(most=MOST_UPLOAD >> 30))
            if size + others > MOST_BEGUN:
                raise TooLarge(BEGUN.fill(most=MOST_BEGUN >> 30))
            await asyncio.to_thread(put, chunk)
    return size


def held(place: Growing, body: bytes) -> None:
    """Keep a body as an upload."""
    place.begin()
    with place.appending() as put:
        put(body)


def upload_key(who: Principal, upload: UUID) -> str:
    """The name of an upload, which only its organisation can use."""
    return f"{who.org}-{upload}"


def upload_named(who: Principal, key: str) -> UUID:
    """The upload that an organisation begins under a key."""
    return uuid5(NAMESPACE_URL, f"urn:kouan:upload:{who.org}/{key}")


async def start(port: Port, who: Principal, source: UUID, *, upload: Growing | None = None, name: str = "") -> dict[str, Any]:
    """Begin a run; a source that fetches goes on where its last run ended. Conflict when one has not ended yet."""
    working(who)
    mine = await own(port, who, source)
    if (mine.kind == "upload") != (upload is not None):
        raise Refused(NO_BODY if upload is None else NO_UPLOAD, field="body", rule="upload")
    run = uuid7()
    async with scope(port.pool, (*scope_of(who), PLATFORM.org)) as conn:
        last = await store.runs(conn, source, 1)
        position = dict(last[0]["position"]) if last and mine.kind != "upload" else {}
        sender = port.orgs.named(mine.sender) if mine.sender else None
        readers = sorted({PLATFORM.org, who.org, *([sender] if sender else [])})
        held = (as_held(who), position, name[:200], readers)
        if not await store.add(conn, run, source, mine.code, who.org, sender, *held):
            raise Conflict(BUSY, rule="run", code="run.busy")
        if upload is not None:
            # The run is not seen before this transaction commits, so that it never begins without its file.
            await asyncio.to_thread(upload.path.replace, incoming(port, str(run)).path)
    return await state(port, who, run)


async def state(port: Port, who: Principal, run: UUID) -> dict[str, Any]:
    """How a run does: counts, causes, how far it is."""
    row = await _run(port, who, run)
    source = await source_of(port, row["source"])
    async with scope(port.pool, scope_of(who)) as conn:
        fates = (await store.fates(conn, [run])).get(run, {})
    words, cls = await words_of(port, source), known_type(source.target)
    return {
        **_state(port, row), "title": source.name, "kind": source.kind, "target": source.target,
        "target_title": cls.facts.title.out() if cls else None, "aside": fates, "why": words.causes(row["causes"]),
        "columns": columns_of(source),
    }  # fmt: skip


def _state(port: Port, row: Any) -> dict[str, Any]:
    counts = row["counts"]
    return {
        "id": str(row["id"]), "source": str(row["source"]), "code": row["code"], "name": row["name"], "state": row["state"],
        "created": stamp(row["created"]),
        "ended": stamp(row["ended"]) if row["ended"] else None, "pieces": row["pieces"], "causes": row["causes"], "error": row["error"],
        "counts": {name: counts.get(name, 0) for name in ("taken", "changed", "values", "kept", "known", "doubles", "refused", "held")},
        "scores": _scores(counts), "owner": port.orgs.slug(row["org"]), "sender": port.orgs.slug(row["sender"]) if row["sender"] else None,
    }  # fmt: skip


def _scores(counts: Mapping[str, int]) -> dict[str, float]:
    rows = counts.get("rows", 0)
    return {name: int(10000 * (rows - counts.get(f"class:{name}", 0)) / rows) / 100 for name in CLASSES} if rows else {}


async def _run(port: Port, who: Principal, run: UUID) -> Any:
    async with scope(port.pool, scope_of(who)) as conn:
        row = await store.run(conn, run)
    if row is None:
        raise NotFound(NO_RUN)
    return row


async def runs(port: Port, who: Principal, source: UUID) -> list[dict[str, Any]]:
    """The latest runs of a source."""
    await own(port, who, source)
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await store.runs(conn, source, SHOWN)
    return [_state(port, row) for row in rows]


async def turn(port: Port, who: Principal, run: UUID, what: str) -> dict[str, Any]:
    """Stop a run, or let one that was stopped or failed go on where it was. For its owner."""
    working(who)
    row = await _run(port, who, run)
    if row["org"] != who.org:
        raise NotFound(NO_RUN)
    async with scope(port.pool, (*scope_of(who), PLATFORM.org)) as conn:
        if what == "stop":
            done = await store.move(conn, run, ["running"], "stopping") or await store.move(conn, run, ["waiting"], "stopped")
        else:
            done = await store.move(conn, run, ["stopped", "failed"], "waiting")
    if not done:
        raise Conflict(NOT_NOW, rule="state", code="run.state")
    return await state(port, who, run)


async def staged(port: Port, who: Principal, run: UUID) -> list[dict[str, Any]]:
    """What a run took in: for each piece its source, item, time and count."""
    row = await _run(port, who, run)
    staging = Staging(port, str(row["source"]), str(run))

    def look() -> list[dict[str, Any]]:
        found = []
        for table in staging.pieces("raw", row["pieces"]):
            told = table.schema.metadata or {}
            about = {key.decode(): value.decode() for key, value in told.items() if not key.startswith(b"ARROW")}
            found.append({"source": about.get("source", ""), "item": about.get("item", ""), "at": about.get("at", ""),
                          "rows": table.num_rows})  # fmt: skip
        return found

    return await asyncio.to_thread(look)


async def rows(port: Port, who: Principal, run: UUID, part: Part, after: int, limit: int) -> list[dict[str, Any]]:
    """Rows of a run's staging area: as they came (`raw`), or as they became (`clean`), from the `after`-th on."""
    row = await _run(port, who, run)
    return await asyncio.to_thread(_page, Staging(port, str(row["source"]), str(run)), part, row["pieces"], after, limit, {})


async def changes(
    port: Port, who: Principal, run: UUID, wanted: Mapping[str, Any], after: int, limit: int
) -> list[dict[str, Any]]:
    """What a run changed: row, field, before, after and by which conversion; of one piece, row or field where asked."""
    row = await _run(port, who, run)
    return await asyncio.to_thread(_page, Staging(port, str(row["source"]), str(run)), "changes", row["pieces"], after, limit, wanted)


def _page(staging: Staging, part: Part, pieces: int, after: int, limit: int, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    wanted, only = {name: value for name, value in wanted.items() if name != "piece"}, wanted.get("piece")
    for number in range(pieces) if only is None else range(only, min(only + 1, pieces)):
        table = staging.read(part, number)
        if table is None:
            continue
        for name, value in wanted.items():
            table = table.filter([held == value for held in table.column(name).to_pylist()])
        if after >= table.num_rows:
            after -= table.num_rows
            continue
        found += [{"piece": number, **one} for one in _shown(table.slice(after), limit - len(found))]
        after = 0
        if len(found) >= limit:
            break
    return found


async def enter(port: Port, who: Principal, source: UUID, user: str, password: str) -> None:
    """Keep how a source is entered."""
    working(who)
    await own(port, who, source)
    async with scope(port.pool, (*scope_of(who), PLATFORM.org)) as conn:
        wrapped = sealed(port.vault, str(source), user, password)
        await store.put_secret(conn, source, who.org, wrapped, who.user, [PLATFORM.org, who.org])


async def due(port: Port) -> int:
    """Begin the runs whose time has come, each for whom began the last one; answers how many."""
    begun = 0
    async with scope(port.pool, scope_of(PLATFORM)) as conn:
        waiting = await store.scheduled(conn)
    for row in waiting:
        source = await source_of(port, row["source"])
        if not source.active or source.kind == "upload":
            continue
        readers = sorted({PLATFORM.org, row["org"], *([row["sender"]] if row["sender"] else [])})
        async with scope(port.pool, (PLATFORM.org, row["org"])) as conn:
            begun += await store.add(
                conn, uuid7(), row["source"], row["code"], row["org"], row["sender"], row["principal"], row["position"], "", readers
            )
    return begun


def forget_uploads(port: Port) -> int:
    """Forget the uploads that were begun and left; answers how many."""
    before, gone = (now() - ABANDONED).timestamp(), 0
    for path in uploads(port).iterdir():
        if (_UPLOAD.fullmatch(path.name) or path.suffix == ".new") and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


async def sweep(port: Port, days: int) -> int:
    """Forget what was staged by runs that ended longer ago; what they filed stays, and so do data sets. Answers how many were forgotten."""
    await asyncio.to_thread(forget_uploads, port)
    gone, behind = 0, None
    while True:
        async with scope(port.pool, scope_of(PLATFORM)) as conn:
            old = await store.expired(conn, days, behind, SWEPT)
        for row in old:
            incoming(port, str(row["id"])).remove()
            if (await source_of(port, row["source"])).target.startswith(OUTSIDE):
                continue
            Staging(port, str(row["source"]), str(row["id"])).drop()
            async with scope(port.pool, scope_of(PLATFORM)) as conn:
                await store.forget(conn, row["id"])
            gone += 1
        if len(old) < SWEPT:
            return gone
        behind = old[-1]["ended"], old[-1]["id"]
