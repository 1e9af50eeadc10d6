"""What the desk shows: targeted declarations with one thing to do next, and the hit rate of everything that selects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from kouan.base.declaration.api import Declaration
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.rules import Kept, Need, rules_at
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.facts import kept_of, load
from kouan.kernel.store.finding import equal
from kouan.kernel.text import Text
from kouan.supervision.inspection.api import AGENCIES, CLASSES, WAITING, InspectionOrder
from kouan.supervision.targeting import store
from kouan.supervision.targeting.feedback import Rate, rate
from kouan.supervision.targeting.profiles import Profile
from kouan.supervision.targeting.records import Assessment

DECLARATION, ASSESSMENT, ORDER = Declaration.facts.name, Assessment.facts.name, InspectionOrder.facts.name
OPEN = ("targeted", "inspected", "held")
Kind = Literal["all", "rule", "profile", "random", "officer"]
ALL = Text("全部布控", "All selections")
RANDOM = Text("随机抽取", "At random")
OFFICER = Text("人工布控", "By officers")
PLAN = Text("安排联合查验", "Plan the joint inspection")
FETCH = Text("催促码头调箱", "Ask the terminal for the box")
ENTER = Text("录入{who}查验结果", "Enter the result of {who}")
DECIDE = Text("按“{outcome}”作出处理决定", "Decide on the goods: {outcome}")
RELEASE = Text("查看放行还缺什么", "See what release still waits for")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of hit rates: what selects, and how often inspections of it found something."""

    kind: Kind
    code: str
    title: Text
    rate: Rate


def suggested(declaration: Kept, order: Kept | None) -> tuple[Text, str]:
    """The one thing to do next about a targeted declaration, and the page where it is done."""
    here = f"/records/base/declaration/declaration/{declaration.id}"
    if order is None:
        return PLAN, "/supervision/inspection"
    assert isinstance(order.data, InspectionOrder)
    visit = f"/supervision/inspection/{order.id}"
    if order.state == "finished":
        if order.data.result == "release":
            return RELEASE, here
        return _with(DECIDE, "outcome", CLASSES[str(order.data.result)]), here
    if order.tracks["terminal"]["state"] in ("planned", "notified"):
        return FETCH, visit
    waited = next((title for kind, title in AGENCIES.items() if order.tracks[kind]["state"] == WAITING), AGENCIES["customs"])
    return _with(ENTER, "who", waited), visit


def _with(text: Text, name: str, word: Text) -> Text:
    return Text(text.zh.format(**{name: word.zh}), text.en.format(**{name: word.en.lower()}))


async def worklist(port: Port, who: Principal, limit: int) -> list[dict[str, Any]]:
    """The declarations that stand as targeted, inspected or held, the highest score first, each with its reasons."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await equal(conn, Declaration, {"office": port.site.office}, states=OPEN, newest=True, limit=limit)
        kept = [kept_of(DECLARATION, row, port.orgs) for row in rows]
        needs = [Need(name, ref=one.ref, most=20) for one in kept for name in (ASSESSMENT, ORDER)]
        found = await load(conn, needs, port.orgs)
    items = [
        _item(one, *(found.get(Need(name, ref=one.ref, most=20), ()) for name in (ASSESSMENT, ORDER))) for one in kept
    ]
    return sorted(items, key=lambda item: (-item["score"], item["since"]))


def _item(declared: Kept, assessed: Sequence[Kept], orders: Sequence[Kept]) -> dict[str, Any]:
    said = next((one.data for one in assessed if isinstance(one.data, Assessment)), None)
    order = next((one for one in orders if isinstance(one.data, InspectionOrder) and one.data.declaration == declared.ref), None)
    action, href = suggested(declared, order)
    assert isinstance(declared.data, Declaration)
    return {
        "id": declared.id,
        "ref": declared.ref,
        "number": declared.data.functional_reference,
        "declarant": declared.data.declarant,
        "containers": list(declared.data.containers),
        "state": declared.state,
        "since": str(declared.tracks["customs"]["since"]),
        "score": said.score if said else 0.0,
        "chosen": said.chosen if said and said.outcome == "targeted" else "officer",
        "reasons": [
            {"rule": one.rule, "reason": {"zh": one.zh, "en": one.en}, "score": one.score, "agency": one.agency}
            for one in (said.reasons if said else ())
        ],
        "order": order.ref if order else None,
        "action": action.out(),
        "href": href,
    }


async def rates(port: Port, who: Principal, days: int) -> tuple[datetime, list[Line]]:
    """The hit rate of all selections, of chance, of officers, and of each rule and profile, since so many days ago."""
    since = now() - timedelta(days=days)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        selected, found = await store.selected(conn, since), await store.found(conn, since)
        docs = [row.doc for row in await equal(conn, Profile, {}, newest=True, limit=2000)]
    titles = {f"{doc['code']}/{doc['edition']}": Text(doc["title_zh"], doc["title_en"]) for doc in docs}
    return since, lines(selected, found, {rule.code: rule.title for rule in rules_at("target", DECLARATION)}, titles)


def lines(
    selected: Mapping[str, int], found: Mapping[str, tuple[int, int]], rules: Mapping[str, Text], profiles: Mapping[str, Text]
) -> list[Line]:
    """The rows: the three ways of selecting, then whatever spoke, the most selections first."""

    def line(kind: Kind, code: str, title: Text) -> Line:
        inspected, hits = found.get(code, (0, 0))
        return Line(kind, code, title, rate(max(selected.get(code, 0), inspected), inspected, hits))

    fixed = [line("all", "", ALL), line("random", "random", RANDOM), line("officer", "officer", OFFICER)]
    names = (selected.keys() | found.keys()) - {"", "random", "officer"}
    rest = [
        line("profile", name, profiles.get(name, Text(name, name)))
        if "/" in name
        else line("rule", name, rules.get(name, Text(name, name)))
        for name in names
    ]
    return fixed + sorted(rest, key=lambda one: (-one.rate.selected, one.code))


def row_out(one: Line) -> dict[str, Any]:
    """A row of hit rates as it is answered."""
    said = one.rate
    return {
        "kind": one.kind, "code": one.code, "title": one.title.out(), "selected": said.selected, "inspected": said.inspected,
        "hits": said.hits, "rate": said.rate, "low": said.low, "high": said.high,
    }  # fmt: skip

