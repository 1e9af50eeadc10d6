"""What partners told of one reference, as the caller may see it: by whom, how old, and whether within the agreed delay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kouan.base.trace.api import said
from kouan.cooperation.link.records import Copy
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import Refused
from kouan.kernel.http.records import shown
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.references import full, make
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import by_ids, mentioning
from kouan.kernel.text import Text

MOST = 100
NO_REFERENCE = Text("请填写箱号或带类别的编号，如 container:MSKU9070323", "Name a container, or a reference with its kind: container:MSKU9070323")
TOLD = Text("{partner} 告知：{what}", "Told by {partner}: {what}")


async def told(port: Port, who: Principal, text: str) -> dict[str, Any]:
    """The copies that mention a reference, newest first. A bare text is read as a container's number."""
    ref = reference(text)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        ids = (await mentioning(conn, Copy.facts.name, [ref], limit=MOST)).get(ref, [])
        rows = await by_ids(conn, Copy, ids)
        items = await shown(port, who, Copy, rows, conn)
    at = now()
    out = [_told(item, at) for item in items]
    return {"ref": ref, "items": sorted(out, key=lambda one: str(one["at"]), reverse=True)}


def reference(text: str) -> str:
    """The reference that a text means; Refused when it is none."""
    try:
        return full(text) if ":" in text else make("container", text)
    except ValueError:
        raise Refused(NO_REFERENCE, field="ref", rule="reference", code="structure.reference") from None


def _told(item: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    data = item["data"]
    happened = datetime.fromisoformat(data["at"])
    return {
        "copy_ref": item["ref"], "partner": data["partner"], "agreement": data["agreement"], "record": data["record"],
        "origin": data["origin"], "version": data["origin_version"], "says": says(data).out(), "state": data["state"],
        "at": data["at"], "received_at": data["received_at"], "delay_seconds": data["delay_seconds"],
        "agreed_seconds": data["agreed_seconds"], "within": data["within"],
        "age_seconds": round(max((at - happened).total_seconds(), 0.0), 1), "content": data["content"],
    }  # fmt: skip


def says(data: Mapping[str, Any]) -> Text:
    """A copy in a few words: who told it, and what it says."""
    what, partner = _what(data), str(data.get("partner") or "").partition(":")[2]
    return Text(TOLD.zh.format(partner=partner, what=what.zh), TOLD.en.format(partner=partner, what=what.en))


def _what(data: Mapping[str, Any]) -> Text:
    """What the original says by its own module's words; its title and state where there are none, or fields are missing."""
    content = data.get("content") or {}
    try:
        cls = record_type(str(data.get("record")))
    except KeyError:  # A partner may know types that this platform does not.
        name = str(data.get("record"))
        return Text(name, name)
    try:
        words = said(cls.facts.name, content)
    except (KeyError, TypeError, ValueError):
        words = None
    return words or _named(cls, content, str(data.get("state") or ""))


def _named(cls: type[Record], content: Mapping[str, Any], state: str) -> Text:
    known = ((cls.fields[name].values, str(value)) for name, value in content.items() if name in cls.fields)
    parts = [cls.facts.title, *(values[value] for values, value in known if value in values)]
    life = lifecycle_of(cls.facts.name)
    titles = [track.states[state] for track in life.tracks if state in track.states][:1] if life else []
    return Text(" ".join(p.zh for p in [*parts, *titles]), ", ".join(p.en for p in [*parts, *titles]))
