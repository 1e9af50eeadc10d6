"""The description of the doors is made once for one state of the code, and never found stale or damaged."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from fastapi import FastAPI

from kouan.app.http import described, keeping


def nothing() -> dict[str, str]:
    """What a door of the test answers."""
    return {}


def application(home: Path, *paths: str) -> FastAPI:
    """An application with some doors, as a process that starts makes it."""
    app = FastAPI(title="T", version="1", openapi_url=None)
    for path in paths:
        app.add_api_route(path, nothing, name=path)
    app.include_router(described.described_router(app, home))
    return app


async def told(app: FastAPI) -> set[str]:
    """The doors that a process tells of."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    return set(answer.json()["paths"])


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[FastAPI]:
    """The applications whose description was made, and not found."""
    found: list[FastAPI] = []
    monkeypatch.setattr(described, "OPEN", ())
    before = described.describe
    monkeypatch.setattr(described, "describe", lambda app: found.append(app) or before(app))
    return found


async def test_the_next_process_finds_what_was_made_and_other_doors_are_made_anew(tmp_path: Path, made: list[FastAPI]) -> None:
    assert await told(application(tmp_path, "/a")) == {"/a"}
    assert await told(application(tmp_path, "/a")) == {"/a"}
    assert len(made) == 1
    assert await told(application(tmp_path, "/a", "/b")) == {"/a", "/b"}
    assert len(made) == 2
    (kept,) = (tmp_path / keeping.FOLDER).iterdir()
    assert [one.stat().st_mode & 0o777 for one in (kept.parent, kept)] == [0o700, 0o600]


@pytest.mark.parametrize("damage", [lambda body: body[:-1], lambda body: b"", lambda body: body[:-1] + bytes([body[-1] ^ 1])])
async def test_what_is_damaged_is_made_anew(tmp_path: Path, made: list[FastAPI], damage: object) -> None:
    assert callable(damage)
    await told(application(tmp_path, "/a"))
    (kept,) = (tmp_path / keeping.FOLDER).iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    assert await told(application(tmp_path, "/a")) == {"/a"}
    assert len(made) == 2
    assert kept.read_bytes() == whole


async def test_a_folder_that_cannot_be_written_only_costs_the_making(tmp_path: Path, made: list[FastAPI]) -> None:
    (tmp_path / "run").write_text("no folder")
    for _ in range(2):
        assert await told(application(tmp_path, "/a")) == {"/a"}
    assert len(made) == 2


def test_a_module_that_changed_in_a_word_has_another_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module, file = ModuleType("kouan.of_a_test"), tmp_path / "of_a_test.py"
    module.__file__ = str(file)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    digests = []
    for text in ("a = 1", "a = 2", "a = 1"):
        file.write_text(text)
        digests.append(keeping.digest_of(["x"]))
    assert digests[0] == digests[2] != digests[1]
    assert keeping.digest_of(["y"]) != digests[0]
