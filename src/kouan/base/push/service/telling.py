"""Messages as they are told: what the subscriber may read of the version when it is told, whole or as what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kouan.base.push.facts import Stated
from kouan.base.push.matching import Wish
from kouan.base.push.store import content
from kouan.base.push.store.content import Mark
from kouan.base.push.store.messages import Message
from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection
from kouan.kernel.store.entitle import EVERYONE

TEST, UNMOVED = "test", frozenset({"overdue"})
"""Moments that make no version: nothing changed by them."""
Place = tuple[int, int]
NOTHING: Mapping[Mark, Stated] = MappingProxyType({})


def id_of(wish: Wish, message: Message) -> str:
    """What names a message: the same on every try and in every replay, another for another subscription."""
    return f"{message.event}.{wish.line}"


async def told(
    conn: Connection, wishes: Mapping[int, Wish], messages: Sequence[Message], known: Mapping[Mark, Stated] = NOTHING
) -> dict[Place, dict[str, Any]]:
    """What is told by some messages; one that its subscriber may not read (any more) is left out. `known`: versions read already."""
    real = [one for one in messages if one.what != TEST]
    marks = ({one.mark for one in real} | set(_before(wishes, real))) - known.keys()
    stated = {**known, **(await content.stated(conn, marks))} if marks else known
    readers = await content.now(conn, {(one.record, one.record_id) for one in real}) if real else {}
    out: dict[Place, dict[str, Any]] = {}
    for one in messages:
        wish = wishes[one.line]
        if one.what == TEST:
            out[one.line, one.seq] = _head(wish, one, wish.state)
        elif (version := stated.get(one.mark)) and _reads(wish.org, version, readers.get(one.record_id, ())):
            former = stated.get((one.record_id, one.version - 1)) if one.what not in UNMOVED else version
            out[one.line, one.seq] = _head(wish, one, version.state) | _content(wish, version, former)
    return out


def _before(wishes: Mapping[int, Wish], messages: Iterable[Message]) -> Iterable[tuple[UUID, int]]:
    return ((one.record_id, one.version - 1) for one in messages if wishes[one.line].content == "difference" and one.version > 1)


def _reads(org: int, version: Stated, now: Sequence[int]) -> bool:
    return version.read_by(org) and (org in now or EVERYONE in now)


def _head(wish: Wish, message: Message, state: str) -> dict[str, Any]:
    return {
        "id": id_of(wish, message), "event": str(message.event), "subscription": wish.ref, "seq": message.seq,
        "at": stamp(message.at), "what": message.what, "record": message.record, "record_id": str(message.record_id),
        "ref": message.ref, "version": message.version, "state": state,
    }  # fmt: skip


def _content(wish: Wish, version: Stated, former: Stated | None) -> dict[str, Any]:
    seen = version.seen(wish.org)
    data = {name: value for name in version.cls.fields if name in seen and (value := version.doc.get(name)) is not None}
    closed = sorted(set(version.sealed) & seen)
    if wish.content == "state":
        return {"data": data, "closed": closed}
    known = former.seen(wish.org) if former else frozenset()
    before = {name: former.doc.get(name) for name in version.cls.fields if name in known} if former else {}
    changed = {
        name: {"from": before.get(name), "to": data.get(name)}
        for name in version.cls.fields
        if name in seen and before.get(name) != data.get(name)
    }
    moved = {"from": former.state if former else None, "to": version.state}
    return {"changed": changed, "moved": moved if moved["from"] != moved["to"] else None, "closed": closed}
