"""The nouns of identity: organisations, accounts, roles, and which of them may go together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from kouan.kernel.text import Text

AccountKind = Literal["person", "service"]

KINDS: dict[str, Text] = {
    "customs": Text("海关", "Customs"),
    "border": Text("边检机关", "Border inspection"),
    "maritime": Text("海事管理机构", "Maritime administration"),
    "transport": Text("交通运输主管部门", "Transport authority"),
    "portoffice": Text("口岸管理部门", "Port office"),
    "terminal": Text("码头经营人", "Terminal operator"),
    "carrier": Text("承运人", "Carrier"),
    "agent": Text("船舶代理", "Ship's agent"),
    "trader": Text("收发货人", "Trader"),
    "trucker": Text("集装箱运输企业", "Trucking firm"),
    "bank": Text("金融机构", "Financial institution"),
    "partner": Text("互联平台", "Partner platform"),
}
"""Kinds of organisations that can be made; `platform` (the keeper itself) is not among them."""

AUTHORITIES = frozenset({"customs", "border", "maritime", "transport", "portoffice"})

ROLES: dict[str, Text] = {
    "officer": Text("执法或管理人员", "Officer"),
    "clerk": Text("申报员", "Clerk"),
    "operator": Text("操作员", "Operator"),
    "viewer": Text("查看人员", "Viewer"),
    "system-admin": Text("系统管理员", "System administrator"),
    "security-admin": Text("安全管理员", "Security administrator"),
    "audit-admin": Text("审计管理员", "Audit administrator"),
}

SITE = "portoffice"
"""The kind of organisation whose administrators look after the whole port; others look after their own."""

SERVICE = "service:auto"
"""Name of the account under which an organisation's automation acts; it has no password."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation. `id` stands in reader sets; `code` is its 统一社会信用代码 or agency code."""

    id: int
    slug: str
    kind: str
    title: Text
    code: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class Account:
    """A person or a service of one organisation. Times are UTC."""

    id: UUID
    org: int
    name: str
    title: Text
    kind: AccountKind
    roles: tuple[str, ...]
    clearance: int
    active: bool
    local: bool
    must_change: bool
    locked_until: datetime | None
    created: datetime
    changed: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """What may be shown of an API token: everything but the secret. Times are UTC."""

    id: UUID
    account: UUID
    name: str
    roles: tuple[str, ...] | None
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime
    last_used: datetime | None
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, as its owner sees it. Times are UTC; `seen` lags by up to half a minute."""

    id: UUID
    account: UUID
    via: str
    created: datetime
    seen: datetime
    expires: datetime
