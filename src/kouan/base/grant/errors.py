"""The failures of shared data."""

from __future__ import annotations

from kouan.kernel.errors import Denied, NotFound, Refused
from kouan.kernel.records import Record
from kouan.kernel.text import Text

NO_GRANT = Text(
    "没有对该数据的有效授权；请在数据资源目录中申请，由数据提供方批准",
    "You hold no grant in force for these data; apply for one in the data catalogue, their owner approves it",
)
UNKNOWN = Text("没有这种记录类型", "There is no such record type")
OUTSIDE = Text("该字段不在授权范围内，不能用于筛选", "This field is outside the grant and cannot be filtered by")
TOO_MANY = Text(
    "对该类数据的有效授权过多，请用 grantor 参数指定提供方",
    "Too many grants are in force for these data: name the owner by the parameter grantor",
)


def no_grant(cls: type[Record]) -> Denied:
    """No grant in force covers what was asked for; the same whether the record is there or not."""
    apply = {"method": "POST", "path": f"/api/catalogue/entries/record:{cls.facts.name}/apply"}
    return Denied(NO_GRANT, rule=cls.facts.name, code="no_grant", apply=apply)


def unknown_type() -> NotFound:
    """No record type of that name is read by doors."""
    return NotFound(UNKNOWN, field="record", rule="record", code="record_unknown")


def outside(name: str) -> Refused:
    """A filter by what the caller was not granted would tell it."""
    return Refused(OUTSIDE, field=name, rule="grant", code="filter.outside")


def too_many() -> Refused:
    """More grants than one answer can be made of."""
    return Refused(TOO_MANY, field="grantor", rule="grant", code="too_many_grants")
