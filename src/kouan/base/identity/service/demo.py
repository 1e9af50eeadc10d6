"""Demo organisations, accounts and tokens: only in a data folder that `make run` made, and only on loopback."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from kouan.base.identity import errors, rules
from kouan.base.identity.records import Organisation
from kouan.base.identity.service import cast
from kouan.base.identity.service.credential import digest, new_token
from kouan.base.identity.service.directory import Directory
from kouan.base.identity.service.passwords import Passwords, one_time
from kouan.base.identity.service.signin import Opened, open_session
from kouan.base.identity.store import accounts, credentials, organisations
from kouan.kernel import clock
from kouan.kernel.database import Connection, Pool
from kouan.kernel.errors import Denied, NotFound
from kouan.kernel.settings import Settings
from kouan.kernel.suites import folder
from kouan.kernel.suites.suite import Suite
from kouan.kernel.text import Text

MARKER = "demo.marker"
FILE = "demo.json"
_LASTS = timedelta(days=3650)

NO_DEMO = Text(
    "演示机构与令牌只存在于 make run 建立、且只绑定本机回环地址的数据目录",
    "demo organisations and tokens exist only in a data folder made by make run and bound to loopback",
)

Entry = dict[str, Any]


def _key(entry: Entry) -> tuple[str, str]:
    return entry["org"], entry["user"]


def entries(home: Path) -> list[Entry]:
    """What demo.json holds: org, role, user, password, token, title of each demo account; empty when there is none."""
    path = home / FILE
    if not path.exists():
        return []
    found: list[Entry] = orjson.loads(path.read_bytes())["accounts"]
    return found


def _keep(home: Path, made: list[Entry]) -> None:
    path, making = home / FILE, home / f"{FILE}.new"
    making.unlink(missing_ok=True)
    handle = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(orjson.dumps({"accounts": made}, option=orjson.OPT_INDENT_2))
        out.flush()
        os.fsync(out.fileno())
    making.replace(path)


async def seed_demo(pool: Pool, home: Path) -> list[Entry]:
    """Make what is missing of the demo organisations, accounts and tokens; answers the entries of demo.json.

    What exists is left as it is, so that a revocation outlasts a restart. Secrets are in demo.json (0600) before the
    database knows them; an account whose secrets that file lost gets new ones. Denied outside a demo folder.
    """
    if not (home / MARKER).exists():
        raise Denied(NO_DEMO, code="no_demo")
    async with pool.acquire() as conn, conn.transaction():
        await organisations.alone(conn)
        kept = {_key(entry): entry for entry in entries(home)}
        made = [kept.get((one.part.slug, one.user)) or _invent(one) for one in cast.cast()]
        fresh = {_key(entry) for entry in made} - set(kept)
        if fresh:
            _keep(home, made)
        orgs = await _organisations(conn)
        hashes = await _hashes([entry for entry in made if await _lacks(conn, entry, fresh)])
        for entry in made:
            if _key(entry) in hashes:
                await _account(conn, orgs[entry["org"]], entry, hashes[_key(entry)], folder.stated(home))
    return made


def _invent(one: cast.Player) -> Entry:
    return {
        "org": one.part.slug, "role": one.role, "user": one.user, "password": one_time(),
        "token": new_token(), "title": one.title.out(),
    }  # fmt: skip


async def _organisations(conn: Connection) -> dict[str, Organisation]:
    found, _services = await organisations.everything(conn)
    known = {org.slug: org for org in found}
    for part in cast.PARTS:
        if part.slug not in known:
            known[part.slug] = await organisations.insert(conn, part.slug, part.slug, part.title, part.code)
    return known


async def _lacks(conn: Connection, entry: Entry, fresh: set[tuple[str, str]]) -> bool:
    return _key(entry) in fresh or await accounts.named(conn, entry["org"], entry["user"]) is None


async def _hashes(wanted: list[Entry]) -> dict[tuple[str, str], str]:
    passwords = Passwords()
    try:
        made = await asyncio.gather(*(passwords.hash(entry["password"]) for entry in wanted))
    finally:
        passwords.close()
    return dict(zip(map(_key, wanted), made, strict=True))


async def _account(conn: Connection, org: Organisation, entry: Entry, password_hash: str, suite: Suite) -> None:
    found = await accounts.named(conn, org.slug, entry["user"])
    if found is None:
        title, level = Text(entry["title"]["zh"], entry["title"]["en"]), rules.default_clearance([entry["role"]])
        new = accounts.New(
            org.id, entry["user"], title, password_hash=password_hash, roles=[entry["role"]], clearance=level
        )
        found = await accounts.insert(conn, new)
    else:
        await accounts.set_password(conn, found.id, password_hash, must_change=False)
    await credentials.add_token(
        conn, found.id, digest(entry["token"], suite), "demo", roles=None, scopes=(), expires=clock.now() + _LASTS
    )


async def demo_token(settings: Settings, org: str, role: str) -> str:
    """The token of the first demo account with a role; Denied without a demo on loopback, NotFound for a pair that has no account."""
    if not settings.demo:
        raise Denied(NO_DEMO, code="no_demo")
    known = await asyncio.to_thread(entries, settings.home)
    for entry in known:
        if (entry["org"], entry["role"]) == (org, role):
            return str(entry["token"])
    pairs = ", ".join(dict.fromkeys(f"{entry['org']}/{entry['role']}" for entry in known))
    reason = Text(
        f"没有演示账户 {org}/{role}；现有：{pairs}", f"there is no demo account {org}/{role}; there are: {pairs}"
    )
    raise NotFound(reason)


def token_main(argv: Sequence[str], settings: Settings) -> int:
    """`kouan token --org O --role R`: prints the token alone; 2 with a line on stderr when there is none."""
    parser = argparse.ArgumentParser(prog="kouan token", description="Print the API token of a demo account.")
    parser.add_argument("--org", required=True, help="short name of the organisation, such as customs")
    parser.add_argument("--role", required=True, help="role, such as officer")
    stated = parser.parse_args(argv)
    try:
        token = asyncio.run(demo_token(settings, stated.org, stated.role))
    except (Denied, NotFound) as failure:
        sys.stderr.write(f"kouan token: {failure.reason.en}\n{failure.reason.zh}\n")
        return 2
    sys.stdout.write(f"{token}\n")
    return 0


async def sign_in_demo(directory: Directory, org: str, user: str, request: str = "") -> Opened:
    """A session of a demo account without its password; NotFound unless this is a demo and has that account."""
    found = None
    if directory.settings.demo:
        found = await accounts.named(directory.pool, org, user)
    if found is None or not found.active:
        raise errors.unknown(Text("演示账户", "demo account"))
    return await open_session(directory, found.id, found.org, "demo", request=request)
