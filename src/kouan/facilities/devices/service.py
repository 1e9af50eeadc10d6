"""What the doors of devices do: the live list, credentials, commands."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from kouan.facilities.devices import causes, credentials, errors, restricted, store
from kouan.facilities.devices.classes import CLASSES, DRIVERS, FOUND
from kouan.facilities.devices.lifecycle import IN_USE
from kouan.facilities.devices.records import Command, Device
from kouan.kernel.audit import Entry
from kouan.kernel.clock import stamp
from kouan.kernel.database import scope
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.rules import Kept
from kouan.kernel.settings import Settings
from kouan.kernel.store import finding
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.ops import Row

MOST = 2000
_NEVER: Mapping[str, Any] = {
    "online": False, "since": None, "seen_at": None, "why": "", "messages": 0, "readings": 0, "refused": {},
    "last": {}, "born_at": None, "died_at": None,
}  # fmt: skip


async def devices(port: Port, who: Principal, wanted: Mapping[str, Any], *, after: int = 0, limit: int = 200) -> list[dict[str, Any]]:
    """Devices that the caller may see, with how each does now."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await finding.equal(conn, Device, wanted, after=after, limit=limit)
    return await _live(port, who, rows)


async def device(port: Port, who: Principal, code: str) -> dict[str, Any]:
    """One device and how it does; NotFound outside the caller's scope."""
    found = await devices(port, who, {"code": code.upper()}, limit=1)
    if not found:
        raise errors.unknown()
    return found[0]


async def live(port: Port, who: Principal, codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """How some devices do, by code, as far as the caller may see: `online`, and `last` values by metric."""
    found = await devices(port, who, {"code": list(codes)}, limit=MOST) if codes else []
    return {one["code"]: {**one, "last": {last["metric"]: last["value"] for last in one["last"]}} for one in found}


async def _live(port: Port, who: Principal, rows: Sequence[Row]) -> list[dict[str, Any]]:
    codes = [row.doc["code"] for row in rows]
    kept, accounts = await store.states(port.pool, codes), await store.accounts(port.pool, codes)
    keys = await restricted.keys_of(port, {row.doc["code"]: row.doc for row in rows if row.doc.get("data_level", 2) <= who.clearance})
    if who.org != PLATFORM.org:
        told = [code for code in keys if kept.get(code, _NEVER)["last"]]
        await asyncio.gather(*(port.audit.read(who, f"{Device.facts.name}:last", f"device:{code}", restricted.LEVEL) for code in told))
    kept = {code: {**one, "last": restricted.opened(keys.get(code), code, one["last"])} for code, one in kept.items()}
    return [_shown(port, who, row, kept.get(row.doc["code"], _NEVER), row.doc["code"] in accounts) for row in rows]


def _shown(port: Port, who: Principal, row: Row, live: Mapping[str, Any], account: bool) -> dict[str, Any]:
    doc = row.doc
    units = {metric["name"]: metric.get("unit", "") for metric in doc.get("metrics", ())}
    readable = doc.get("data_level", 2) <= who.clearance
    last = live["last"] if readable else {}
    return {
        "id": str(row.id), "ref": row.ref, "seq": row.seq, "code": doc["code"], "name": {"zh": doc["name_zh"], "en": doc["name_en"]},
        "kind": doc["kind"], "kind_title": CLASSES[doc["kind"]].out(), "driver": doc["driver"],
        "driver_title": DRIVERS[doc["driver"]].out(), "place": doc.get("place"), "lane": doc.get("lane"), "lon": doc.get("lon"),
        "lat": doc.get("lat"), "owner": port.orgs.slug(row.org), "state": row.state, "keep_alive_s": doc.get("keep_alive_s", 30),
        "online": bool(live["online"]) and row.state in IN_USE, "since": live["since"], "seen_at": live["seen_at"], "why": live["why"],
        "messages": live["messages"], "readings": live["readings"], "refused": live["refused"], "causes": causes.described(live["refused"]),
        "account": account, "poll_s": doc.get("poll_s"), "maker": doc.get("maker", ""), "model": doc.get("model", ""),
        "born_at": live["born_at"], "died_at": live["died_at"], "calibration_due": doc.get("calibration_due"),
        "metrics": [_metric(one) for one in doc.get("metrics", ())],
        "simulated": doc.get("simulated", False),
        "last": [
            {"metric": name, "value": value, "at": int(at), "unit": units.get(name, "")} for name, (value, at) in sorted(last.items())
        ],
    }  # fmt: skip


def _metric(stated: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": stated["name"], "unit": stated.get("unit", ""), "low": stated.get("low"), "high": stated.get("high"),
            "writable": stated.get("writable", False)}  # fmt: skip


async def owned(port: Port, who: Principal, code: str) -> Kept:
    """The device of the caller's own; Denied when another owns it, NotFound when the caller may not see it."""
    kept = next((one for one in await port.find(who, Device.facts.name, key=code.upper())), None)
    if kept is None:
        raise errors.unknown()
    if kept.filer != who.slug or not who.writes:
        raise errors.not_yours()
    return kept


async def give_account(port: Port, who: Principal, code: str) -> dict[str, Any]:
    """New credentials for a device; the former ones end. The secret is answered and kept nowhere."""
    kept = await owned(port, who, code)
    assert isinstance(kept.data, Device)
    if kept.state not in IN_USE:
        raise errors.not_in_use()
    driver = FOUND[kept.data.driver]
    if driver.connects or not driver.enters:
        raise errors.no_account(driver.connects)
    account, secret = credentials.make(kept.data)
    await port.audit.write(Entry.of(who, "device.credentials", "allowed", ref=kept.ref, level=2))
    made = await store.give_account(port.pool, Settings.read().home, account, who.user)
    return {
        "user": account.user, "password": secret, "made_at": stamp(made), "publish": _topics(account.publish),
        "subscribe": _topics(account.subscribe),
    }  # fmt: skip


async def take_account(port: Port, who: Principal, code: str) -> None:
    """The device enters no more."""
    kept = await owned(port, who, code)
    assert isinstance(kept.data, Device)
    await port.audit.write(Entry.of(who, "device.revoke", "allowed", ref=kept.ref, level=2))
    await store.take_account(port.pool, Settings.read().home, kept.data.code)


async def give_login(port: Port, who: Principal, code: str, user: str, password: str) -> None:
    """How the platform enters a device's own server; kept encrypted, shown to nobody."""
    kept = await owned(port, who, code)
    assert isinstance(kept.data, Device)
    if not FOUND[kept.data.driver].entered:
        raise errors.no_login()
    await port.audit.write(Entry.of(who, "device.login", "allowed", ref=kept.ref, level=2))
    await store.give_login(port.pool, kept.data.code, credentials.sealed(port.vault, kept.data.code, user, password), who.user)


async def take_login(port: Port, who: Principal, code: str) -> None:
    """Forget it."""
    kept = await owned(port, who, code)
    assert isinstance(kept.data, Device)
    await port.audit.write(Entry.of(who, "device.login", "allowed", ref=kept.ref, level=2))
    await store.take_login(port.pool, kept.data.code)


def _topics(subjects: Sequence[str]) -> list[str]:
    return [subject.replace(".", "/").replace(">", "#") for subject in subjects]


async def command(port: Port, who: Principal, code: str, metric: str, value: float | None, text: str, timeout_s: int) -> Kept:
    """Ask a device to do something; it is kept, sent by the hub, and confirmed by the device or not."""
    kept = await owned(port, who, code)
    device = kept.data
    assert isinstance(device, Device)
    if kept.state not in IN_USE:
        raise errors.not_in_use()
    stated = next((one for one in device.metrics if one.name == metric), None)
    driver = FOUND[device.driver]
    if stated is None or not stated.writable or not driver.commanded or (value is None and driver.values_only):
        raise errors.not_writable(metric)
    if value is not None and not (stated.low is None or value >= stated.low) & (stated.high is None or value <= stated.high):
        raise errors.out_of_range(metric)
    data = {
        "number": f"CMD-{secrets.token_hex(8)}", "device": kept.ref, "metric": metric, "value": value, "text": text,
        "asked_by": who.user[:80], "timeout_s": timeout_s,
    }  # fmt: skip
    await port.audit.write(Entry.of(who, "device.command", "allowed", ref=kept.ref, level=2))
    return (await port.file(PLATFORM, [Draft(Command.facts.name, data)])).kept[0]
