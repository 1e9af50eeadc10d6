"""The README says what is true: its examples run, its links lead somewhere, both languages hold the same, its rows are shown."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import ROOT, Running, end, planted, start
from tools import matrix

READMES = ("README.md", "README.zh.md")
PAGES = [*READMES, "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/tour.md", "docs/tour.zh.md"]
RUN = re.compile(r"<!-- run -->\n```sh\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
ROW = re.compile(r"^\| ([GHMW][0-9][\w.*-]*) \|", re.MULTILINE)
COMMAND = re.compile(r"^make (\w+)$|`make (\w+)`", re.MULTILINE)
PICTURE = 200_000


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pages() -> list[str]:
    return [*PAGES, *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs/decisions").glob("*.md")))]


def code(name: str) -> str:
    """The examples of a README in order, without comments, which are in its language."""
    return re.sub(r"\s+# .*", "", "".join(RUN.findall(page(name))))


def leads_to(text: str) -> set[str]:
    """Where a page leads, whatever the language there; not to its own translation."""
    targets = {target.replace(".zh.", ".") for target in LINK.findall(text)}
    return targets - {"README.md", "../README.md", "tour.md"}


@pytest.mark.skipif(not shutil.which("curl"), reason="the examples of the README use curl")
def test_the_examples_run(tmp_path: Path) -> None:
    platform = start(planted(tmp_path / "data"))  # The samples can be filed once; another test may have filed them.
    try:
        follow(platform, tmp_path)
    finally:
        end(platform)


def follow(platform: Running, tmp_path: Path) -> None:
    """Run the examples as a reader does, and read what they print."""
    script = "set -eu\n" + "".join(RUN.findall(page("README.md")))
    env = {
        **os.environ, "KOUAN_URL": platform.url, "KOUAN_HOME": str(platform.home), "TMPDIR": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"status":"ok"' in done.stdout
    assert "The proof holds" in done.stdout
    assert "key pinned" in done.stdout
    assert "the document is the one that was filed" in done.stdout
    assert '"ref": "declaration:TRADER/WHS-DEC-0001"' in done.stdout
    assert '"items":[{' in done.stdout


def test_both_languages_hold_the_same() -> None:
    english, chinese = (page(name) for name in READMES)
    assert code("README.md") == code("README.zh.md")
    assert ROW.findall(english) == ROW.findall(chinese)
    for level in ("## ", "- ", "```", "!["):
        assert sum(line.startswith(level) for line in english.splitlines()) == sum(
            line.startswith(level) for line in chinese.splitlines()
        ), level
    assert leads_to(english) == leads_to(chinese)
    assert leads_to(page("docs/tour.md")) == leads_to(page("docs/tour.zh.md"))


def test_rows_said_to_be_shown_have_an_acceptance_test() -> None:
    said = set(ROW.findall(page("README.md")))
    assert said
    assert said <= matrix.claims().keys()


def test_links_lead_somewhere() -> None:
    for name in pages():
        for target in LINK.findall(page(name)):
            if "://" not in target and not target.startswith("#"):
                assert ((ROOT / name).parent / target.partition("#")[0]).exists(), f"{name}: {target}"


def test_every_make_command_named_exists() -> None:
    targets = set(re.findall(r"^(\w+):", page("Makefile"), re.MULTILINE))
    for name in pages():
        named = {first or second for first, second in COMMAND.findall(page(name))}
        assert named <= targets, f"{name}: {sorted(named - targets)}"


def test_pictures_are_small() -> None:
    pictures = sorted(path for path in (ROOT / "docs/images").rglob("*") if path.is_file())
    assert pictures
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG"), picture.name
        assert picture.stat().st_size < PICTURE, picture.name


def test_architecture_is_short_and_names_what_exists() -> None:
    text = page("ARCHITECTURE.md")
    assert len(text.splitlines()) <= 165
    for path in re.findall(r"`((?:src|web|tests|tools|bench|docs|scripts)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path


def test_decisions_are_numbered_and_end_in_a_rule_with_its_check() -> None:
    found = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    numbers = [int(path.name[:4]) for path in found]
    assert numbers[0] == 1
    assert all(second == first + 1 for first, second in pairwise(numbers))
    index = page("docs/decisions/README.md")
    for path in found:
        text = path.read_text(encoding="utf-8")
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Measurement", "Consequences", "The rule and its check"], path.name
        assert path.name in index, path.name
        for module in re.findall(r"python -m (bench\.decisions\.\w+)", text):
            assert (ROOT / (module.replace(".", "/") + ".py")).exists(), module
