"""From refined rows to Records: filed in chunks as the owner files them, each under a key of its own, so that a repeat adds nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from kouan.base.exchange.api import cell, settled
from kouan.base.quality.api import ROW
from kouan.kernel.errors import Conflict, Failure, Problem, Refused, Unavailable
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record
from kouan.kernel.text import Text

CHUNK = 256
"""Rows of one submission: they share a receipt, each has an entry of its own in the ledger."""
AT_ONCE = 8
"""Submissions under way: while some are committed, others are made ready."""
TRIES = 30
KEPT_ALREADY = "natural_key_kept"
FORMAT = "ingest"
CELL = Text("该值应为 JSON 列表或对象", "This value must be a JSON list or object")
Row = tuple[int, Mapping[str, Any]]


@dataclass(slots=True)
class Outcome:
    """What became of some rows: how many were kept, how many were kept before, and why others were refused."""

    kept: int = 0
    known: int = 0
    refused: list[tuple[int, Mapping[str, Any], list[dict[str, Any]]]] = field(default_factory=list)


async def file_rows(
    port: Port, who: Principal, cls: type[Record], chunks: Iterable[Sequence[Mapping[str, Any]]], key: str, *, renew: bool
) -> Outcome:
    """File rows (fields of text, and `_row`), each chunk as one submission. Raises Denied where the owner does not file such records."""
    filer, waiting = _Filer(port, who, cls, renew), iter(chunks)

    async def work() -> None:
        for chunk in waiting:
            rows = [(row[ROW], {name: value for name, value in row.items() if name != ROW and value is not None}) for row in chunk]
            await filer.chunk(rows, f"{key}/{rows[0][0]}")

    tasks = [asyncio.create_task(work()) for _ in range(AT_ONCE)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    filer.outcome.refused.sort(key=lambda one: one[0])
    return filer.outcome


def in_chunks(clean: Any) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The rows of an Arrow table in chunks; those that are not filed yet stay columns."""
    for at in range(0, clean.num_rows, CHUNK):
        yield clean.slice(at, CHUNK).to_pylist()


class _Filer:
    """Files chunks, and finds out which rows keep a chunk from being taken."""

    def __init__(self, port: Port, who: Principal, cls: type[Record], renew: bool) -> None:
        self._port, self._who, self._cls, self._renew = port, who, cls, renew
        self._kinds = {name: info.annotation for name, info in cls.model_fields.items()}
        self.outcome = Outcome()

    async def chunk(self, rows: Sequence[Row], key: str) -> None:
        """One submission; when it is refused, the rows at fault are told apart and the others filed."""
        drafts, unread = self._drafts(rows)
        rows = [row for row in rows if row[0] not in unread]
        if not drafts:
            return
        try:
            filed = await self._file(drafts, rows, f"{key}-{rows[-1][0]}.{len(rows)}")
            self.outcome.kept += len(filed.kept)
        except (Refused, Conflict) as failure:
            await self._apart(rows, key, failure)

    def _drafts(self, rows: Sequence[Row]) -> tuple[list[Draft], set[int]]:
        drafts, unread = [], set()
        for number, data in rows:
            held, name = {}, ""
            try:
                for name, value in data.items():
                    if name in self._kinds:
                        held[name] = cell(self._kinds[name], value)
            except ValueError:
                unread.add(number)
                self.outcome.refused.append((number, data, [_told(Problem("sheet.cell", name, "json", CELL))]))
                continue
            draft = Draft(self._cls.facts.name, held, f"row {number}", renew=self._renew)
            drafts.append(settled(draft, self._who, self._port.site))
        return drafts, unread

    async def _file(self, drafts: Sequence[Draft], rows: Sequence[Row], key: str) -> Any:
        body = orjson.dumps([data for _, data in rows])
        for again in range(TRIES):
            try:
                return await self._port.file(self._who, drafts, format=FORMAT, body=body, key=key[-128:])
            except Unavailable as away:
                if again == TRIES - 1:
                    raise
                await asyncio.sleep(away.retry_after or 1)
        raise AssertionError("the last try answers or raises")

    async def _apart(self, rows: Sequence[Row], key: str, failure: Failure) -> None:
        named = {problem.position for problem in failure.problems if problem.position}
        bad = [row for row in rows if f"row {row[0]}" in named]
        if bad and len(rows) > 1:
            for number, data in bad:
                mine = [_told(problem) for problem in failure.problems if problem.position == f"row {number}"]
                self.outcome.refused.append((number, data, mine))
            rest = [row for row in rows if f"row {row[0]}" not in named]
            if rest:
                await self.chunk(rest, key)
        elif len(rows) > 1:
            half = len(rows) // 2
            await self.chunk(rows[:half], key)
            await self.chunk(rows[half:], key)
        elif failure.code == KEPT_ALREADY:
            self.outcome.known += 1
        else:
            problems = failure.problems or (Problem(failure.code, failure.field, failure.rule, failure.reason),)
            self.outcome.refused.append((*rows[0], [_told(problem) for problem in problems]))


def _told(problem: Problem) -> dict[str, Any]:
    of = "completeness" if problem.rule == "missing" else "compliance"
    return {"field": problem.field, "rule": problem.rule or problem.code, "class": of, "severity": "error",
            "reason": problem.reason.out(), "fix": problem.reason.out()}  # fmt: skip
