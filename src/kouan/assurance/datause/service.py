"""The situation of data security, and who read what, as answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kouan.assurance.datause import store, store_uses
from kouan.assurance.datause.checks import CHECKS
from kouan.assurance.datause.store_uses import Wanted
from kouan.kernel.alerts import Alert
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import Connection, scope
from kouan.kernel.errors import NotFound
from kouan.kernel.http.records import shown
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record
from kouan.kernel.store import reading
from kouan.kernel.store.acting import MISSING
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import equal
from kouan.kernel.text import Text
from kouan.kernel.words import every
from kouan.operations.alerts.api import Warned

OURS = "assurance.datause."
LIVE = ("open", "acknowledged", "acted")
MOST = 20


async def situation(port: Port, hours: int) -> dict[str, Any]:
    """What is watched, what is open, who reads most, who is denied, what the routine checks found."""
    at, words = now(), [word for word in every(Alert) if word.code.startswith(OURS)]
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        seen = await store.picture(conn, at - timedelta(hours=hours), MOST)
        audited = await store_uses.audited(conn, Wanted(at - timedelta(hours=hours), at), None, port.site.zone, 1)
        alarms = await alarms_open(conn, MOST)
        checks = await store.checks(conn)
    return {
        "at": stamp(at), "hours": hours,
        "watched": [
            {"code": word.code, "title": word.title.out(), "severity": word.severity,
             "defaults": {name: one.default for name, one in word.parameters.items()}} for word in words
        ],
        "alarms": sorted(alarms, key=lambda one: str(one["at"]), reverse=True)[: 2 * MOST],
        "reads": {**{name: seen[name] for name in ("n", "masked", "accounts")}, "restricted": audited[0]["restricted"] if audited else 0,
                  "denied": audited[0]["denied"] if audited else 0},
        "readers": [{**_told(port, row), "rows": row["n"], "masked": row["masked"], "service": row["service"]} for row in seen["top"]],
        "denials": [{**_told(port, row), "action": row["action"], "reason": row["reason"], "times": row["n"]} for row in seen["refused"]],
        "checks": [
            {"code": row["code"], "title": CHECKS.get(row["code"], Text(row["code"], row["code"])).out(), "at": stamp(row["at"]),
             "ok": row["ok"], "found": row["found"][:50]} for row in checks
        ],
    }  # fmt: skip


async def alarms_open(conn: Connection, most: int = 5000) -> list[dict[str, Any]]:
    """The newest alarms of each kind of ours that nobody has closed, `most` of each."""
    codes = [word.code for word in every(Alert) if word.code.startswith(OURS)]
    return [_alarm(row.id, row.doc, row.state) for code in codes
            for row in await equal(conn, Warned, {"alert": code}, states=LIVE, newest=True, limit=most)]  # fmt: skip


def _alarm(number: UUID, doc: Mapping[str, Any], state: str) -> dict[str, Any]:
    told = {name: doc.get(name) for name in ("number", "alert", "severity", "title", "message", "at", "value", "threshold")}
    return {"id": str(number), **told, "state": state, "evidence": doc.get("evidence") or {}}


def _told(port: Port, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"account": row["account"], "org": port.orgs.slug(row["org"]) if row["org"] else "", "last": stamp(row["last"])}


async def touched(port: Port, account: str, since: datetime, until: datetime, after: UUID | None, limit: int) -> dict[str, Any]:
    """The records that an account was shown in a span, each with the doors and the first and last time; with the first page also what
    its questions went through that is not listed."""
    rows = await store.rows(port.pool, account, since, until, after, limit)
    many = [] if after else await store.many(port.pool, account, since, until)
    out = [
        {"id": str(row["id"]), "record": row["record"], "first": stamp(row["first"]), "last": stamp(row["last"]), "doors": row["doors"]}
        for row in rows
    ]
    whole = [{"record": row["record"], "door": row["door"], "rows": row["n"], "first": stamp(row["first"]), "last": stamp(row["last"])}
             for row in many]  # fmt: skip
    return {"items": out, "many": whole, "next": out[-1]["id"] if len(out) == limit else None}


async def read_by(port: Port, cls: type[Record], record_id: UUID, before: int | None, limit: int, *, accounts: bool) -> dict[str, Any]:
    """Who was shown a record, the newest first; organisations alone where accounts are not to be told.

    `among`: it was one of very many that a question went through, out of those that the organisation may see.
    """
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        row = await reading.one(conn, cls, record_id)
    among = (cls.facts.name, row.filed_at if row else now(), row.readers if row else [])
    rows = await store.readers(port.pool, record_id, before, limit, among=among)
    out = [
        {"at": stamp(row["at"]), "org": port.orgs.slug(row["org"]), "account": row["account"] if accounts else None, "door": row["door"],
         "among": row["among"]} for row in rows
    ]
    return {"items": out, "next": rows[-1]["id"] if len(rows) == limit else None}


async def own(port: Port, who: Principal, cls: type[Record], record_id: UUID) -> None:
    """NotFound unless the caller's organisation filed the record."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        row = await reading.one(conn, cls, record_id)
        if row is None or row.org != who.org:
            raise NotFound(MISSING)
        await shown(port, who, cls, [row], conn)
