"""The bootstrap's clear words, and that it is skipped when nothing has changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(
    checkout: Path, *words: str, path: str | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run scripts/bootstrap of a checkout."""
    return subprocess.run(
        ["/bin/bash", str(checkout / "scripts" / "bootstrap"), *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path or os.environ["PATH"], **env},
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout without web client, in a folder whose name has a space."""
    made = tmp_path / "a checkout"
    made.mkdir()
    shutil.copytree(ROOT / "scripts", made / "scripts")
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, made)
    return made


def programs(folder: Path, *names: str) -> str:
    """A PATH that has these programs alone."""
    folder.mkdir()
    for name in names:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return str(folder)


def test_no_python_that_will_do(checkout: Path, tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", "dirname", "false")
    (tmp_path / "bin" / "python3").symlink_to("false")
    done = run(checkout, "install", path=path)
    assert done.returncode == 2
    assert "需要 Python 3.11" in done.stderr
    assert "Python 3.11 or later is needed" in done.stderr


@pytest.mark.parametrize("broken", ["sitecustomize.py:import sys; sys.modules['ensurepip'] = None", "venv.py:import no_such_module"])
def test_a_python_without_venv(checkout: Path, tmp_path: Path, broken: str) -> None:
    # A module of that name which cannot be found stands for Debian's python3 without python3-venv; or it is there, but in part.
    name, _, text = broken.partition(":")
    (tmp_path / "sitecustomize.py").write_text("")
    (tmp_path / "usercustomize.py").write_text("")
    (tmp_path / name).write_text(text)
    done = run(checkout, "install", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "apt install python3-venv" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def fake(folder: Path, told: str) -> Path:
    """A Python of our version that says how long its work takes."""
    folder.mkdir()
    made = folder / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    made.write_text(f"#!/bin/sh\n{told}\n")
    made.chmod(0o755)
    return made


def test_the_quickest_python_makes_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, quick = fake(tmp_path / "own", "echo 0.2"), fake(tmp_path / "quick", "echo 0.1")
    fake(tmp_path / "broken", "exit 1")
    alike = fake(tmp_path / "alike", "echo 0.19")
    program = f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r}); import pythons; pythons.PLACES = (); "

    def chosen(*places: Path) -> str:
        monkeypatch.setenv("PATH", os.pathsep.join(map(str, places)))
        words = [sys.executable, "-c", f"{program}print(pythons.quickest({str(own)!r}))"]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()

    assert chosen(tmp_path / "broken", alike.parent, quick.parent, tmp_path / "none") == str(quick)
    assert chosen(alike.parent, tmp_path / "broken") == str(own), "no change for a tenth"
    assert chosen() == str(own)


def test_no_registry(checkout: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}
    done = run(checkout, "install", PIP_CONFIG_FILE=os.devnull, PIP_FIND_LINKS="", **nowhere)
    assert done.returncode == 1
    assert "无法安装依赖" in done.stderr
    assert "cannot install packages" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_installed_checkout_is_ready_at_once() -> None:
    began = time.monotonic()
    done = run(ROOT, "install", KOUAN_SKIP_WEB="1")
    assert (done.returncode, done.stdout) == (0, "")
    assert time.monotonic() - began < 5.0


def test_the_commands_and_checking_tools_are_in_the_environment() -> None:
    for name in ("kouan", "kouan-sim", "lint-imports", "pytest", "ruff", "mypy"):
        assert os.access(Path(sys.prefix) / "bin" / name, os.X_OK), name


def test_stopping_what_never_ran_is_no_error(checkout: Path) -> None:
    assert run(checkout, "stop").returncode == 0
    assert run(checkout, "reset").returncode == 0


@pytest.mark.parametrize(("more", "code"), [("", 0), ("assert False", 1)])
def test_what_fails_beside_others_is_tried_once_more_and_named(tmp_path: Path, more: str, code: int) -> None:
    words = f"import os\ndef test_it():\n    been = os.path.exists('been')\n    open('been', 'w').close()\n    assert been\n    {more}\n"
    (tmp_path / "test_it.py").write_text(words, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "-q", "--rootdir", str(tmp_path)]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 1
    again = [sys.executable, str(ROOT / "scripts" / "unsteady.py"), *command]
    done = subprocess.run(again, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == code, done.stdout
    assert ("unsteady test (failed beside others, passed alone): test_it.py::test_it" in done.stdout) is (code == 0)
