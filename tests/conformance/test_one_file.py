"""Adding a record type touches one file: everything else follows from its one class. Counted, on a real database."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from kouan.app.compose import migrate, platform
from kouan.app.demo.seed import seed
from kouan.app.http.server import create
from kouan.app.supervisor.postgres import Postgres
from kouan.kernel.settings import Settings
from tests.kernel import sandbox

NAME, DOOR = "services.made.crane_check", "/api/records/services/made/crane_check"
SOURCE = '''
from typing import ClassVar
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text

reference_kind("cranecheck", Text("岸桥点检", "Crane check"))

class CraneCheck(Record):
    """A crane's daily check."""

    facts: ClassVar[Facts] = Facts(
        name="services.made.crane_check", title=Text("岸桥点检", "Crane check"), summary=Text("每日点检", "Daily check"),
        clause="10.1", kind="filing", ref="cranecheck", key=("@filer", "number"), filers=("terminal",), retention=3,
        parties=(Party.filer("terminal"), Party.kind("portoffice", "number", "hours")), label="number",
    )
    number: str = field("编号", "Number", filter=True, example="CC-1", max_length=20)
    hours: int = field("工时", "Hours", unit="h", filter=True, example=8, ge=0, le=24)
    remark: str | None = field("备注", "Remark", level=2, default=None, max_length=100)
'''


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Any:
    home = tmp_path_factory.mktemp("one-file")
    (home / "demo.marker").touch()
    with Postgres(home / "data") as server:
        yield Settings(home=home, demo=True, database_socket=str(server.socket))


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Any]:
    """The whole application on a migrated, seeded database, and clients of its demo organisations."""
    await migrate(settings)
    async with platform(settings) as made:
        await seed(made)
    app = create(replace(settings))
    accounts = json.loads((settings.home / "demo.json").read_text())["accounts"]
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)

        def client(org: str, role: str) -> httpx.AsyncClient:
            token = next(a["token"] for a in accounts if (a["org"], a["role"]) == (org, role))
            headers = {"Authorization": f"Bearer {token}"}
            return httpx.AsyncClient(transport=transport, base_url="http://port", headers=headers, timeout=60)

        yield client


def declare(folder: Path) -> list[Path]:
    """Write the one file and import it; answers the files that were written."""
    before = set(folder.rglob("*"))
    path = folder / "crane_records.py"
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("crane_records", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return [made for made in folder.rglob("*") if made not in before and "__pycache__" not in str(made)]


async def test_one_file_gives_storage_doors_list_history_export_form_and_catalogue(
    settings: Settings, tmp_path: Path
) -> None:
    with sandbox.aside():
        assert declare(tmp_path) == [tmp_path / "crane_records.py"]
        async with opened(settings) as client:
            async with client("terminal", "operator") as terminal, client("portoffice", "officer") as office:
                await files_and_lists(terminal)
                await exports(terminal)
                await catalogue(terminal)
                await entitles(office)
            async with client("trader", "clerk") as trader, client("customs", "officer") as customs:
                assert (await customs.get(DOOR)).json()["items"] == []
                assert (await trader.post(DOOR, json={"number": "X", "hours": 1})).status_code == 403
                assert (await customs.post("/api/trace", json={"ref": "cranecheck:TERMINAL/CC-1"})).json()["documents"] == []
    async with opened(settings) as client, client("terminal", "operator") as terminal:
        assert (await terminal.get(DOOR)).status_code == 404
        assert NAME not in (await terminal.get("/api/meta")).json()["records"]


async def files_and_lists(terminal: httpx.AsyncClient) -> None:
    for n in range(3):
        filed = await terminal.post(DOOR, json={"number": f"CC-{n}", "hours": n, "remark": "REMARK"})
        assert filed.status_code == 201, filed.text
    one = filed.json()["item"]
    assert one["ref"] == "cranecheck:TERMINAL/CC-2"
    refused = await terminal.post(DOOR, json={"number": "CC-9", "hours": 25})
    assert (refused.status_code, refused.json()["field"]) == (422, "hours")
    assert (await terminal.post(DOOR, json={"number": "CC-1", "hours": 2})).status_code == 409
    listed = (await terminal.get(DOOR, params={"hours.gte": 1, "sort": "hours"})).json()
    assert [item["data"]["number"] for item in listed["items"]] == ["CC-1", "CC-2"]
    amended = await terminal.put(f"{DOOR}/{one['id']}", json={"number": "CC-2", "hours": 9}, headers={"If-Match": "1"})
    assert (amended.status_code, amended.json()["version"]) == (200, 2)
    history = (await terminal.get(f"{DOOR}/{one['id']}/history")).json()["versions"]
    assert [(v["action"], v["data"]["hours"]) for v in history] == [("filed", 2), ("amend", 9)]
    assert (await terminal.get(f"/api/receipts/{filed.json()['receipt']['id']}")).status_code == 200
    traced = (await terminal.post("/api/trace", json={"ref": one["ref"]})).json()
    assert [document["record"] for document in traced["documents"]] == [NAME]


async def exports(terminal: httpx.AsyncClient) -> None:
    for kind in ("csv", "xlsx"):
        template = await terminal.get(f"{DOOR}/template", params={"format": kind})
        export = await terminal.get(f"{DOOR}/export", params={"format": kind})
        assert (template.status_code, export.status_code) == (200, 200)
        posted = await terminal.post(f"/api/intake/{kind}?record={NAME}", content=template.content)
        assert posted.status_code in (200, 201, 409), posted.text
    rows = (await terminal.get(f"{DOOR}/export", params={"format": "json"})).json()
    assert {row["data"]["number"] for row in rows} >= {"CC-0", "CC-1", "CC-2"}
    posted = await terminal.post(f"/api/intake/json?record={NAME}", json=[{"number": "CC-7", "hours": 1}])
    assert len(posted.json()["accepted"]) == 1, posted.text


async def catalogue(terminal: httpx.AsyncClient) -> None:
    told = (await terminal.get("/api/meta")).json()["records"][NAME]
    assert told["title"] == {"zh": "岸桥点检", "en": "Crane check"}
    assert told["schema"]["properties"]["hours"]["x-kouan"] == {
        "zh": "工时", "en": "Hours", "level": 1, "unit": "h", "filter": True, "example": 8, "ref": "",
    }  # fmt: skip
    assert told["writable"]
    paths = (await terminal.get("/openapi.json")).json()["paths"]
    assert sum(path.startswith(DOOR) for path in paths) == 7


async def entitles(office: httpx.AsyncClient) -> None:
    items = (await office.get(DOOR)).json()["items"]
    assert len(items) >= 3
    assert {frozenset(item["data"]) for item in items} == {frozenset({"number", "hours"})}
    for kind in ("csv", "json"):
        assert "REMARK" not in (await office.get(f"{DOOR}/export", params={"format": kind})).text
    assert not re.search("REMARK", (await office.post("/api/trace", json={"ref": items[0]["ref"]})).text)
