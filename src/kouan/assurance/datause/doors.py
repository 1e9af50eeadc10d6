"""Who watches over the use of data, and that looking at it is on record, too."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request

from kouan.base.identity.api import request_id
from kouan.kernel.audit import Entry
from kouan.kernel.errors import Denied, Refused
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.text import Text

GUARDS = frozenset({"security-admin", "audit-admin"})
KEEPER = "portoffice"
"""The office whose officers handle the alarms."""
ONLY = Text("仅安全管理员、审计管理员和口岸办值班人员可以查看", "Only the security and audit administrators and the port office's officers see this")
NOT_IN_TIME = Text("结束时间早于开始时间", "The end lies before the beginning")


def watches(who: Principal) -> bool:
    """Whether a caller watches over the use of data."""
    return bool(GUARDS & who.roles) or (who.kind == KEEPER and who.writes)


def only(who: Principal) -> None:
    """Raises Denied unless the caller watches over the use of data."""
    if not watches(who):
        raise Denied(ONLY, rule="role")


async def looked(port: Port, request: Request, who: Principal, action: str, ref: str) -> None:
    """Whoever looks at what others read is on record, too."""
    await port.audit.write(Entry.of(who, action, "allowed", ref=ref, level=2, request=request_id(request)))


def span(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """A span as PostgreSQL can hold it; Refused when it ends before it begins."""
    begins, ends = _kept(since), _kept(until)
    if ends < begins:
        raise Refused(NOT_IN_TIME, field="until", rule="span", code="span")
    return begins, ends


def _kept(moment: datetime) -> datetime:
    # PostgreSQL's calendar is as wide as ours, but a zone may push the first and last days out of ours.
    return moment if 1 < moment.year < 9999 else moment.replace(year=min(max(moment.year, 2), 9998))
