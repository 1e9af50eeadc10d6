"""The first hour of a real site: its port office and the three administrators, each with a one-time password."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from kouan.base.identity import errors, rules
from kouan.base.identity.records import ROLES, SITE
from kouan.base.identity.service.demo import MARKER
from kouan.base.identity.service.passwords import Passwords, one_time
from kouan.base.identity.store import accounts, credentials, organisations
from kouan.kernel import clock, database
from kouan.kernel.audit import Entry, note
from kouan.kernel.database import Pool
from kouan.kernel.errors import Conflict, Denied, Failure
from kouan.kernel.principal import ADMINS
from kouan.kernel.settings import Settings
from kouan.kernel.suites import folder
from kouan.kernel.suites.known import SUITES
from kouan.kernel.text import Text

_DEMO = Text(
    "这是演示数据目录，不能用于真实口岸：请为 KOUAN_HOME 另选目录",
    "this is a demo data folder and never becomes a real site's: choose another KOUAN_HOME",
)
_DONE = Text(
    "本站已初始化，管理员账户已存在；忘记密码请用 --reset",
    "this site is initialised, its administrators stand; for a lost password use --reset",
)
_SILENT = Text("数据库没有应答：请先启动平台", "the database does not answer: start the platform first")


_STATED = Text(
    "数据目录 {home} 将使用{title}。请启动平台（kouan up），再运行一次 kouan init",
    "The data folder {home} will use this: {title}. Start the platform (kouan up) and run kouan init again",
)


PORT_OFFICE = Text("口岸管理办公室", "Port office")


@dataclass(frozen=True, slots=True)
class Office:
    """The organisation that administers the port."""

    slug: str = SITE
    title: Text = PORT_OFFICE
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """An administrator's first sign-in; the password is shown once and must be replaced at that sign-in."""

    org: str
    role: str
    user: str
    password: str


async def init_site(pool: Pool, settings: Settings, office: Office | None = None) -> list[Handover]:
    """Make the port office and the system, security and audit administrators.

    Denied in a demo folder, Conflict for a site that has an administrator, Refused for a wrong short name or code.
    """
    if settings.demo or (settings.home / MARKER).exists():
        raise Denied(_DEMO, code="demo_folder")
    office = office or Office()
    for field, problem in (
        ("slug", rules.slug_problem(office.slug)),
        ("code", rules.code_problem(office.code) if office.code is not None else None),
    ):
        if problem is not None:
            raise errors.refused(field, f"identity.{field}", problem)
    passwords = Passwords()
    try:
        async with pool.acquire() as conn, conn.transaction():
            await organisations.alone(conn)
            if await accounts.has_administrator(conn):
                raise Conflict(_DONE, code="initialised")
            org = await organisations.insert(conn, office.slug, SITE, office.title, office.code)
            made = []
            for role in (role for role in ROLES if role in ADMINS):
                password = one_time()
                new = accounts.New(
                    org.id, role, ROLES[role], password_hash=await passwords.hash(password), must_change=True,
                    roles=(role,), clearance=rules.default_clearance((role,)),
                )  # fmt: skip
                account = await accounts.insert(conn, new)
                await note(conn, Entry("identity.site.init", "allowed", org.id, str(account.id), reason=role))
                made.append(Handover(org.slug, role, role, password))
            return made
    finally:
        passwords.close()


async def reset_administrator(pool: Pool, settings: Settings, org: str, user: str) -> Handover:
    """A new one-time password for an administrator who lost theirs; ends its sessions and tokens.

    Only somebody at the machine can do it: no administrator can take another's part. NotFound when it is none.
    """
    if settings.demo or (settings.home / MARKER).exists():
        raise Denied(_DEMO, code="demo_folder")
    passwords = Passwords()
    try:
        password = one_time()
        made = await passwords.hash(password)
        async with pool.acquire() as conn, conn.transaction():
            found = await accounts.named(conn, org, user)
            if found is None or not ADMINS.intersection(found.roles):
                raise errors.unknown(Text("管理员账户", "administrator"))
            await accounts.set_password(conn, found.id, made, must_change=True)
            await accounts.set_active(conn, found.id, active=True)
            await credentials.revoke_all(conn, found.id, clock.now())
            entry = Entry("identity.password.reset", "allowed", found.org, str(found.id), reason="at the machine")
            await note(conn, entry)
        return Handover(org, found.roles[0], user, password)
    finally:
        passwords.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kouan init",
        description="Make the port office and its three administrators, each with a one-time password.",
    )
    parser.add_argument("--org", default=SITE, help="short name of the port office (portoffice)")
    parser.add_argument("--title-zh", default=PORT_OFFICE.zh, help="its name in Chinese")
    parser.add_argument("--title-en", default=PORT_OFFICE.en, help="its name in English")
    parser.add_argument("--code", default=None, help="its 统一社会信用代码 or agency code")
    parser.add_argument(
        "--suite", default="", choices=("", *SUITES),
        help="cryptographic suite of a data folder that is made anew; stated before its first start and never changed (intl)",
    )  # fmt: skip
    parser.add_argument("--reset", metavar="USER", default=None, help="give this administrator a new one-time password")
    return parser


async def _run(stated: argparse.Namespace, settings: Settings) -> list[Handover]:
    pool = await database.pool(settings, database.APP, size=2)
    try:
        if stated.reset is not None:
            return [await reset_administrator(pool, settings, stated.org, stated.reset)]
        return await init_site(pool, settings, Office(stated.org, Text(stated.title_zh, stated.title_en), stated.code))
    finally:
        await pool.close()


def init_main(argv: Sequence[str], settings: Settings) -> int:
    """`kouan init`: prints each administrator's one-time password, once.

    With `--suite`, in a data folder that was never started, it states the suite of algorithms and does no more.

    0 when made; 2 when refused, 1 when the database does not answer, with a line on stderr. The database runs and has
    been migrated.
    """
    stated = _parser().parse_args(argv)
    if stated.suite:
        try:
            suite = folder.state(settings.home, stated.suite)
        except folder.SuiteRefused as refused:
            sys.stderr.write(f"kouan init: {refused.reason.en}\n{refused.reason.zh}\n")
            return 2
        if not (settings.home / "keys" / "master").exists():
            at = {"home": settings.home}
            zh, en = _STATED.zh.format(title=suite.title.zh, **at), _STATED.en.format(title=suite.title.en, **at)
            sys.stdout.write(f"{zh}\n{en}\n")
            return 0
    try:
        made = asyncio.run(_run(stated, settings))
    except (Failure, ValueError) as failure:
        said = f"{failure.reason.en}\n{failure.reason.zh}" if isinstance(failure, Failure) else str(failure)
        sys.stderr.write(f"kouan init: {said}\n")
        return 2
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        sys.stderr.write(f"kouan init: {_SILENT.en}\n{_SILENT.zh}\n")
        return 1
    sys.stdout.write("One-time passwords, shown once / 一次性密码，仅显示一次：\n")
    for one in made:
        sys.stdout.write(f"  {one.org}  {one.user}  {one.password}\n")
    sys.stdout.write("Each is replaced at the first sign-in / 首次登录须设置新密码\n")
    return 0
