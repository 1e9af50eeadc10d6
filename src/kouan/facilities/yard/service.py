"""Keeping the stock: the stays of a box are folded anew from all its moves whenever one is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from kouan.base.movement.api import Move
from kouan.facilities.gate.api import Passage
from kouan.facilities.yard import store
from kouan.facilities.yard.folding import INSIDE, Stay, Told, fold
from kouan.facilities.yard.lifecycle import OPEN
from kouan.facilities.yard.records import Instruction
from kouan.facilities.yard.store import Folded
from kouan.kernel.database import Connection, scope
from kouan.kernel.errors import Conflict
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.records import Record
from kouan.kernel.rules import Kept
from kouan.kernel.store.finding import by_ids, mentioning
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text
from kouan.kernel.together import Together

MOVE, PASSAGE, INSTRUCTION = Move.facts.name, Passage.facts.name, Instruction.facts.name
MOST = 2000
"""Reports about one box that are read: a box has some ten at each visit, and records are kept ten years."""
USED = frozenset({"equipment", "activity", "function", "at", "place", "position", "vessel", "voyage", "status", "gross_kg", "size_type"})
TOLD_BY_GATE = frozenset({"containers", "direction", "at", "place", "decision"})
EXTRA = "facilities.yard.stock"


async def told(port: Port, record_id: str) -> list[str]:
    """A move or a passage was told: fold the boxes that it names anew; answers them. Those told together are kept together."""
    together = port.extras.get(EXTRA)
    if not isinstance(together, Together):

        async def fold_all(records: Sequence[str]) -> Mapping[str, list[str]]:
            return await _fold_all(port, records)

        together = port.extras[EXTRA] = Together(fold_all)
    found: list[str] = await together(record_id)
    return found


async def _fold_all(port: Port, records: Sequence[str]) -> dict[str, list[str]]:
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        named = await store.containers_of(conn, [UUID(one) for one in records])
        await refold(conn, {box for boxes in named.values() for box in boxes}, port.orgs.of_kind("terminal"))
    return {one: named.get(UUID(one), []) for one in records}


async def refold(conn: Connection, boxes: Collection[str], terminals: Collection[int]) -> None:
    """Make the stays of some boxes anew from all that is told of them. The connection's scope is the platform's.

    What is done inside the terminal, only the terminals themselves can tell.
    """
    if not boxes:
        return
    await store.lock(conn, boxes)
    moves = await _reports(conn, Move, boxes)
    passages = await _reports(conn, Passage, boxes)
    await store.keep(conn, [_folded(box, _own(moves.get(box, ()), terminals), passages.get(box, ())) for box in sorted(boxes)])


async def _reports(conn: Connection, cls: type[Record], boxes: Iterable[str]) -> dict[str, list[Row]]:
    ids = await mentioning(conn, cls.facts.name, sorted(boxes), limit=MOST)
    rows = {row.id: row for row in await by_ids(conn, cls, sorted({one for group in ids.values() for one in group}))}
    return {box: [rows[one] for one in group if one in rows] for box, group in ids.items()}


def _own(moves: Sequence[Row], terminals: Collection[int]) -> list[Row]:
    return [row for row in moves if row.doc.get("activity") not in INSIDE or row.org in terminals]


def _folded(box: str, moves: Sequence[Row], passages: Sequence[Row]) -> Folded:
    mine = [row for row in moves if row.doc.get("equipment") == box]
    through = [row for row in passages if row.doc.get("decision") == "open"]
    told = [_move(row) for row in mine] + [_passage(row) for row in through]
    readers = [_readers(Move, USED, row) for row in mine] + [_readers(Passage, TOLD_BY_GATE, row) for row in through]
    seeing = set.intersection(*readers) if readers else set[int]()
    return Folded(box, fold(told), sorted(seeing | {PLATFORM.org}))


def _move(row: Row) -> Told:
    doc = Move.model_validate(row.doc)
    return Told(
        row.ref, doc.activity, doc.at, doc.function, doc.corrects or "", doc.place, doc.position, doc.vessel, voyage_of(doc.voyage),
        doc.status, doc.gross_kg, doc.size_type,
    )  # fmt: skip


def _passage(row: Row) -> Told:
    doc = Passage.model_validate(row.doc)
    return Told(row.ref, f"gate-{doc.direction}", doc.at, place=doc.place)


def voyage_of(text: str | None) -> str | None:
    """A voyage number in the spelling in which voyages are compared."""
    return "".join(text.split()).upper() or None if text else None


def _readers(cls: type[Record], fields: frozenset[str], row: Row) -> set[int]:
    """Those who see all of some fields of a report, by one of their parts in it."""
    seeing = [party.name for party in cls.facts.parties if party.sees == "*" or party.sees >= fields]
    return {PLATFORM.org, row.org, *(number for name in seeing for number in row.parties.get(name, ()))}


async def stays(port: Port, boxes: Sequence[str]) -> dict[str, list[Stay]]:
    """The stays of some boxes, the oldest first, as the platform knows them."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        return await store.stays_of(conn, boxes)


async def instructions(port: Port, container: str) -> list[Kept]:
    """The instructions about a box, the newest first."""
    return await port.find(PLATFORM, INSTRUCTION, ref=container)


async def complete(port: Port, container: str, activity: str, note: str) -> None:
    """The move was told: what the terminal was asked to do with the box is done. Safe to repeat."""
    for kept in await instructions(port, container):
        assert isinstance(kept.data, Instruction)
        if kept.data.container == container and kept.data.activity == activity and kept.state in OPEN:
            try:
                await port.act(port.service("terminal"), INSTRUCTION, kept.id, "complete", note=note)
            except Conflict as already:
                if already.code != "not_in_state":
                    raise


def tell(data: Mapping[str, object]) -> Text:
    """An instruction in a few words."""
    box = str(data.get("container", "")).partition(":")[2]
    back = data.get("activity") == "from-bay"
    return Text(f"要求码头{'移离' if back else '移至'}查验位：{box}", f"The terminal is asked to move {box} {'from' if back else 'to'} the bay")

