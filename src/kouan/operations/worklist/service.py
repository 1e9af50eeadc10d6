"""A caller's work list: from lifecycles, from registered sources, or one suggestion when nothing waits."""

from __future__ import annotations

from datetime import timedelta

from kouan.kernel.clock import now
from kouan.kernel.database import Connection, scope
from kouan.kernel.port import Port
from kouan.kernel.principal import ADMINS, Principal
from kouan.kernel.records import Record, record_types
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text
from kouan.operations.worklist import lives, store
from kouan.operations.worklist.item import Act, WorkItem, address, sources

MOST = 50
FILERS = ("trader", "agent", "carrier", "trucker")
NOTHING = Text("目前没有等待您处理的事项", "Nothing waits for you at the moment")
FILE_ONE = Text("填报{what}", "File: {what}")
CALM = Text("没有需要管理员处理的事项", "Nothing needs an administrator")
SEE_HEALTH = Text("查看运行状况", "See the platform's health")
DEAD = Text("{n} 个任务多次失败，已停止重试", "{n} tasks failed again and again and are not tried any more")
DEAD_WHY = Text("平台内的后续处理没有完成", "Work of the platform itself was not done")
DENIED = Text("近一天有 {n} 次越权访问被拒绝", "{n} attempts beyond entitlement were denied in the last day")
DENIED_WHY = Text("请在审计记录中核查", "Look at them in the audit trail")
REFUSED = Text("一份 {format} 报文未被受理", "Message not accepted: {format}")
REFUSED_WHY = Text("报文在隔离区，到期删除；请更正后重新提交", "It is in quarantine until it expires; correct it and send it again")
SEE = Text("查看原因", "See why")
SEE_TRAIL = Text("核查审计记录", "Look at the audit trail")
TRAIL = "/base/identity/audit"


async def worklist(port: Port, who: Principal) -> list[WorkItem]:
    """What needs the caller, the soonest due first, at most fifty lines."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        if who.roles and who.roles <= ADMINS:
            return await _administrators(conn, who)
        items = await _business(conn, port, who)
    items.sort(key=lambda item: (item.due is None, item.due or now()))
    return items[:MOST] or _suggestion(who)


async def _business(conn: Connection, port: Port, who: Principal) -> list[WorkItem]:
    special = sources()
    items: list[WorkItem] = []
    for cls, life in lives.lived():
        if cls.facts.name not in special:
            items += await lives.waiting(conn, cls, life, who)
        items += await lives.sent_back(conn, cls, life, who)
    for source in special.values():
        items += await source(conn, port, who)
    return items + await _quarantined(conn, who)


async def _quarantined(conn: Connection, who: Principal) -> list[WorkItem]:
    rows = await store.refused(conn, who.org, now())
    act = Act(SEE, href="/base/intake")
    return [WorkItem(REFUSED.fill(format=row["format"]), REFUSED_WHY, act, due=row["expires"]) for row in rows]


def _suggestion(who: Principal) -> list[WorkItem]:
    """One thing to file for those who file, when nothing waits for them: what hangs on nothing else comes first."""
    if who.kind not in FILERS or not who.writes:
        return []
    own = [cls for cls in record_types() if cls.facts.kind == "filing" and cls.facts.filers[0] == who.kind]
    if not own:
        return []
    cls = min(own, key=_hangs_on)
    title = Text(FILE_ONE.zh.format(what=cls.facts.title.zh), FILE_ONE.en.format(what=cls.facts.title.en.lower()))
    act = Act(title, href=address(cls.facts.name, "new"))
    return [WorkItem(title, NOTHING, act, record=cls.facts.name)]


def _hangs_on(cls: type[Record]) -> int:
    return sum(bool(facts.reference) and cls.model_fields[name].is_required() for name, facts in cls.fields.items())


async def _administrators(conn: Connection, who: Principal) -> list[WorkItem]:
    items: list[WorkItem] = []
    if "system-admin" in who.roles and (dead := await store.dead(conn)):
        items.append(WorkItem(DEAD.fill(n=dead), DEAD_WHY, Act(SEE_HEALTH, href="/health")))
    if "audit-admin" in who.roles:
        since = now() - timedelta(days=1)
        if denied := await store.denied(conn, since):
            items.append(WorkItem(DENIED.fill(n=denied), DENIED_WHY, Act(SEE_TRAIL, href=TRAIL)))
    return items or [WorkItem(CALM, NOTHING, Act(SEE_HEALTH, href="/health"))]
