"""Rule packs: an installed package's rules are asked like the house's own; what does not fit stops the start and is named."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kouan.app import packs, registry
from kouan.app.http.rulebook import listed
from kouan.app.supervisor.trouble import CONFIGURATION, Trouble
from kouan.base.declaration.api import Declaration
from kouan.kernel.records import record_type
from kouan.kernel.rules import Found, judge, rules_at
from tests.conftest import Running
from tests.kernel import sandbox

DECLARATION = "base.declaration.declaration"
HEAD = """
from kouan.base.declaration.api import Declaration
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text
"""
RULE = '''
class StatesItsGoods(Rule):
    """Office 4200 releases nothing that has no items."""

    code = "QD-OFFICE"
    at = "filing"
    of = "base.declaration.declaration"
    title = Text("青岛申报须有商品项", "A declaration at Qingdao has goods items")
    clause = "Qingdao customs notice 2026-7"
    severity = "refuse"
    owner = "trader"

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Refuses a declaration at office 4200 without items."""
        if record.office != "4200" or record.items:
            return None
        return Unmet(Text("青岛海关的报关单须有商品项", "A declaration at Qingdao states its goods"), "items")
'''
Install = Callable[..., str]


def installed(folder: Path, source: str, version: str = "1.2.0") -> str:
    """Put a pack where packages are installed: its module and its dist-info. Answers the package's name."""
    name = f"kouan_rules_{secrets.token_hex(4)}"
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    (folder / name / "office.py").write_text(source, encoding="utf-8")
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[kouan.rules]\nqingdao = {name}.office\n")
    return name


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs packs in this process; their rules are forgotten afterwards."""
    registry.load()
    monkeypatch.syspath_prepend(str(tmp_path))
    registry.installed.cache_clear()
    with sandbox.aside():
        yield lambda source, version="1.2.0": installed(tmp_path, source, version)
    registry.installed.cache_clear()
    for name in [name for name in sys.modules if name.startswith("kouan_rules_")]:
        del sys.modules[name]


def test_a_packs_rule_is_asked_and_listed_with_its_package(install: Install) -> None:
    name = install(HEAD + RULE)
    assert [(pack.package, pack.version, pack.rules) for pack in registry.installed()] == [(name, "1.2.0", ("QD-OFFICE",))]
    sample = {"functional_reference": "QD-1", "declarant": "trader", "procedure": "import"}
    names = record_type(DECLARATION).fields
    at, site = datetime(2026, 11, 22, tzinfo=UTC), {"office": "9901"}

    def said(office: str) -> list[str]:
        bare = {**dict.fromkeys(names), **sample, "office": office, "items": (), "bills": (), "containers": ()}
        record = Declaration.model_construct(**bare)
        rules = [rule for rule in rules_at("filing", DECLARATION) if rule.code == "QD-OFFICE"]
        return [one.rule.code for one in judge(rules, record, Found(at, "trader", site)) if not one.met]

    assert (said("4200"), said("5300")) == (["QD-OFFICE"], [])
    told = listed(DECLARATION, "filing", risk=False)
    assert told["packs"] == [{"name": "qingdao", "package": name, "version": "1.2.0", "rules": ["QD-OFFICE"]}]
    by = {rule["code"]: (rule["pack"], rule["version"]) for rule in told["rules"]}
    assert by["QD-OFFICE"] == (name, "1.2.0")
    assert by["DEC-ITEMS"] == (None, None)


UNFIT = {
    "half": (HEAD + RULE.replace('    clause = "Qingdao customs notice 2026-7"\n', ""), "states no `clause`"),
    "one language": (HEAD + RULE.replace('"A declaration at Qingdao has goods items"', '""'), "both languages"),
    "no import": ("import no_such_module_here\n", "no_such_module_here"),
    "no rule": (HEAD, "brings no rule"),
    "severity": (HEAD + RULE.replace('"refuse"', '"shoot"'), "no severity"),
    "moment": (HEAD + RULE.replace('at = "filing"', 'at = "gate"'), "does not judge"),
    "record": (HEAD + RULE.replace("base.declaration.declaration\"", "base.declaration.wish\""), "does not judge"),
    "taken": (HEAD + RULE.replace("QD-OFFICE", "DEC-ITEMS"), "taken"),
    "in disguise": (HEAD + RULE.replace("QD-OFFICE", "DEC-ITEMS").replace("StatesItsGoods", "HasItems"), "taken"),
    "inside": (HEAD + "from kouan.base.declaration.rules import ours\n" + RULE, "past the layers"),
    "upward": (HEAD + "import kouan.app.registry\n" + RULE, "past the layers"),
    "impure": (HEAD + RULE + "\n\ndef ask() -> None:\n    import httpx\n", "past the layers"),
    "another word": (HEAD + RULE + '''
from datetime import timedelta
from kouan.kernel.handlers import Job

class Nightly(Job):
    code = "qd.nightly"
    title = Text("夜间", "Nightly")
    every = timedelta(days=1)

    async def run(self, port: object) -> None: ...
''', "rules only"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNFIT)
def test_a_pack_that_does_not_fit_is_named_with_the_reason(install: Install, case: str) -> None:
    source, reason = UNFIT[case]
    name = install(source)
    with pytest.raises(Trouble, match=reason) as said:
        packs.load()
    assert f"{name} 1.2.0 (qingdao)" in said.value.lines().splitlines()[0]
    assert said.value.code == CONFIGURATION


def test_two_packs_may_not_take_the_same_code(install: Install) -> None:
    install(HEAD + RULE)
    install(HEAD + RULE)
    with pytest.raises(Trouble, match="taken"):
        packs.load()


def test_a_pack_that_cannot_be_imported_stops_the_start(tmp_path: Path) -> None:
    """The process that all processes of the platform are born from ends, and names it in both languages."""
    name = installed(tmp_path, "raise RuntimeError('no licence')\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    program = [sys.executable, "-m", "kouan.app.nursery", "0"]
    done = subprocess.run(program, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=120)
    assert done.returncode == CONFIGURATION
    zh, en = done.stderr.strip().splitlines()[-2:]
    assert (f"规则包 {name}" in zh, f"rule pack {name} 1.2.0" in en, "no licence" in en) == (True, True, True)


def test_rules_are_listed_and_those_of_risk_to_customs_alone(platform: Running) -> None:
    def told(org: str, **query: str) -> list[dict[str, object]]:
        with platform.client(org) as client:
            answer = client.get("/api/rules", params=query)
            assert answer.status_code == 200
            found: list[dict[str, object]] = answer.json()["rules"]
            return found

    mine = told("trader", of=DECLARATION, at="filing")
    assert {"DEC-ITEMS", "DEC-HS"} <= {rule["code"] for rule in mine}
    assert {rule["at"] for rule in mine} == {"filing"}
    assert all(rule["pack"] is None and rule["within_seconds"] is None for rule in mine if rule["code"] == "DEC-ITEMS")
    assert told("customs", at="target")
    assert told("trader", at="target") == []
