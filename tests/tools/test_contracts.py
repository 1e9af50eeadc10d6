"""The import contracts of pyproject.toml, broken on purpose one by one in a small house of the same shape."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = {
    "kouan/__init__.py": "",
    "kouan/kernel/__init__.py": "",
    "kouan/kernel/database.py": "",
    "kouan/kernel/rules.py": "",
    "kouan/kernel/store/__init__.py": "",
    "kouan/base/__init__.py": "",
    "kouan/base/manifest/__init__.py": "",
    "kouan/base/manifest/module.py": "from kouan.base.manifest import api, rules\n",
    "kouan/base/manifest/api.py": "from kouan.base.manifest import service\n",
    "kouan/base/manifest/events.py": "",
    "kouan/base/manifest/service.py": "from kouan.base.manifest import records\n",
    "kouan/base/manifest/records.py": "from kouan.kernel import rules\n",
    "kouan/base/manifest/rules.py": "from kouan.kernel import rules\n",
    "kouan/base/portcall/__init__.py": "",
    "kouan/base/portcall/api.py": "",
    "kouan/supervision/__init__.py": "",
    "kouan/supervision/release/__init__.py": "",
    "kouan/supervision/release/api.py": "from kouan.base.manifest import api, events\n",
    "kouan/app/__init__.py": "",
    "kouan/app/compose.py": "from kouan.base.manifest import module\nimport kouan.supervision.release.api\n",
    "kouan_sim/__init__.py": "",
    "kouan_sim/ships.py": "",
}
BREACHES = {
    "Boards: call down, tell up": ("kouan/base/manifest/service.py", "import kouan.supervision.release.api"),
    "The simulators stand outside the platform": ("kouan_sim/ships.py", "import kouan.base.manifest.api"),
    "No cycles, neither among a board's modules nor inside one": ("kouan/kernel/rules.py", "import kouan.kernel.more"),
    "Inside a module": ("kouan/base/manifest/records.py", "import kouan.base.manifest.service"),
    "Only api and events are seen outside a module": (
        "kouan/supervision/release/api.py",
        "import kouan.base.manifest.records",
    ),
    "Rules are pure": ("kouan/base/manifest/rules.py", "import asyncpg"),
}


def lint(house: Path) -> str:
    """What lint-imports says of a house, with the configuration of ours."""
    shutil.copy(ROOT / "pyproject.toml", house)
    (house / "tools").symlink_to(ROOT / "tools")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    env = {**os.environ, "PYTHONPATH": str(house)}
    done = subprocess.run(command, cwd=house, env=env, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def build(house: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = house / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def test_a_tidy_house_keeps_every_contract(tmp_path: Path) -> None:
    build(tmp_path, HOUSE)
    said = lint(tmp_path)
    assert "0 broken" in said
    for name in BREACHES:
        assert f"{name} KEPT" in said


@pytest.mark.parametrize("name", BREACHES)
def test_each_breach_is_seen(tmp_path: Path, name: str) -> None:
    path, line = BREACHES[name]
    more = {"kouan/kernel/more.py": "import kouan.kernel.rules\n"}
    build(tmp_path, {**HOUSE, **more, path: f"{HOUSE[path]}{line}\n"})
    assert f"{name} BROKEN" in lint(tmp_path)


def test_a_package_beside_the_boards_is_seen(tmp_path: Path) -> None:
    build(tmp_path, {**HOUSE, "kouan/utils/__init__.py": ""})
    assert "Boards: call down, tell up BROKEN" in lint(tmp_path)


def test_the_facade_tells_where(tmp_path: Path) -> None:
    path = "kouan/supervision/release/api.py"
    build(tmp_path, {**HOUSE, path: "import kouan.base.manifest\nfrom kouan.base.manifest.service import x\n"})
    said = " ".join(lint(tmp_path).split())
    assert "kouan.supervision.release.api (l. 1) -> kouan.base.manifest: import its api or events" in said
    assert "kouan.supervision.release.api (l. 2) -> kouan.base.manifest.service" in said


def test_no_contract_has_an_ignore_list() -> None:
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text()
