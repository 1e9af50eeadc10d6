"""Reconciling what a lane let through alone: kept at its own time, and what contradicts the records is said (at = gate-offline).

The lane's decision stands as it was: the vehicle is through. Reports are idempotent by the lane's own number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from kouan.facilities.gate import permits, service, tokens
from kouan.facilities.gate.permit import REVOKED, OfflinePermit
from kouan.facilities.gate.records import Judgement, Passage
from kouan.facilities.gate.rules import LANE, lane_of
from kouan.kernel.errors import Conflict, Failure
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record
from kouan.kernel.references import make
from kouan.kernel.rules import Found, Kept, Need, Rule, Unmet, rules_at
from kouan.kernel.store.ops import Settling
from kouan.kernel.text import Text

MOMENT = "gate-offline"
PASSAGE, PERMIT = Passage.facts.name, OfflinePermit.facts.name
OTHERS = 20
CHANGED = Text("同一编号此前报告的内容不同", "Another content was told under this number before")


class OfflineRule(Rule):
    """Base of what is asked of a passage that a lane decided alone. It never changes the decision."""

    abstract = True
    at = MOMENT
    of = PASSAGE
    clause: ClassVar[str] = "HS/T 82 6.3"
    severity = "warn"
    owner = "terminal"

    def needs(self, record: Passage, filer: str) -> Iterable[Need]:
        """The permit, locked so that two reports of its use are judged one after the other."""
        yield Need(LANE, key=record.lane)
        if record.permit:
            yield permit_need(record.permit)


class PermitKnown(OfflineRule):
    """The permit was issued here, for this vehicle, these boxes and this direction."""

    code = "OFF-PERMIT"
    title = Text("通行证真实且相符", "Permit is genuine and fits")

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Speaks of a permit that is none, or another's."""
        permit = permit_of(record, found)
        if permit is None:
            return Unmet(Text("没有有效签名的通行证", "There is no permit with a valid signature"), "permit")
        if permit.vehicle == record.vehicle and set(record.containers) == set(permit.containers) and permit.direction == record.direction:
            return None
        return Unmet(Text("车牌、箱号或方向与通行证不符", "Plate, containers or direction are not the permit's"), "permit")


class PermitStood(OfflineRule):
    """A permit revoked before its use opened a barrier that did not know it yet."""

    code = "OFF-REVOKED"
    title = Text("使用时未被撤销", "Not revoked when used")

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Speaks when the revocation came before the passage."""
        kept = kept_permit(record, found)
        permit = permit_of(record, found)
        if kept is None or permit is None or kept.state != REVOKED or permit.revoked_at is None or permit.revoked_at > record.at:
            return None
        at = f"{permit.revoked_at:%Y-%m-%d %H:%M:%S} UTC"
        return Unmet(Text(f"通行证已于 {at} 撤销", f"The permit was revoked at {at}"), "permit", kept.ref)


class PermitOnce(OfflineRule):
    """A permit lets through once; its booking, too."""

    code = "OFF-TWICE"
    title = Text("只使用一次", "Used once")

    def needs(self, record: Passage, filer: str) -> Iterable[Need]:
        """Other passages by this permit."""
        yield from super().needs(record, filer)
        if record.permit:
            yield Need(PASSAGE, ref=record.permit, most=OTHERS)

    def further(self, record: Passage, found: Found) -> Iterable[Need]:
        """Passages by the permit's booking."""
        permit = permit_of(record, found)
        if permit and permit.booking:
            yield Need(PASSAGE, ref=permit.booking, most=OTHERS)

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Speaks when another passage was let through by the permit or, online, by its booking."""
        permit = permit_of(record, found)
        by_booking = found.of(Need(PASSAGE, ref=permit.booking, most=OTHERS)) if permit and permit.booking else ()
        other = next(iter(_open(record, [*found.of(Need(PASSAGE, ref=record.permit or "", most=OTHERS)), *by_booking])), None)
        if other is None or not isinstance(other.data, Passage):
            return None
        at, lane = f"{other.data.at:%Y-%m-%d %H:%M:%S} UTC", other.data.lane
        return Unmet(Text(f"已于 {at} 在 {lane} 放行过", f"It was let through at {at} on {lane} as well"), "permit", other.ref)


class PermitInWindow(OfflineRule):
    """A permit is good in its window, by the lane's clock."""

    code = "OFF-WINDOW"
    title = Text("在有效期内使用", "Used in its window")

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Speaks of a use outside the window."""
        permit = permit_of(record, found)
        if permit is None or permit.opens <= record.at <= permit.closes:
            return None
        return Unmet(Text("在有效期之外使用", "Used outside its window"), "at")


def permit_need(ref: str) -> Need:
    """The permit by its reference, locked."""
    return Need(PERMIT, key=ref.partition(":")[2], lock=True)


def kept_permit(record: Passage, found: Found) -> Kept | None:
    """The permit of a passage as it is kept."""
    return next(iter(found.of(permit_need(record.permit))), None) if record.permit else None


def permit_of(record: Passage, found: Found) -> OfflinePermit | None:
    """The permit's content."""
    kept = kept_permit(record, found)
    return kept.data if kept and isinstance(kept.data, OfflinePermit) else None


def _open(record: Passage, kept: Iterable[Kept]) -> Iterator[Kept]:
    return (k for k in kept if isinstance(k.data, Passage) and k.data.decision == "open" and k.data.number != record.number)


def settled(record: Record, found: Found) -> Record:
    """The passage with what the records say of it; the lane's decision stands."""
    assert isinstance(record, Passage)
    permit, lane = permit_of(record, found), lane_of(record, found)
    said = [(rule, rule.judge(record, found)) for rule in rules_at(MOMENT, PASSAGE)]
    judgements = tuple(
        Judgement(
            rule=rule.code, met=unmet is None, severity=rule.severity, zh=(unmet.reason if unmet else rule.title).zh[:400],
            en=(unmet.reason if unmet else rule.title).en[:400], owner=rule.owner,
        )
        for rule, unmet in said
    )  # fmt: skip
    known = {"trucker": permit.trucker, "booking": permit.booking} if permit else {}
    return record.model_copy(update={"judgements": judgements, "place": lane.place if lane else None, **known})


SETTLING = Settling(MOMENT, settled)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a lane agent wrote into its log of one vehicle. `id`: its own number, the same at every report."""

    id: str
    token: str
    vehicle: str
    containers: tuple[str, ...]
    direction: Literal["in", "out"]
    at: datetime
    decision: Literal["open", "refuse"]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of an entry: its passage and the rules that contradict it; `failure` when it could not be kept."""

    id: str
    ref: str = ""
    repeated: bool = False
    contradictions: tuple[Judgement, ...] = ()
    failure: Failure | None = None


async def reconcile(port: Port, who: Principal, lane: str, entries: Iterable[Entry]) -> list[Reconciled]:
    """Keep what a lane decided alone, entry by entry, in order of event time. Raises NotFound for an unknown lane."""
    code = lane.strip().lower()
    await service.known_lane(port, lane)
    public = await permits.keys(port)
    return [await _one(port, who, code, entry, public) for entry in sorted(entries, key=lambda one: (one.at, one.id))]


async def _one(port: Port, who: Principal, lane: str, entry: Entry, public: Mapping[str, bytes]) -> Reconciled:
    data = _data(lane, entry, public)
    try:
        kept = (await port.file(who, [Draft(PASSAGE, data)], format="gate-offline", settling=SETTLING)).kept[0]
        repeated = False
    except Conflict:
        found = await port.find(PLATFORM, PASSAGE, key=str(data["number"]))
        if not found or not _same(found[0], data):
            return Reconciled(entry.id, failure=Conflict(CHANGED, field="id", rule="OFF-NUMBER", code="offline.changed"))
        kept, repeated = found[0], True
    except Failure as failure:
        return Reconciled(entry.id, failure=failure)
    assert isinstance(kept.data, Passage)
    await _used(port, kept.data)
    return Reconciled(entry.id, kept.ref, repeated, tuple(one for one in kept.data.judgements if not one.met))


def _data(lane: str, entry: Entry, public: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        permit: str | None = make("gatepass", tokens.read_permit(entry.token, public).number)
    except (tokens.BadToken, ValueError):
        permit = None
    return {
        "number": f"OFF-{lane}-{entry.id}", "lane": lane, "direction": entry.direction, "vehicle": entry.vehicle,
        "containers": list(entry.containers), "at": entry.at, "decision": entry.decision, "permit": permit, "offline": True,
    }  # fmt: skip


def _same(kept: Kept, data: Mapping[str, Any]) -> bool:
    stated = Passage.model_validate(data)
    names = ("vehicle", "containers", "direction", "at", "permit")
    return all(getattr(kept.data, name) == getattr(stated, name) for name in names)


async def _used(port: Port, passage: Passage) -> None:
    """The permit is used up; one that was used or revoked before stays what it is."""
    if passage.permit is None or passage.decision != "open":
        return
    for kept in await port.find(PLATFORM, PERMIT, key=passage.permit.partition(":")[2]):
        try:
            await port.act(PLATFORM, PERMIT, kept.id, "use")
        except Conflict:
            continue
