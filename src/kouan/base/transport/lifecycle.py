"""The lives of papers of title: a bill has one holder and is given up once; a delivery order lets each box go once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kouan.base.transport.records.document import Document
from kouan.base.transport.records.papers import DeliveryOrder
from kouan.kernel.clock import stamp
from kouan.kernel.errors import Conflict, Denied, Refused
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.records import Record
from kouan.kernel.references import make
from kouan.kernel.text import Text

HELD, SURRENDERED, UNTITLED = "held", "surrendered", "untitled"
ISSUED, PART, COLLECTED, CANCELLED = "issued", "part", "collected", "cancelled"
NOT_HOLDER = Text("只有当前持有人可以办理", "Only its present holder may do this")
NOT_ISSUER = Text("只有签发人可以办理", "Only its issuer may do this")
NO_HOLDER = Text("请写明新的持有人（org:机构简称）", "State the new holder (org:short name)")
NO_BOX = Text("请写明所提的集装箱，且只写一个", "State the container that is fetched, one at a time")
NOT_ON = Text("集装箱 {box} 不在这份提货单上", "The container {box} is not on this delivery order")
TWICE = Text("集装箱 {box} 已凭这份提货单提走", "The container {box} was fetched by this delivery order before")
LAPSED = Text("提货单已过有效期", "The delivery order is no longer valid")
LAST = Text("这是最后一箱，请用“提清”", "This is the last container: use “fetch the last”")
NOT_LAST = Text("还有其他集装箱未提，请用“提箱”", "Other containers are still to be fetched: use “fetch”")

TITLE = Track(
    name="title", title=Text("物权", "Title"), owner="carrier", start=HELD, final=(SURRENDERED, UNTITLED),
    states={
        HELD: Text("持有人持有", "Held"), SURRENDERED: Text("已换单或放货", "Given up for the goods"),
        UNTITLED: Text("不是物权凭证", "No document of title"),
    },
    actions=(
        Action(name="endorse", title=Text("背书转让", "Endorse to another holder"), frm=(HELD,), to=HELD, by=("*",), sets=("holder",)),
        Action(name="surrender", title=Text("交单换提货单", "Give up for a delivery order"), frm=(HELD,), to=SURRENDERED, by=("*",)),
    ),
)  # fmt: skip
PICKUP = Track(
    name="pickup", title=Text("提货", "Pick-up"), owner="terminal", start=ISSUED, final=(COLLECTED, CANCELLED),
    states={
        ISSUED: Text("可提货", "Goods may be fetched"), PART: Text("已提部分", "Fetched in part"),
        COLLECTED: Text("已提清", "All fetched"), CANCELLED: Text("已作废", "Cancelled"),
    },
    actions=(
        Action(name="assign", title=Text("转给提货人", "Hand on to another holder"), frm=(ISSUED,), to=ISSUED, by=("*",),
               sets=("holder",)),
        Action(name="collect", title=Text("提箱", "Fetch"), frm=(ISSUED, PART), to=PART, by=("terminal",), sets=("collected",)),
        Action(name="finish", title=Text("提清", "Fetch the last"), frm=(ISSUED, PART), to=COLLECTED, by=("terminal",),
               sets=("collected",)),
        Action(name="cancel", title=Text("作废", "Cancel"), frm=(ISSUED,), to=CANCELLED, by=("carrier", "agent")),
    ),
)  # fmt: skip


class DocumentLife(Lifecycle):
    """Only bills of title begin as held; the row is locked while its holder changes, so there is never a second one."""

    code = Document.facts.name
    tracks = (TITLE,)

    @classmethod
    def begin(cls, record: Record) -> Mapping[str, str]:
        """Waybills and consignment notes give no title."""
        assert isinstance(record, Document)
        return {TITLE.name: HELD if record.title != "none" else UNTITLED}

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """The holder alone hands the bill on or gives it up."""
        given = super().change(track, action, step)
        _holds(step)
        return _handed(step, given) if action.name == "endorse" else given


class DeliveryOrderLife(Lifecycle):
    """The holder hands it on; the terminal lets each container go once; the issuer may cancel what was not begun."""

    code = DeliveryOrder.facts.name
    tracks = (PICKUP,)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """What was fetched is added to what was fetched before; who and when is the platform's word."""
        given = super().change(track, action, step)
        if action.name == "assign":
            _holds(step)
            return _handed(step, given)
        if action.name == "cancel":
            if step.before.get("issuer") != f"org:{step.who.slug}":
                raise Denied(NOT_ISSUER, rule=action.name)
            return given
        return {"collected": _fetched(action.name, step, given.get("collected"))}


def _holds(step: Step) -> None:
    if step.before.get("holder") != f"org:{step.who.slug}":
        raise Denied(NOT_HOLDER, rule="holder", code="not_holder")


def _handed(step: Step, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The new holder; who held before stays on the paper, and goes on seeing what became of it."""
    return {"holder": _named(given), "holders": [*(step.before.get("holders") or ()), step.before["holder"]]}


def _named(given: Mapping[str, Any]) -> str:
    try:
        return make("org", str(given["holder"]))
    except (KeyError, ValueError):
        raise Refused(NO_HOLDER, field="holder", rule="holder", code="holder_missing") from None


def _fetched(action: str, step: Step, given: Any) -> list[Mapping[str, Any]]:
    box, vehicle = _one(given)
    before = list(step.before.get("collected") or ())
    gone = {one["container"] for one in before}
    if box not in step.before["containers"]:
        raise Refused(NOT_ON.fill(box=box.partition(":")[2]), field="collected", rule="collect", code="container_not_on_order")
    if box in gone:
        raise Conflict(TWICE.fill(box=box.partition(":")[2]), field="collected", rule="collect", code="container_fetched")
    until = step.before.get("valid_until")
    if until and step.at > datetime.fromisoformat(str(until)):
        raise Conflict(LAPSED, field="valid_until", rule="collect", code="order_lapsed")
    last = set(step.before["containers"]) <= {*gone, box}
    if last != (action == "finish"):
        raise Conflict(LAST if last else NOT_LAST, field="collected", rule=action, code="order_last" if last else "order_not_last")
    return [*before, {"container": box, "at": stamp(step.at), "vehicle": vehicle, "by": step.who.user[:80]}]


def _one(given: Any) -> tuple[str, str | None]:
    """The one container, and the vehicle, of what the caller gave: a reference, or `{container, vehicle}`."""
    parts = given if isinstance(given, list | tuple) else [given]
    part = parts[0] if len(parts) == 1 else None
    box = part.get("container") if isinstance(part, Mapping) else part
    vehicle = part.get("vehicle") if isinstance(part, Mapping) else None
    try:
        return make("container", str(box) if box else ""), make("vehicle", str(vehicle)) if vehicle else None
    except ValueError:
        raise Refused(NO_BOX, field="collected", rule="collect", code="container_missing") from None
