"""Last values of devices whose data are of level 3 or 4: kept under the key of their subject, as records of that subject are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.suites.suite import Key
from kouan.kernel.vault import Vault, seal, unseal

LEVEL = 3
SEALED = "sealed"


def subject(vault: Vault, doc: Mapping[str, Any]) -> str:
    """The token of a device's subject: who carries it, else the device; "" when its data are of no such level."""
    if doc.get("data_level", 2) < LEVEL:
        return ""
    return vault.token(doc.get("holder") or f"device:{doc['code']}")


async def keys_of(port: Port, docs: Mapping[str, Mapping[str, Any]], *, create: bool = False) -> dict[str, Key]:
    """The keys of some devices' subjects, by the device's code; only of those that have one."""
    wanted = {code: name for code, doc in docs.items() if (name := subject(port.vault, doc))}
    if not wanted:
        return {}
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        known = await port.vault.subject_keys(conn, wanted.values(), create=False)
        if create and (missing := set(wanted.values()) - known.keys()):
            known |= await port.vault.subject_keys(conn, missing, create=True)
    return {code: known[name] for code, name in wanted.items() if name in known}


def sealed(key: Key, code: str, last: Mapping[str, Any]) -> dict[str, Any]:
    """Last values as they are kept."""
    return {SEALED: seal(key, f"device_state/{code}", dict(last))}


def opened(key: Key | None, code: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Last values out of what is kept; none when their key is gone."""
    text = kept.get(SEALED)
    if not isinstance(text, str):
        return dict(kept)
    found = unseal(key, f"device_state/{code}", text) if key else None
    return dict(found) if isinstance(found, dict) else {}
