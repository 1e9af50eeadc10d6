"""What warnings do by themselves: overdue they rise a level and go to the next owner; a new revision retires the old one;
of a rule that was put to rest its owner is told."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict
from kouan.kernel.events import Event
from kouan.kernel.formats import Draft
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.records import Record
from kouan.kernel.store.finding import equal
from kouan.kernel.text import Text
from kouan.operations.alerts.acting import act
from kouan.operations.alerts.book import Alarm, Entry
from kouan.operations.alerts.hazards import Hazard
from kouan.operations.alerts.keeper import data_of
from kouan.operations.alerts.lifecycle import ESCALATE, NEXT_OWNER, OVERDUE
from kouan.operations.alerts.records import LEVELS, Warned
from kouan.operations.alerts.rulebook import StaffRule
from kouan.operations.alerts.rulelife import LIVE, RULE
from kouan.operations.alerts.thresholds import LIVE as IN_FORCE
from kouan.operations.alerts.thresholds import SETTING, AlertSetting
from kouan.operations.alerts.words import EngineTrouble

RESTS = Text("预警规则“{name}”已暂停，不再监测：{why}", "Alert rule “{name}” was put to rest and watches nothing: {why}")
WARNING, HAZARD = Warned.facts.name, Hazard.facts.name


class Escalate(Handler):
    """Nobody did in time what a warning asks for."""

    code = "operations.alerts.escalate"
    title = Text("预警超时升级", "Escalate overdue warnings")
    on = (f"{WARNING}:overdue",)

    async def handle(self, event: Event, port: Port) -> None:
        """A level higher, to the next owner, with a deadline anew; the highest level with the last owner stays as it is."""
        kept = await port.get(PLATFORM, WARNING, event.record_id)
        assert isinstance(kept.data, Warned)
        if kept.state not in ESCALATE or kept.tracks["handling"].get("due") != event.data.get("due"):
            return  # Somebody acted meanwhile, or this deadline was answered already.
        if kept.data.severity == LEVELS[-1] and kept.data.owner == NEXT_OWNER:
            return
        changes = {"measures": f"{OVERDUE.zh} / {OVERDUE.en}"}
        await act(port, WARNING, kept.id, ESCALATE[kept.state], changes)


class ReplaceRule(Handler):
    """A revision went live: the one before it is retired."""

    code = "operations.alerts.replace_rule"
    title = Text("新版本投入运行后停用旧版本", "Retire the revision that a new one replaces")
    on = (f"{RULE}:start",)

    async def handle(self, event: Event, port: Port) -> None:
        """Only older revisions of the same rule, and only those that are live."""
        kept = await port.get(PLATFORM, RULE, event.record_id)
        assert isinstance(kept.data, StaffRule)
        await _end_older(port, StaffRule, {"code": kept.data.code}, kept.data.revision, LIVE, "retire")


class ReplaceSetting(Handler):
    """Other numbers are in force: those before them are not."""

    code = "operations.alerts.replace_setting"
    title = Text("新参数生效后停用旧参数", "Retire the numbers that new ones replace")
    on = (f"{SETTING}:approve",)

    async def handle(self, event: Event, port: Port) -> None:
        """Only older revisions of the same alert's numbers."""
        kept = await port.get(PLATFORM, SETTING, event.record_id)
        assert isinstance(kept.data, AlertSetting)
        await _end_older(port, AlertSetting, {"alert": kept.data.alert}, kept.data.revision, IN_FORCE, "replace")


async def _end_older(port: Port, cls: type[Record], same: Mapping[str, str], revision: int, state: str, action: str) -> None:
    """Take the revisions before this one out of force."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await equal(conn, cls, same, states=(state,), limit=1000)
    for row in rows:
        if int(row.doc["revision"]) < revision:
            await act(port, cls.facts.name, str(row.id), action, {})


class ReplaceHazard(Handler):
    """A notice updates or cancels earlier ones of its sender."""

    code = "operations.alerts.replace_hazard"
    title = Text("更新或解除风险信息", "Replace or cancel hazard notices")
    on = (f"{HAZARD}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """Only the same sender's notices, filed by the same organisation, are replaced."""
        kept = await port.get(PLATFORM, HAZARD, event.record_id)
        assert isinstance(kept.data, Hazard)
        action = {"Update": "replace", "Cancel": "cancel"}.get(kept.data.type)
        for name in kept.data.replaces if action else ():
            for former in await port.find(PLATFORM, HAZARD, key=name):
                assert isinstance(former.data, Hazard)
                if action and former.filed_by == kept.filed_by and former.data.sender == kept.data.sender and former.id != kept.id:
                    await act(port, HAZARD, former.id, action, {})


class TellOwner(Handler):
    """A rule was put to rest: its owner gets a warning that it watches nothing any more, and why."""

    code = "operations.alerts.tell_owner"
    title = Text("告知规则负责单位规则已暂停", "Tell a rule's owner that it rests")
    on = (f"{RULE}:rest",)

    async def handle(self, event: Event, port: Port) -> None:
        """One warning for each time that it is put to rest."""
        kept = await port.get(PLATFORM, RULE, event.record_id)
        assert isinstance(kept.data, StaffRule)
        rule, once = kept.data, UUID(event.record_id).hex[-8:].upper()
        names = {"zh": rule.name_zh, "en": rule.name_en}
        said = Text(*(RESTS.out()[tongue].format(name=names[tongue], why=rule.problem or "–") for tongue in ("zh", "en")))
        alarm = Alarm(
            EngineTrouble.code, f"{rule.code}/{rule.revision}/{event.version}", EngineTrouble.title, said, event.at,
            EngineTrouble.severity, rule.owner, EngineTrouble.respond, EngineTrouble.clears_after, EngineTrouble.clause, (kept.ref,),
            {"rule": kept.ref, "problem": rule.problem}, orgs=("portoffice",), rule=kept.ref, revision=rule.revision,
        )  # fmt: skip
        entry = Entry(alarm, f"WA-{event.at:%Y%m%d}-{once}{event.version:02d}", event.at)
        try:
            await port.file(PLATFORM, [Draft(WARNING, data_of(port, entry))])
        except Conflict as told:
            if told.code != "natural_key_kept":
                raise
