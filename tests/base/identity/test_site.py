"""`kouan init`: the three administrators of a real site, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from kouan.base.identity.api import Directory, Office, init_main, init_site, reset_administrator
from kouan.kernel.database import Pool
from kouan.kernel.errors import Conflict, Denied, NotFound, Refused
from kouan.kernel.settings import Settings
from kouan.kernel.suites import folder
from kouan.kernel.suites.sm import SM
from kouan.kernel.text import Text

ROLES = ["system-admin", "security-admin", "audit-admin"]


@pytest.fixture
async def client(bare_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(bare_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as made:
        yield made


async def test_the_first_hour_of_a_site(client: httpx.AsyncClient, pool: Pool, settings: Settings) -> None:
    office = Office("wh-office", Text("望海口岸办", "Wanghai Office"), "11370000MB0000001K")
    made = await init_site(pool, settings, office)
    assert [(one.org, one.role, one.user) for one in made] == [("wh-office", role, role) for role in ROLES]
    for one in made:
        typed = {"org": one.org, "user": one.user, "password": one.password}
        assert (await client.post("/api/session", json=typed)).json()["code"] == "password_change_required"
        new = f"{one.role} rides seven jade horses"
        answer = await client.post("/api/session", json=typed | {"new_password": new})
        assert (answer.status_code, answer.json()["roles"], answer.json()["demo"]) == (200, [one.role], False)
        assert (await client.post("/api/session", json=typed)).status_code == 401
    assert await pool.fetchval("select count(*) from audit where action = 'identity.site.init'") == 3


async def test_a_site_is_initialised_once(pool: Pool, settings: Settings) -> None:
    await init_site(pool, settings)
    with pytest.raises(Conflict):
        await init_site(pool, settings, Office("other"))
    assert await pool.fetchval("select count(*) from organisation") == 2


async def test_a_demo_folder_never_becomes_a_site(pool: Pool, settings: Settings) -> None:
    (settings.home / "demo.marker").touch()
    for told in (settings, replace(settings, bind="0.0.0.0"), replace(settings, demo=True)):
        with pytest.raises(Denied):
            await init_site(pool, told)
        with pytest.raises(Denied):
            await reset_administrator(pool, told, "portoffice", "system-admin")
    assert await pool.fetchval("select count(*) from account") == 0


async def test_wrong_names_are_refused(pool: Pool, settings: Settings) -> None:
    with pytest.raises(Refused):
        await init_site(pool, settings, Office("No Slug"))
    with pytest.raises(Refused):
        await init_site(pool, settings, Office(code="?"))


async def test_an_administrator_is_reset_at_the_machine(
    client: httpx.AsyncClient, pool: Pool, settings: Settings
) -> None:
    first = (await init_site(pool, settings))[1]
    again = await reset_administrator(pool, settings, first.org, first.user)
    assert (again.role, again.user) == ("security-admin", "security-admin")
    typed: dict[str, Any] = {"org": first.org, "user": first.user, "new_password": "seven jade horses run"}
    assert (await client.post("/api/session", json=typed | {"password": first.password})).status_code == 401
    assert (await client.post("/api/session", json=typed | {"password": again.password})).status_code == 200
    for org, user in ((first.org, "service:auto"), (first.org, "nobody"), ("nowhere", "system-admin")):
        with pytest.raises(NotFound):
            await reset_administrator(pool, settings, org, user)


def test_the_command(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert init_main(["--title-zh", "望海口岸办", "--title-en", "Wanghai Office"], settings) == 0
    out, err = capsys.readouterr()
    lines = [line.split() for line in out.splitlines() if line.startswith("  portoffice")]
    assert [line[1] for line in lines] == ROLES
    assert all(len(line[2]) == 16 for line in lines)
    assert err == ""
    assert init_main([], settings) == 2
    out, err = capsys.readouterr()
    assert (out, "initialised" in err) == ("", True)
    assert init_main(["--reset", "audit-admin"], settings) == 0
    assert "audit-admin" in capsys.readouterr().out
    assert init_main(["--reset", "nobody"], settings) == 2


def test_the_command_without_a_database(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert init_main([], replace(settings, database_socket="/nonexistent")) == 1
    assert "does not answer" in capsys.readouterr().err


async def test_a_real_site_has_no_demo_doors(client: httpx.AsyncClient, directory: Directory) -> None:
    assert (await client.get("/api/session/demo")).status_code == 404
    answer = await client.post("/api/session/demo", json={"org": "customs", "role": "officer"})
    assert answer.status_code == 404


def test_a_suite_is_stated_before_the_first_start_and_never_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Settings(home=tmp_path / "new")
    assert init_main(["--suite", "sm"], home) == 0
    assert "商用密码" in capsys.readouterr().out
    assert folder.stated(home.home) is SM
    assert init_main(["--suite", "intl"], home) == 2
    assert "cannot become intl" in capsys.readouterr().err
    assert folder.stated(home.home) is SM
