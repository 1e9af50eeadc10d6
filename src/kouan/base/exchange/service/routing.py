"""Routes that organisations set for their own systems: what is told, as which message, under which condition."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kouan.base.exchange.outgoing import FORMS, Message, Unwritable, forms_of, written
from kouan.base.exchange.service import packing
from kouan.base.exchange.service.outbox import NONE
from kouan.base.exchange.service.parties import settable
from kouan.base.exchange.service.subsets import Wanted
from kouan.base.exchange.store import routes
from kouan.base.exchange.store.routes import Route
from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound, Refused
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import by_ids
from kouan.kernel.text import Text

NO_ROUTE = Text("没有这条路由", "There is no such route")
NOT_TOLD = Text("该连接器不分送这种记录", "This connector does not tell records of this type")
NO_FORM = Text("该记录不能以这种格式发送", "Records of this type do not go out in this form")
NO_FIELD = Text("该记录没有这个可作条件的字段", "This record type has no such field to route by")
MISSING = Text("没有这条记录，或您无权查看", "There is no such record, or it is not yours to see")
UNWRITABLE = Text("您可见的内容不足以写成这种报文", "What you may see does not fill a message of this form")


async def listed(port: Port, who: Principal) -> list[dict[str, Any]]:
    """The caller's organisation's routes; all of them for the port office."""
    async with scope(port.pool, scope_of(who)) as conn:
        found = await routes.every(conn)
    mine = [one for one in found.values() if one.org == who.org or who.kind == "portoffice"]
    return [_shape(port, one) for one in sorted(mine, key=lambda one: (one.connector, one.org, one.record))]


async def put(port: Port, who: Principal, connector: str, record: str, asked: Route) -> dict[str, Any]:
    """Set a route of the caller's organisation. Raises NotFound, Denied or Refused.

    It widens nothing: only what the organisation is a reader of is told, in its part.
    """
    word = settable(who, connector)
    if record not in word.tells:
        raise Refused(NOT_TOLD, field="record", rule="route", code="route.record")
    if asked.form not in (NONE, *forms_of(record)):
        raise Refused(NO_FORM, field="form", rule="route", code="route.form")
    if asked.field and not _routable(record_type(record), asked.field):
        raise Refused(NO_FIELD, field="field", rule="route", code="route.field")
    route = Route(connector, who.org, record, asked.form, asked.field, asked.value)
    readers = [PLATFORM.org, who.org, *port.orgs.of_kind("portoffice")]
    async with scope(port.pool, scope_of(who)) as conn:
        await routes.put(conn, route, who.user, readers)
    return _shape(port, route)


def _routable(cls: type[Record], field: str) -> bool:
    """Fields of level 1 and 2 only: a route must not tell by its effect what its owner may not read."""
    return field in cls.fields and cls.fields[field].level <= 2


async def drop(port: Port, who: Principal, connector: str, record: str) -> None:
    """Forget a route; the connector's own way holds again. NotFound when there was none."""
    settable(who, connector)
    async with scope(port.pool, scope_of(who)) as conn:
        if not await routes.drop(conn, connector, who.org, record):
            raise NotFound(NO_ROUTE)


def _shape(port: Port, route: Route) -> dict[str, Any]:
    return {
        "connector": route.connector, "org": port.orgs.slug(route.org), "record": route.record, "form": route.form,
        "field": route.field or None, "value": route.value or None,
    }  # fmt: skip


async def message(port: Port, who: Principal, record: str, record_id: UUID, form: str) -> Message:
    """A kept record, as far as the caller sees it, as a message. Raises NotFound, or Refused when it does not fill one."""
    try:
        cls = record_type(record)
    except KeyError:
        raise NotFound(MISSING) from None
    if form not in FORMS or form not in forms_of(record):
        raise Refused(NO_FORM, field="form", rule="form", code="form.unknown")
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        row = next(iter(await by_ids(conn, cls, [record_id])), None)
        if row is None or not cls.facts.http:
            raise NotFound(MISSING)
        found = await packing.seen(conn, port, who, Wanted(record, row.id, row.version, row.org), row.ref, form)
    if found is None:
        raise NotFound(MISSING)
    fact, restricted = found
    if restricted:
        await port.audit.read(who, f"{record}:message", row.ref, 3)
    try:
        return written(form, fact)
    except Unwritable:
        raise Refused(UNWRITABLE, field="form", rule="form", code="form.unwritable") from None
