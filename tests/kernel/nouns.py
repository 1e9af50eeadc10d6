"""Words that only the kernel's tests know: records of every field type, lifecycles, rules, handlers, jobs.

Imported by the `nouns` fixture alone, inside a sandbox, so that they stand in no other test's registry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from kouan.kernel.errors import Refused
from kouan.kernel.events import Event
from kouan.kernel.handlers import Follower, Handler, Job, Told
from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.port import Port
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import Reference, reference_kind
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text

for _name in ("thing", "box", "dossier", "remark", "quota", "draw", "case", "org"):
    reference_kind(_name, Text(f"{_name}类", _name), normal=str.lower if _name == "org" else lambda t: t.strip().upper())
reference_kind("human", Text("人", "Human"), personal=True)

BoxRef = Annotated[str, Reference("box")]
ThingRef = Annotated[str, Reference("thing")]
QuotaRef = Annotated[str, Reference("quota")]
HumanRef = Annotated[str, Reference("human")]
OrgRef = Annotated[str, Reference("org")]
T = Text("文", "text")


def facts(name: str, key: tuple[str, ...], parties: tuple[Party, ...], filers: tuple[str, ...], **more: Any) -> Facts:
    return Facts(name=f"test.store.{name}", title=T, summary=T, clause="7.2.1", kind=more.pop("kind", "filing"),
                 ref=name, key=key, parties=parties, filers=filers, retention=1, **more)  # fmt: skip


class Line(Part):
    """A nested part."""

    box: BoxRef | None = field("箱", "Box", default=None)
    human: HumanRef | None = field("人", "Human", default=None)
    text: str = field("文", "Text", default="")


class Thing(Record):
    """A record with a filterable field of every type."""

    facts: ClassVar[Facts] = facts(
        "thing", ("@filer", "number"),
        (Party.filer("owner"), Party.kind("border"), Party.kind("customs", "number", "count", "boxes"),
         Party.field("partner", "partner", "number", "amount", "secret")),
        ("trader", "agent"),
    )  # fmt: skip
    number: str = field("号", "Number", filter=True, min_length=1, max_length=40, example="N-1")
    colour: Literal["red", "green", "odd"] = field("色", "Colour", filter=True, default="red")
    text: str | None = field("文", "Text", filter=True, default=None, max_length=2000)
    count: int | None = field("数", "Count", filter=True, default=None)
    size: float | None = field("长", "Size", filter=True, unit="m", default=None)
    amount: Decimal | None = field("额", "Amount", filter=True, default=None)
    at: datetime | None = field("时", "At", filter=True, default=None)
    day: date | None = field("日", "Day", filter=True, default=None)
    ok: bool | None = field("可", "Ok", filter=True, default=None)
    boxes: tuple[BoxRef, ...] = field("箱", "Boxes", filter=True, default=())
    parent: ThingRef | None = field("属", "Parent", filter=True, default=None)
    lines: tuple[Line, ...] = field("行", "Lines", default=())
    secret: str | None = field("密", "Secret", level=2, default=None)
    partner: OrgRef | None = field("伴", "Partner", filter=True, default=None)


class Dossier(Record):
    """A record with fields of level 3 and 4 about a person."""

    facts: ClassVar[Facts] = facts(
        "dossier", ("@filer", "number"),
        (Party.filer("owner"), Party.kind("border"), Party.kind("customs", "number", "remark")),
        ("agent", "border"), subject="person",
    )  # fmt: skip
    number: str = field("号", "Number", filter=True, max_length=40)
    person: HumanRef | None = field("人", "Person", level=2, default=None)
    name: str | None = field("名", "Name", level=3, default=None, max_length=80)
    code: str | None = field("码", "Code", level=4, filter=True, default=None, max_length=80)
    remark: str | None = field("注", "Remark", default=None)


class Remark(Record):
    """A report about another record, read by whoever reads that one."""

    facts: ClassVar[Facts] = facts(
        "remark", ("@filer", "about", "text"), (Party.filer("author"), Party.like("concerned", "about", "about", "text")),
        ("*",), kind="report", amendable=False,
    )  # fmt: skip
    about: Annotated[str, Reference("*")] = field("关于", "About", filter=True)
    text: str = field("文", "Text", max_length=40)
    inner: str | None = field("内", "Inner", default=None)


class Quota(Record):
    """An amount that may not be overdrawn."""

    facts: ClassVar[Facts] = facts("quota", ("code",), (Party.filer("keeper"), Party.everyone()), ("customs",), kind="state")
    code: str = field("码", "Code", filter=True)
    total: int = field("总", "Total")


class Draw(Record):
    """Something taken from a quota; the quota's row is locked while it is judged."""

    facts: ClassVar[Facts] = facts("draw", ("number",), (Party.filer("taker"), Party.kind("customs")), ("trader", "agent"))
    number: str = field("号", "Number", filter=True)
    quota: QuotaRef = field("额度", "Quota", filter=True)
    taken: int = field("取", "Taken", ge=1)


class Case(Record):
    """A record with two parallel tracks."""

    facts: ClassVar[Facts] = facts(
        "case", ("number",), (Party.filer("applicant"), Party.kind("customs"), Party.kind("border")), ("trader", "customs")
    )
    number: str = field("号", "Number", filter=True)
    quota: QuotaRef | None = field("额度", "Quota", default=None)
    verdict: str | None = field("结论", "Verdict", filter=True, default=None, max_length=20)
    grade: int | None = field("级", "Grade", default=None, le=5)


STATES = {"open": Text("办理中", "Open"), "done": Text("已办结", "Done"), "shut": Text("已关闭", "Shut")}


class CaseLife(Lifecycle):
    code = "test.store.case"
    tracks = (
        Track(
            name="customs", title=T, owner="customs", start="open", states=STATES, final=("done",),
            within={"open": timedelta(hours=48)},
            actions=(
                Action(name="finish", title=T, to="done", by=("customs",), frm=("open",), rules_at="close",
                       receipt="accepted", sets=("verdict", "grade")),
                Action(name="reopen", title=T, to="open", by=("customs",), frm=("done",)),
            ),
        ),
        Track(
            name="border", title=T, owner="border", start="open", states=STATES, final=("done", "shut"),
            within={"open": timedelta(hours=1)},
            actions=(
                Action(name="finish", title=T, to="done", by=("border",), frm=("open",)),
                Action(name="shut", title=T, to="shut", by=("*",), frm=("open",)),
                Action(name="recall", title=T, to="shut", by=("@filer",), frm=("open",)),
            ),
        ),
    )  # fmt: skip

    @classmethod
    def overall(cls, states: Any) -> str:
        return "done" if set(states.values()) <= {"done", "shut"} else "open"


class NotTooMany(Rule):
    code, at, of, title, clause = "T1", "filing", "test.store.thing", T, "7.2.1"
    severity, owner = "refuse", "trader"

    def judge(self, record: Thing, found: Found) -> Unmet | None:
        many = record.count is not None and record.count > 1_000_000
        return Unmet(Text("太多", "Too many"), "count") if many else None


class OddColour(Rule):
    code, at, of, title, clause = "T2", "filing", "test.store.thing", T, "7.2.1"
    severity, owner = "warn", "trader"

    def judge(self, record: Thing, found: Found) -> Unmet | None:
        return Unmet(Text("颜色奇怪", "An odd colour"), "colour") if record.colour == "odd" else None


class BlowsUp(Rule):
    """A fault of a rule itself, as nobody foresees it."""

    code, at, of, title, clause = "T3", "filing", "test.store.thing", T, "7.2.1"
    severity, owner = "refuse", "trader"

    def judge(self, record: Thing, found: Found) -> Unmet | None:
        if record.number.startswith("BOOM"):
            raise RuntimeError("a rule blew up")
        return None


class NotOverdrawn(Rule):
    code, at, of, title, clause = "T4", "filing", "test.store.draw", T, "7.2.1"
    severity, owner = "refuse", "customs"

    def needs(self, record: Draw, filer: str) -> Iterable[Need]:
        return (Need("test.store.quota", key=record.quota.partition(":")[2], lock=True),
                Need("test.store.draw", ref=record.quota))  # fmt: skip

    def judge(self, record: Draw, found: Found) -> Unmet | None:
        lock, drawn = self.needs(record, "")
        quotas = found.of(lock)
        if not quotas:
            return Unmet(Text("没有该额度", "No such quota"), "quota")
        taken = sum(kept.data.taken for kept in found.of(drawn))
        over = taken + record.taken > quotas[0].data.total
        return Unmet(Text("超出额度", "Over the quota"), "taken") if over else None


class OnlyOneCloses(Rule):
    """One case of a quota may be done at a time: judged on locked facts when an action closes a case."""

    code, at, of, title, clause = "T5", "close", "test.store.case", T, "7.2.1"
    severity, owner = "hold", "customs"
    within = timedelta(hours=4)

    def needs(self, record: Case, filer: str) -> Iterable[Need]:
        if record.quota is None:
            return ()
        return (Need("test.store.quota", key=record.quota.partition(":")[2], lock=True),
                Need("test.store.case", ref=record.quota))  # fmt: skip

    def judge(self, record: Case, found: Found) -> Unmet | None:
        if record.quota is None:
            return None
        _, cases = self.needs(record, "")
        done = [kept for kept in found.of(cases) if kept.tracks["customs"]["state"] == "done"]
        return Unmet(Text("已有一件办结", "Another one is done"), "quota") if done else None


HANDLED: list[Event] = []
FAULTS: dict[str, list[Exception]] = {}
PAUSES: dict[str, float] = {}


class Hears(Handler):
    """Notes what it hears; fails or pauses as a test tells it, by the number of the record's reference."""

    code, title, on = "test.hears", T, ("test.store.thing:*", "test.store.case:overdue")
    attempts = 3

    async def handle(self, event: Event, port: Port) -> None:
        mark = event.ref.rpartition("/")[2]
        await asyncio.sleep(PAUSES.get(mark, 0))
        if FAULTS.get(mark):
            raise FAULTS[mark].pop(0)
        HANDLED.append(event)


class HearsToo(Handler):
    """A second listener to the same topic, which another's failures do not hold up."""

    code, title, on = "test.hears_too", T, ("test.store.thing:filed",)
    heard: ClassVar[list[str]] = []

    async def handle(self, event: Event, port: Port) -> None:
        self.heard.append(event.ref)


class Follows(Follower):
    """Notes what it is told, batch by batch; cannot follow the records that a test names."""

    code, title = "test.follows", T
    attempts = 3
    told: ClassVar[list[list[Told]]] = []
    poison: ClassVar[set[str]] = set()
    idle: ClassVar[list[bool]] = []

    @classmethod
    def topics(cls) -> tuple[str, ...]:
        return ("test.store.thing:filed", "test.store.thing:amend")

    async def heeds(self, port: Port) -> bool:
        return not self.idle

    async def follow(self, told: Sequence[Told], port: Port) -> None:
        if self.poison & {one.record_id for one in told}:
            raise RuntimeError("poison")
        self.told.append(list(told))


RUNS: list[str] = []


class Often(Job):
    code, title, every = "test.often", T, timedelta(0)

    async def run(self, port: Port) -> None:
        RUNS.append(self.code)


class Rests(Job):
    code, title, every, rests = "test.rests", T, timedelta(seconds=1), timedelta(hours=1)

    async def run(self, port: Port) -> bool:
        RUNS.append(self.code)
        return "waits" in FAULTS


class Seldom(Job):
    code, title, every = "test.seldom", T, timedelta(hours=1)

    async def run(self, port: Port) -> None:
        RUNS.append(self.code)
        if "fail" in FAULTS:
            raise Refused(T)
