"""Keys: per-subject encryption of fields of level 3-4, keyed tokens for persons, blind indexes, erasure.

One master key per port (file, 0600) derives the others by HKDF. A subject's own key is random, kept wrapped in
PostgreSQL; erasing a subject destroys it (Personal Information Protection Law art. 47; ARCHITECTURE: erasure).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kouan.kernel.database import Connection
from kouan.kernel.text import Text

DDL: tuple[str, ...] = (
    """create table if not exists subject_key (
        subject text primary key, wrapped bytea not null, created timestamptz not null default now())""",
    """create table if not exists erased_subject (
        subject text primary key, at timestamptz not null default now(), by_account text not null)""",
    """create table if not exists port_key (
        one boolean primary key default true check (one), mark bytea not null, since timestamptz not null default now())""",
    "grant select, insert, delete on subject_key to kouan_app",
    "grant select, insert on erased_subject to kouan_app",
)


LOST = Text(
    "数据库属于另一把主密钥:{path} 缺失或不同。请从备份恢复 keys 目录;没有它,个人标识与受限字段都无法辨认,拒绝启动",
    "The database belongs to another master key: {path} is missing or another. Restore the keys folder from its backup; "
    "without it no person and no restricted field is known again. Refusing to start",
)


class KeyLost(Exception):
    """The database was filled under another master key than the one at hand."""

    def __init__(self, path: Path) -> None:
        self.reason = LOST.fill(path=path)
        super().__init__(self.reason.en)


async def bind_key(conn: Connection, home: Path) -> None:
    """Tie a database to its port's master key, made when both are new. Raises KeyLost when they do not belong together."""
    path = home / "keys" / "master"
    known = await conn.fetchval("select mark from port_key")
    if known is not None and not path.exists():
        raise KeyLost(path)
    mark = _derive(master_key(home, create=True), "mark")
    if known is None:
        await conn.execute("insert into port_key (mark) values ($1)", mark)
    elif not hmac.compare_digest(bytes(known), mark):
        raise KeyLost(path)


def master_key(home: Path, *, create: bool = False) -> bytes:
    """The port's master key (32 bytes) out of `home/keys/master`; made once when `create`."""
    path = home / "keys" / "master"
    if create and not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(32))
            out.flush()
            os.fsync(out.fileno())
    return path.read_bytes()


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"kouan/{purpose}".encode()).derive(master)


@dataclass(frozen=True, slots=True)
class Vault:
    """The port's derived keys."""

    kek: bytes
    blind_key: bytes
    token_key: bytes

    @classmethod
    def of(cls, master: bytes) -> Vault:
        """The vault of a master key."""
        return cls(_derive(master, "kek"), _derive(master, "blind"), _derive(master, "token"))

    def token(self, ref: str) -> str:
        """The keyed token that stands for a personal reference; a token stays what it is."""
        kind, _, value = ref.partition(":")
        if value.startswith("T_") and len(value) == 28:
            return ref
        digest = hmac.digest(self.token_key, ref.encode(), hashlib.sha256)
        return f"{kind}:T_{base64.b32encode(digest[:16]).decode().rstrip('=')}"

    def blind(self, field: str, value: str) -> bytes:
        """The blind index of a field's value: equality can be looked up, nothing else."""
        return hmac.digest(self.blind_key, f"{field}\0{value}".encode(), hashlib.sha256)[:16]

    def digest(self, body: bytes) -> bytes:
        """The keyed digest of a body: tells equal bodies apart from others, and no more, once keys are gone."""
        return hmac.digest(self.blind_key, b"body\0" + hashlib.sha256(body).digest(), hashlib.sha256)

    def wrap(self, key: bytes, subject: str) -> bytes:
        """A subject's key, encrypted for keeping."""
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self.kek).encrypt(nonce, key, subject.encode())

    def unwrap(self, wrapped: bytes, subject: str) -> bytes:
        """A subject's key; InvalidTag when it was changed."""
        return AESGCM(self.kek).decrypt(wrapped[:12], wrapped[12:], subject.encode())

    async def subject_keys(self, conn: Connection, subjects: Iterable[str], *, create: bool) -> dict[str, bytes]:
        """The keys of some subjects; missing ones are made when `create`, else left out (never kept or erased)."""
        wanted = sorted(set(subjects))
        if not wanted:
            return {}
        if create:
            fresh = [(s, self.wrap(secrets.token_bytes(32), s)) for s in wanted]
            await conn.executemany(
                "insert into subject_key (subject, wrapped) values ($1, $2) on conflict do nothing", fresh
            )
        rows = await conn.fetch("select subject, wrapped from subject_key where subject = any($1)", wanted)
        return {row["subject"]: self.unwrap(row["wrapped"], row["subject"]) for row in rows}


def seal(key: bytes, place: str, value: Any) -> str:
    """A field's value, encrypted under its subject's key; `place` (record id and field) is authenticated with it."""
    nonce = secrets.token_bytes(12)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, orjson.dumps(value), place.encode())).decode()


def unseal(key: bytes, place: str, sealed: str) -> Any:
    """The value of a sealed field; None when it cannot be opened with this key at this place."""
    raw = base64.b64decode(sealed)
    try:
        return orjson.loads(AESGCM(key).decrypt(raw[:12], raw[12:], place.encode()))
    except InvalidTag:
        return None


def open_all(keys: Mapping[str, bytes], subject: str, record_id: str, sealed: Mapping[str, str]) -> dict[str, Any]:
    """The sealed fields of a record that can still be opened; an erased subject gives none."""
    key = keys.get(subject)
    if key is None:
        return {}
    return {name: unseal(key, f"{record_id}/{name}", text) for name, text in sealed.items()}
