"""What a port's plan leaves out: by mode, by its own words, and never what its words put in; while the database is away, what was known."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.app import registry
from kouan.base.profile.api import Plan, Plans, Profile, shut, used
from kouan.kernel.errors import Problem, Refused
from kouan.kernel.modules import MODES, module_of, modules
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record, record_type, record_types
from kouan.kernel.store.ops import Prepared
from kouan.kernel.text import Text

registry.load()
WHO = Principal(7, "terminal", "terminal", "op", frozenset({"operator"}))
NAMES = sorted(module.name for module in modules() if not module.lasting)
MODE = st.sampled_from(sorted(MODES))


def plan(mode: str, also: Collection[str] = (), switches: Mapping[str, bool] | None = None, *orgs: int) -> Plan:
    """A port's plan in force."""
    told = [{"module": name, "on": on, "reason": "x"} for name, on in (switches or {}).items()]
    data = {"port": "CNRZZ", "name_zh": "口岸", "name_en": "Port", "mode": mode, "also": list(also), "tier": "key", "plan": told}
    return Plan("1", Profile.model_validate(data), frozenset(orgs))


@settings(max_examples=15, deadline=None)
@given(MODE, st.sets(MODE, max_size=3), st.dictionaries(st.sampled_from(NAMES), st.booleans(), max_size=8))
def test_modules_follow_the_plan_then_the_mode_and_records_their_module(mode: str, also: set[str], switches: dict[str, bool]) -> None:
    one = plan(mode, sorted(also), switches)
    held = {mode, *also}
    second = plan("water", ["rail"])
    for module in modules():
        fits = not module.modes or bool(held & set(module.modes))
        assert used([one], module) == switches.get(module.name, fits)
        assert used([], module)
    for cls in record_types():
        own = module_of(cls.facts.name)
        assert own
        suits = not cls.facts.modes or bool(held & set(cls.facts.modes)) or switches.get(own.name, False)
        assert (shut([one], cls) is None) == (used([one], own) and suits), cls.facts.name
        assert shut([one, second], cls) is None, "another port of the same caller takes it in"


class Shut:
    """A keeper that closes some types."""

    def __init__(self, *names: str) -> None:
        self.names = names

    async def closed(self, principal: Principal, records: Collection[str]) -> Mapping[str, Problem]:
        return {name: Problem("OFF", "", "OFF", Text("关", "shut")) for name in records if name in self.names}


async def test_filings_are_refused_and_reports_are_kept_and_flagged() -> None:
    def drafts(*names: str) -> tuple[Prepared, ...]:
        return tuple(Prepared(uuid4(), record_type(name).model_construct()) for name in names)

    ship, move = "base.portcall.port_call", "base.movement.move"
    nothing: Any = None
    port = Port(nothing, nothing, nothing, nothing, nothing, nothing, keeper=Shut(ship, move))
    with pytest.raises(Refused) as refused:
        await port._admitted(drafts(ship), WHO)
    assert refused.value.rule == "OFF"
    (kept,) = await port._admitted(drafts(move), WHO)
    assert [warning["rule"] for warning in kept.warnings] == ["OFF"]
    assert await port._admitted(drafts("base.manifest.manifest"), WHO)
    assert (await port._admitted(drafts(ship), PLATFORM))[0].warnings == (), "the platform itself is not asked"


async def test_while_the_database_is_away_what_was_known_last_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def acquire(self) -> Any:
            raise OSError("away")

    held: Any = SimpleNamespace(pool=Away(), site=SimpleNamespace(code="CNWHH"), extras={})
    known = Plans(held)
    assert await known.all() == (), "nothing known yet: everything is in use"
    one = plan("rail", (), None, WHO.org)
    known._held = (one,)
    assert await known.of(WHO) == (one,)
    cls: type[Record] = record_type("base.portcall.port_call")
    assert set(await known.closed(WHO, {cls.facts.name, "base.manifest.manifest"})) == {cls.facts.name}
    other = Principal(8, "agent", "agent", "x", frozenset({"clerk"}))
    assert await known.of(other) == (), "named by none, and the site's own port has no profile"
    await asyncio.sleep(0)
