"""Who calls is asked at every call: what was revoked by another process is gone at the next one."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kouan.base.identity.api import Directory
from kouan.base.identity.service.credential import Credential, digest, new_token, token_credential
from kouan.base.identity.service.signin import open_session
from kouan.base.identity.store import credentials
from kouan.kernel import clock
from kouan.kernel.audit import AuditWriter
from kouan.kernel.database import Pool
from kouan.kernel.errors import NotFound, NotSignedIn, Unavailable
from kouan.kernel.settings import Settings

Demo = dict[tuple[str, str], dict[str, Any]]
RESOLVER = Path(__file__).with_name("resolver.py")


def shown(demo: Demo, org: str, role: str) -> Credential:
    return token_credential(demo[org, role]["token"])


async def account(pool: Pool, org: str, name: str) -> Any:
    query = "select a.id from account a join organisation o on o.id = a.org where o.slug = $1 and a.name = $2"
    return await pool.fetchval(query, org, name)


async def test_a_token_resolves_to_its_principal(demo: Demo, directory: Directory) -> None:
    who = (await directory.resolve(shown(demo, "customs", "officer"))).principal
    assert (who.slug, who.kind, who.roles, who.clearance) == ("customs", "customs", {"officer"}, 3)
    assert (who.service, who.grant, who.scopes) == (False, "role", frozenset())
    assert directory.org(who.org) is not None
    viewer = (await directory.resolve(shown(demo, "trader", "viewer"))).principal
    assert viewer.clearance == 2
    assert not viewer.writes


async def test_unknown_tokens_do_not_resolve(directory: Directory) -> None:
    for _ in range(2):
        with pytest.raises(NotSignedIn):
            await directory.resolve(token_credential(new_token()))


def stand(moment: datetime) -> None:
    clock.use(lambda: moment)


class Elsewhere:
    """Another process with its own pool and directory; answers one token a line."""

    def __init__(self, settings: Settings) -> None:
        command = [sys.executable, str(RESOLVER), settings.database_socket, str(settings.home)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    async def ask(self, secret: str) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(secret + "\n")
        self.process.stdin.flush()
        return (await asyncio.to_thread(self.process.stdout.readline)).strip()


@pytest.fixture
async def elsewhere(settings: Settings, demo: Demo) -> AsyncIterator[Elsewhere]:
    made = Elsewhere(settings)
    yield made
    made.process.kill()
    made.process.communicate()


CHANGES = {
    "token revoked": ("update token set revoked = now() where account = $1", "update token set revoked = null"),
    "role removed": (
        "update account set roles = '{}' where id = $1", "update account set roles = '{officer}' where id = $1",
    ),
    "clearance lowered": (
        "update account set clearance = 1 where id = $1", "update account set clearance = 3 where id = $1",
    ),
    "account off": (
        "update account set active = false where id = $1", "update account set active = true where id = $1",
    ),
    "organisation off": (
        "update organisation set active = false where id = (select org from account where id = $1)",
        "update organisation set active = true where id = (select org from account where id = $1)",
    ),
    "token expires": (
        "update token set expires = now() - interval '1 s' where account = $1",
        "update token set expires = now() + interval '1 h' where account = $1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_holds_at_the_next_call_of_another_process(
    change: str, demo: Demo, pool: Pool, directory: Directory, elsewhere: Elsewhere
) -> None:
    token, number = demo["customs", "officer"]["token"], await account(pool, "customs", "officer")
    taken, given = CHANGES[change]
    full = await elsewhere.ask(token)
    assert full == "customs officer 3"
    for _ in range(15):
        await pool.execute(taken, number)
        assert await elsewhere.ask(token) != full
        await pool.execute(given if "$1" in given else f"{given} where account = $1", number)
        assert await elsewhere.ask(token) == full


async def test_a_storm_of_calls_never_sees_a_revoked_token(demo: Demo, pool: Pool, directory: Directory) -> None:
    """While a hundred calls run, each that came after the commit of a revocation is refused."""
    credential, number = shown(demo, "customs", "officer"), await account(pool, "customs", "officer")
    revoked_at, wrong, right = float("inf"), 0, 0
    stop = False

    async def calls() -> None:
        nonlocal wrong, right
        while not stop:
            came = time.perf_counter()
            try:
                await directory.resolve(credential)
            except NotSignedIn:
                continue
            right += 1
            wrong += came > revoked_at

    storm = [asyncio.create_task(calls()) for _ in range(100)]
    for _ in range(20):
        await asyncio.sleep(0.02)
        await pool.execute("update token set revoked = now() where account = $1", number)
        revoked_at = time.perf_counter()
        await asyncio.sleep(0.02)
        revoked_at = float("inf")
        await pool.execute("update token set revoked = null where account = $1", number)
    stop = True
    await asyncio.gather(*storm)
    assert right > 100
    assert wrong == 0


async def test_a_session_ends_when_deleted_idle_or_old(
    demo: Demo, pool: Pool, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await account(pool, "customs", "officer")
    org = directory.org("customs")
    assert org is not None
    opened = [await open_session(directory, number, org.id, "password") for _ in range(3)]
    gone, idle, old = (o.caller.credential for o in opened)
    await pool.execute("delete from session where hash = $1", gone.digest)
    with pytest.raises(NotSignedIn):
        await directory.resolve(gone)
    start = datetime.now(UTC)
    try:
        for minutes in range(50, 12 * 60, 50):
            stand(start + timedelta(minutes=minutes))
            await directory.resolve(old)
        with pytest.raises(NotSignedIn):
            await directory.resolve(idle)
        clock.use(lambda: start + timedelta(hours=12, minutes=1))
        with pytest.raises(NotSignedIn):
            await directory.resolve(old)
    finally:
        clock.use(lambda: datetime.now(UTC))


async def test_use_in_one_process_keeps_a_session_awake_in_another(
    demo: Demo, pool: Pool, directory: Directory, settings: Settings
) -> None:
    number, org = await account(pool, "customs", "officer"), directory.org("customs")
    assert org is not None
    credential = (await open_session(directory, number, org.id, "password")).caller.credential
    writer = await AuditWriter.open(pool)
    other = await Directory.open(pool, settings, writer)
    await other.resolve(credential)
    start = datetime.now(UTC)
    try:
        for minutes in (40, 80, 120):
            stand(start + timedelta(minutes=minutes))
            await directory.resolve(credential)
        await directory._touch()
        await other.resolve(credential)
    finally:
        clock.use(lambda: datetime.now(UTC))
        await other.close()
        await writer.close()


async def test_last_use_is_kept_and_disturbs_nobody(demo: Demo, pool: Pool, directory: Directory) -> None:
    credential = shown(demo, "agent", "clerk")
    await directory.resolve(credential)
    before = await pool.fetchval("select value from identity_epoch")
    await directory._touch()
    used = await pool.fetchval("select last_used from token where hash = $1", credential.digest)
    assert datetime.now(UTC) - used < timedelta(seconds=30)
    assert await pool.fetchval("select value from identity_epoch") == before


async def test_a_narrowed_token_has_less(demo: Demo, pool: Pool, directory: Directory) -> None:
    number = await account(pool, "customs", "officer")
    await pool.execute("update account set roles = '{officer,viewer}', clearance = 4 where id = $1", number)
    secrets = [new_token(), new_token()]
    async with pool.acquire() as conn:
        for secret, roles in zip(secrets, (["viewer", "clerk"], None), strict=True):
            await credentials.add_token(
                conn, number, digest(secret), "t", roles=roles, scopes=["a:read"],
                expires=datetime.now(UTC) + timedelta(days=1),
            )  # fmt: skip
    narrow = (await directory.resolve(token_credential(secrets[0]))).principal
    whole = (await directory.resolve(token_credential(secrets[1]))).principal
    assert (narrow.roles, narrow.clearance, narrow.scopes) == ({"viewer"}, 2, {"a:read"})
    assert (whole.roles, whole.clearance) == ({"officer", "viewer"}, 4)


async def test_organisations_by_number_name_code_and_kind(demo: Demo, pool: Pool, directory: Directory) -> None:
    customs = directory.org("customs")
    assert customs is not None
    assert directory.org(customs.id) == directory.org("9901") == customs
    trader = directory.org("91379999ma0whh048n ")
    assert trader is not None
    assert trader.slug == "trader"
    assert directory.org("nobody") is None
    assert [org.slug for org in directory.orgs_of_kind("customs")] == ["customs"]
    assert directory.orgs_of_kind("zoo") == ()
    await pool.execute("update organisation set active = false where slug = 'customs'")
    await directory.refresh()
    assert directory.orgs_of_kind("customs") == ()
    switched_off = directory.org("customs")
    assert switched_off is not None
    assert not switched_off.active


async def test_the_snapshot_follows_without_calls(demo: Demo, pool: Pool, directory: Directory) -> None:
    await pool.execute(
        "update organisation set title = jsonb_build_object('zh', '新', 'en', 'New') where slug = 'agent'"
    )
    for _ in range(40):
        agent = directory.org("agent")
        if agent and agent.title.en == "New":
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("the snapshot did not follow within four seconds")


async def test_services(demo: Demo, pool: Pool, directory: Directory) -> None:
    service = directory.service("customs")
    assert (service.slug, service.roles, service.service, service.clearance) == ("customs", {"operator"}, True, 2)
    assert directory.service_of(service.org) == service
    with pytest.raises(NotFound):
        directory.service("zoo")
    await pool.execute("update account set active = false where id = $1::text::uuid", service.user)
    await directory.refresh()
    with pytest.raises(NotFound):
        directory.service("customs")


async def test_a_lost_connection_is_replaced_and_a_lost_server_said(demo: Demo, directory: Directory) -> None:
    credential = shown(demo, "customs", "officer")
    await directory.resolve(credential)
    assert directory._epoch._conn is not None
    directory._epoch._conn.terminate()
    assert (await directory.resolve(credential)).principal.slug == "customs"
    directory.pool.terminate()
    with pytest.raises(Unavailable):
        await directory.resolve(credential)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
@pytest.mark.parametrize("callers", [1, 32])
async def test_lookups_per_second_of_one_core(callers: int, demo: Demo, directory: Directory) -> None:
    """At least 2,000 lookups per CPU second, the client's and its PostgreSQL backend's together."""
    shown_all = [token_credential(entry["token"]) for entry in demo.values()]
    for credential in shown_all:
        await directory.resolve(credential)
    assert directory._epoch._conn is not None
    backend = directory._epoch._conn.get_server_pid()
    done, started, cpu = 0, time.perf_counter(), time.process_time() + _cpu(backend)

    async def calls() -> None:
        nonlocal done
        while time.perf_counter() - started < 2.0:
            await directory.resolve(shown_all[done % len(shown_all)])
            done += 1

    await asyncio.gather(*(calls() for _ in range(callers)))
    used = time.process_time() + _cpu(backend) - cpu
    print(f"{callers} callers: {done / 2.0:.0f} lookups/s, {done / used:.0f} per CPU second")
    assert done / used >= 2000
