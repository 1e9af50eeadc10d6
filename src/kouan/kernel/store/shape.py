"""Rows as their callers may see them: fields by party, values by level, restricted reads audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record
from kouan.kernel.store.entitle import roles_in, shown
from kouan.kernel.store.ops import Orgs, Row
from kouan.kernel.vault import Vault, open_all


def _subject(cls: type[Record], doc: Mapping[str, Any], record_id: object) -> str:
    return str(doc.get(cls.facts.subject or "") or f"record:{record_id}")


async def opened(conn: Connection, cls: type[Record], rows: Sequence[Row], vault: Vault) -> list[dict[str, Any]]:
    """The whole content of some rows, restricted fields opened where their subject's key still exists."""
    subjects = {_subject(cls, row.doc, row.id) for row in rows if row.sealed}
    keys = await vault.subject_keys(conn, subjects, create=False)
    return [
        {**row.doc, **(open_all(keys, _subject(cls, row.doc, row.id), str(row.id), row.sealed) if row.sealed else {})}
        for row in rows
    ]


async def items(
    conn: Connection, cls: type[Record], rows: Sequence[Row], principal: Principal, vault: Vault, orgs: Orgs
) -> tuple[list[dict[str, Any]], list[str]]:
    """The items of a list as a caller may see them, and the references whose restricted fields were shown."""
    contents = await opened(conn, cls, rows, vault)
    out: list[dict[str, Any]] = []
    restricted: list[str] = []
    for row, values in zip(rows, contents, strict=True):
        data, masked, secret = shown(cls, values, row.parties, row.org, principal)
        if secret:
            restricted.append(row.ref)
        out.append(_item(cls, row, data, masked, principal, orgs))
    return out, restricted


def _item(
    cls: type[Record], row: Row, data: Mapping[str, Any], masked: Sequence[str], principal: Principal, orgs: Orgs
) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "record": cls.facts.name,
        "ref": row.ref,
        "version": row.version,
        "state": row.state,
        "tracks": row.tracks,
        "filed_at": stamp(row.filed_at),
        "filed_by": orgs.slug(row.org),
        "updated_at": stamp(row.updated_at),
        "data": dict(data),
        "masked": list(masked),
        "parties": roles_in(row.parties, principal),
        "warnings": row.warnings,
        "receipt": str(row.submission),
    }


async def versions(
    conn: Connection,
    cls: type[Record],
    found: Sequence[Mapping[str, Any]],
    principal: Principal,
    vault: Vault,
    orgs: Orgs,
    filer: int,
) -> list[dict[str, Any]]:
    """The history of a record as a caller may see it; `changed` names what differs from the version before."""
    subjects = {_subject(cls, v["doc"], "") for v in found if v["sealed"]}
    subjects |= {f"record:{v['record_id']}" for v in found if "record_id" in v}
    keys = await vault.subject_keys(conn, subjects, create=False)
    out: list[dict[str, Any]] = []
    before: dict[str, Any] = {}
    for version in found:
        record_id = str(version.get("record_id", ""))
        values = {**version["doc"]}
        if version["sealed"]:
            values |= open_all(keys, _subject(cls, version["doc"], record_id), record_id, version["sealed"])
        data, masked, _ = shown(cls, values, version["parties"], filer, principal)
        changed = [name for name in data if data[name] != before.get(name)]
        out.append(
            {
                "version": version["version"],
                "at": stamp(version["at"]),
                "by": orgs.slug(version["org"]),
                "action": version["action"],
                "state": version["state"],
                "changed": changed if before else list(data),
                "data": data,
                "masked": masked,
            }
        )
        before = data
    return out
