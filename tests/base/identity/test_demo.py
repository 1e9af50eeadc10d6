"""Demo organisations, sign-ins and tokens: only where they belong, and the same after each start."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kouan.base.identity.api import Directory, demo_token, seed_demo, token_main
from kouan.kernel.database import Pool
from kouan.kernel.errors import Denied, NotFound
from kouan.kernel.settings import Settings
from kouan.standards.identifiers.api import check
from tests.base.identity.conftest import Bearer

Demo = dict[tuple[str, str], dict[str, Any]]


def test_cast_has_an_account_for_each_sensible_role(demo: Demo) -> None:
    working = {(org, "officer") for org in ("customs", "border", "maritime", "transport", "portoffice")}
    working |= {("terminal", "operator")} | {(org, "clerk") for org in ("carrier", "agent", "trader", "trucker")}
    viewers = {(org, "viewer") for org, _role in working}
    admins = {("portoffice", role) for role in ("system-admin", "security-admin", "audit-admin")}
    assert set(demo) == working | viewers | admins | {("customs", "officer-2")}


async def test_customs_second_officer_is_another_person_with_the_same_role(
    demo: Demo, settings: Settings, browser: httpx.AsyncClient
) -> None:
    assert await demo_token(replace(settings, demo=True), "customs", "officer") == demo["customs", "officer"]["token"]
    listed = (await browser.get("/api/session/demo")).json()
    assert [a["user"] for a in listed if (a["org"], a["role"]) == ("customs", "officer")] == ["officer", "officer-2"]
    names = []
    for more in ({}, {"user": "officer-2"}):
        answer = await browser.post("/api/session/demo", json={"org": "customs", "role": "officer", **more})
        assert (answer.status_code, answer.json()["roles"]) == (200, ["officer"]), answer.text
        names.append(answer.json()["user"]["name"])
    assert names == ["officer", "officer-2"]


def test_file_is_private_and_holds_what_the_seed_answered(demo: Demo, settings: Settings) -> None:
    path = settings.home / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["accounts"] == list(demo.values())
    assert len({entry["token"] for entry in demo.values()}) == len(demo)
    assert all(entry["title"]["zh"] and entry["title"]["en"] for entry in demo.values())


async def test_seeding_again_changes_nothing(demo: Demo, pool: Pool, settings: Settings) -> None:
    query = "select id, name, password_hash, roles from account order by id"
    before = await pool.fetch(query), await pool.fetch("select id, hash, revoked from token order by id")
    again = await seed_demo(pool, settings.home)
    assert again == list(demo.values())
    assert (await pool.fetch(query), await pool.fetch("select id, hash, revoked from token order by id")) == before


async def test_a_revocation_outlasts_the_next_seeding(demo: Demo, pool: Pool, settings: Settings) -> None:
    await pool.execute("update token set revoked = now()")
    await seed_demo(pool, settings.home)
    assert await pool.fetchval("select count(*) from token where revoked is null") == 0


async def test_a_lost_file_gets_new_secrets_that_work(
    demo: Demo, pool: Pool, settings: Settings, directory: Directory
) -> None:
    (settings.home / "demo.json").unlink()
    again = await seed_demo(pool, settings.home)
    assert not {e["token"] for e in again} & {e["token"] for e in demo.values()}
    assert await pool.fetchval("select count(*) from account where kind = 'person'") == len(demo)


async def test_credit_codes_are_right_and_in_no_real_division(demo: Demo, directory: Directory) -> None:
    firms = [org for org in directory.orgs() if org.code and len(org.code) == 18]
    assert len(firms) == 5
    for org in firms:
        assert org.code is not None
        assert check("uscc", org.code).ok, org.code
        assert org.code[2:8] == "379999"


async def test_organisations_are_numbered_from_ten(demo: Demo, directory: Directory) -> None:
    numbers = {org.slug: org.id for org in directory.orgs()}
    assert numbers.pop("kouan") == 1
    assert sorted(numbers.values()) == list(range(10, 20))


async def test_people_are_named_to_colleagues_and_authorities_only(bearer: Bearer, pool: Pool) -> None:
    rows = await pool.fetch("select a.id, a.name, o.slug from account a join organisation o on o.id = a.org")
    ids = {(row["slug"], row["name"]): str(row["id"]) for row in rows}
    officer, clerk = ids["customs", "officer-2"], ids["trader", "clerk"]
    path = f"/api/identity/people?id={officer}&id={clerk}&id={uuid4()}"
    said = {
        (org, role): {one["id"]: one["title"]["en"] for one in (await bearer(org, role, "GET", path)).json()}
        for org, role in (("border", "officer"), ("trader", "viewer"), ("carrier", "clerk"))
    }
    known, firm = "Wanghai Customs (demo), second officer", "Wangshi Trading (fictional), clerk"
    assert said["border", "officer"] == {officer: known, clerk: firm}
    assert said["trader", "viewer"] == {officer: "Somebody of Wanghai Customs (demo)", clerk: firm}
    assert said["carrier", "clerk"][clerk] == "Somebody of Wangshi Trading (fictional)"
    assert (await bearer("carrier", "clerk", "GET", "/api/identity/people")).status_code == 422


async def test_no_seed_outside_a_demo_folder(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(Denied):
        await seed_demo(pool, tmp_path)
    assert await pool.fetchval("select count(*) from account") == 0


async def test_token_command(demo: Demo, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    on_loopback = replace(settings, demo=True)
    assert await demo_token(on_loopback, "customs", "officer") == demo["customs", "officer"]["token"]
    with pytest.raises(NotFound, match="customs/officer"):
        await demo_token(on_loopback, "trader", "officer")
    with pytest.raises(Denied):
        await demo_token(settings, "customs", "officer")


def test_token_command_prints_the_token_alone(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = {"org": "customs", "role": "officer", "user": "officer", "password": "p", "token": "t0", "title": {}}
    (tmp_path / "demo.json").write_text(json.dumps({"accounts": [entry]}))
    arguments = ["--org", "customs", "--role", "officer"]
    assert token_main(arguments, replace(settings, demo=True)) == 0
    assert capsys.readouterr() == ("t0\n", "")
    assert token_main(arguments, settings) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "only in a data folder made by make run" in err
    assert token_main(["--org", "nobody", "--role", "officer"], replace(settings, demo=True)) == 2
