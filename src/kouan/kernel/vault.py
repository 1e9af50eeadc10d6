"""Keys: per-subject encryption of fields of level 3-4, keyed tokens for persons, blind indexes, erasure.

One master key per port (file, 0600) derives the others, by the algorithms of the data folder's suite. A subject's own key is random,
kept wrapped in PostgreSQL; erasing a subject destroys it (Personal Information Protection Law art. 47; ARCHITECTURE: erasure).
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from kouan.kernel.database import Connection
from kouan.kernel.references import spellings
from kouan.kernel.suites import folder
from kouan.kernel.suites.known import DEFAULT, SUITES
from kouan.kernel.suites.suite import Key, Suite, Unopened
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
    "数据库属于另一把主密钥：{path} 缺失或不同。请从备份恢复 keys 目录；没有它，个人标识与受限字段都无法辨认，拒绝启动",
    "The database belongs to another master key: {path} is missing or another. Restore the keys folder from its backup; "
    "without it no person and no restricted field is known again. Refusing to start",
)


OTHER_SUITE = Text(
    "{path} 写明密码套件 {stated}，而数据库建立于套件 {bound}：该文件丢失或被改动。请从备份恢复 keys 目录，拒绝启动",
    "{path} states the cryptographic suite {stated}, but the database was filled under {bound}: the file was lost or changed. Restore "
    "the keys folder from its backup. Refusing to start",
)
_MARK = b"kouan/mark"


class KeyLost(Exception):
    """The database was filled under another master key than the one at hand."""

    def __init__(self, path: Path) -> None:
        self.reason = LOST.fill(path=path)
        super().__init__(self.reason.en)


async def bind_key(conn: Connection, home: Path, suite: str = "") -> Suite:
    """Tie a database to its port's master key and suite of algorithms, stated and made when all are new; answers the suite.

    `suite` is the code of the one asked for, if any. Raises KeyLost when database and key do not belong together, SuiteRefused
    when the folder has another suite than the one asked for, or than the database was filled under.
    """
    path = home / "keys" / "master"
    known = await conn.fetchval("select mark from port_key")
    if known is not None and not path.exists():
        raise KeyLost(path)
    chosen = folder.state(home, suite)
    master = master_key(home, create=True)
    if known is None:
        await conn.execute("insert into port_key (mark) values ($1)", chosen.derive(master, _MARK))
        return chosen
    marks = {one.code: one.derive(master, _MARK) for one in SUITES.values()}
    bound = next((code for code, mark in marks.items() if secrets.compare_digest(bytes(known), mark)), None)
    if bound is None:
        raise KeyLost(path)
    if bound != chosen.code:
        raise folder.SuiteRefused(OTHER_SUITE.fill(path=path.parent / "suite", stated=chosen.code, bound=bound))
    return chosen


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


@dataclass(frozen=True, slots=True)
class Vault:
    """The port's derived keys, and the suite of algorithms that they are for."""

    suite: Suite
    kek: Key
    blind_key: bytes
    token_key: bytes

    @classmethod
    def of(cls, master: bytes, suite: Suite = DEFAULT) -> Vault:
        """The vault of a master key."""
        kek, blind, token = (suite.derive(master, purpose) for purpose in (b"kouan/kek", b"kouan/blind", b"kouan/token"))
        return cls(suite, suite.key(kek), blind, token)

    @classmethod
    def at(cls, home: Path) -> Vault:
        """The vault of a data folder, which has its master key; raises SuiteRefused where it states a suite that there is not."""
        return cls.of(master_key(home), folder.stated(home))

    def token(self, ref: str) -> str:
        """The keyed token that stands for a personal reference; a token stays what it is."""
        kind, _, value = ref.partition(":")
        if value.startswith("T_") and len(value) == 28:
            return ref
        digest = self.suite.mac(self.token_key, ref.encode())
        return f"{kind}:T_{base64.b32encode(digest[:16]).decode().rstrip('=')}"

    def tokens(self, ref: str) -> tuple[str, ...]:
        """All tokens under which a personal reference may be kept, that of its one spelling first."""
        return tuple(self.token(one) for one in spellings(ref))

    def blind(self, field: str, value: str) -> bytes:
        """The blind index of a field's value: equality can be looked up, nothing else."""
        return self.suite.mac(self.blind_key, f"{field}\0{value}".encode())[:16]

    def digest(self, body: bytes) -> bytes:
        """The keyed digest of a body: tells equal bodies apart from others, and no more, once keys are gone."""
        return self.suite.mac(self.blind_key, b"body\0" + self.suite.hash(body))

    def wrap(self, key: bytes, subject: str) -> bytes:
        """A subject's key, or another secret of this port, encrypted for keeping."""
        return self.kek.seal(key, subject.encode())

    def unwrap(self, wrapped: bytes, subject: str) -> bytes:
        """What was wrapped; Unopened when it was changed."""
        return self.kek.open(wrapped, subject.encode())

    async def subject_keys(self, conn: Connection, subjects: Iterable[str], *, create: bool) -> dict[str, Key]:
        """The keys of some subjects; missing ones are made when `create`, else left out (never kept or erased)."""
        wanted = sorted(set(subjects))
        if not wanted:
            return {}
        if create:
            fresh = [(s, self.wrap(self.suite.new_key().raw, s)) for s in wanted]
            await conn.executemany(
                "insert into subject_key (subject, wrapped) values ($1, $2) on conflict do nothing", fresh
            )
        rows = await conn.fetch("select subject, wrapped from subject_key where subject = any($1)", wanted)
        return {row["subject"]: self.suite.key(self.unwrap(row["wrapped"], row["subject"])) for row in rows}


def seal(key: Key, place: str, value: Any) -> str:
    """A field's value, encrypted under its subject's key; `place` (record id and field) is authenticated with it."""
    return base64.b64encode(key.seal(orjson.dumps(value), place.encode())).decode()


def unseal(key: Key, place: str, sealed: str) -> Any:
    """The value of a sealed field; None when it cannot be opened with this key at this place."""
    try:
        return orjson.loads(key.open(base64.b64decode(sealed), place.encode()))
    except Unopened:
        return None


def open_all(keys: Mapping[str, Key], subject: str, record_id: str, sealed: Mapping[str, str]) -> dict[str, Any]:
    """The sealed fields of a record that can still be opened; an erased subject gives none."""
    key = keys.get(subject)
    if key is None:
        return {}
    return {name: unseal(key, f"{record_id}/{name}", text) for name, text in sealed.items()}
