"""The platform's own link keys and those of its partners: made, announced, acknowledged, followed.

A new key is announced to each partner under the old one, with a proof by itself. To a partner that has acknowledged it everything is
signed by the new key; to the others by the old. When all have, the old one is forgotten.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kouan.cooperation.link import errors, sealing
from kouan.cooperation.link.records import Rekey
from kouan.cooperation.link.store import reading
from kouan.kernel.clock import now
from kouan.kernel.database import Connection, scope
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.store.finding import equal

PLACE = "link:key"
REKEY = Rekey.facts.name
WHAT = "rekey"
MOST = 200


@dataclass(frozen=True, slots=True)
class Ring:
    """The platform's key, and the one that is to follow it. `wrapped`: the latter as it is kept."""

    current: Ed25519PrivateKey
    next: Ed25519PrivateKey | None
    since: datetime | None
    wrapped: bytes | None


async def ring(port: Port) -> Ring:
    """The keys that sign what goes to partners; the first is made at the first call."""
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        row = await reading.ring(conn)
        if row is None:
            await reading.keep_key(conn, port.vault.wrap(secrets.token_bytes(sealing.BYTES), PLACE))
            row = await reading.ring(conn)
    assert row is not None
    following = bytes(row["next"]) if row["next"] is not None else None
    return Ring(_opened(port, bytes(row["wrapped"])), _opened(port, following) if following else None, row["next_since"], following)


def _opened(port: Port, wrapped: bytes) -> Ed25519PrivateKey:
    return sealing.private_of(port.vault.unwrap(wrapped, PLACE))


async def public(port: Port) -> str:
    """The public half of the key in use, as a partner pins it."""
    return sealing.written((await ring(port)).current.public_key())


async def to(port: Port, partner: str) -> Ed25519PrivateKey:
    """The key that signs what goes to a partner (its short name): the new one as soon as it has acknowledged that."""
    found = await ring(port)
    if found.next is None:
        return found.current
    key = sealing.written(found.next.public_key())
    return found.next if any(one.successor == key for one in await changes(port, partner, "ours")) else found.current


async def changes(port: Port, partner: str, direction: str) -> list[Rekey]:
    """The key changes that stand with a partner, of one direction."""
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        return await _changes(conn, {"partner": f"org:{partner}", "direction": direction})


async def _changes(conn: Connection, wanted: Mapping[str, str]) -> list[Rekey]:
    rows = await equal(conn, Rekey, dict(wanted), limit=MOST)
    return [Rekey.model_validate(row.doc) for row in rows]


def accepted(pinned: str, followed: Iterable[Rekey]) -> tuple[str, ...]:
    """The keys of a partner that are accepted where one was pinned, the newest first: those that followed it, and the last but one
    until the last has signed something."""
    by_former = {one.former: one for one in followed}
    found: tuple[str, ...] = (pinned,)
    seen = {pinned}
    while (one := by_former.get(found[0])) is not None and one.successor not in seen:
        seen.add(one.successor)
        found = (one.successor,) if one.confirmed_at else (one.successor, one.former)
    return found


def statement(former: str, key: str) -> bytes:
    """What a new key signs to prove that its owner announces it."""
    return f"kouan-link-rekey/1 {former} {key}".encode()


async def announcement(port: Port) -> dict[str, Any] | None:
    """What is told partners of the key that is to follow; None while there is none."""
    found = await ring(port)
    if found.next is None:
        return None
    former, key = (sealing.written(one.public_key()) for one in (found.current, found.next))
    return {"former": former, "key": key, "proof": sealing.signed(found.next, statement(former, key))}


async def follow(port: Port, partner: str, signed_by: str, message: str, content: Mapping[str, Any]) -> None:
    """Take a partner's announcement; safe to repeat. Raises Refused when the new key does not prove itself, or another one follows
    the same key already: who holds a stolen key cannot turn a link away once its owner did."""
    former, key, proof = (str(content.get(name, "")) for name in ("former", "key", "proof"))
    try:
        proved = former != key and sealing.holds(sealing.public_of(key), statement(former, key), proof)
    except ValueError:
        proved = False
    if not proved or former != signed_by or set(content) != {"former", "key", "proof"}:
        raise errors.no_proof()
    known = await changes(port, partner, "theirs")
    if any(one.former == former and one.successor != key for one in known):
        raise errors.other_key()
    if not any(one.successor == key for one in known):
        data = {"direction": "theirs", "partner": f"org:{partner}", "former": former, "successor": key, "proof": proof,
                "message": message, "at": now()}  # fmt: skip
        await port.file(PLATFORM, [Draft(REKEY, data)], format="link", body=proof.encode(), key=f"link/rekey/theirs/{partner}/{key}")


async def confirm(port: Port, known: Sequence[Rekey], key: str) -> None:
    """A partner signed by a key that it had announced: the former is refused from now on."""
    for one in known:
        if one.successor == key and one.confirmed_at is None:
            data = {**one.model_dump(mode="json"), "confirmed_at": now()}
            number = f"link/rekey/confirmed/{one.partner}/{key}"
            await port.file(PLATFORM, [Draft(REKEY, data)], format="link", body=one.proof.encode(), key=number)


async def acknowledged(port: Port, partner: str, message: str, content: Mapping[str, Any]) -> None:
    """A partner's receipt of our announcement came: what goes to it is signed by the new key from now on. Safe to repeat."""
    if any(one.successor == content["key"] for one in await changes(port, partner, "ours")):
        return
    data = {
        "direction": "ours", "partner": f"org:{partner}", "former": content["former"], "successor": content["key"],
        "proof": content["proof"], "message": message, "at": now(), "confirmed_at": now(),
    }  # fmt: skip
    same = str(content["proof"]).encode()
    await port.file(PLATFORM, [Draft(REKEY, data)], format="link", body=same, key=f"link/rekey/ours/{partner}/{content['key']}")
