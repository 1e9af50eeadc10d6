"""The shape of a built query: from, join, where, select, group, aggregate, sort, limit."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

RecordName = Annotated[str, StringConstraints(min_length=5, max_length=120, pattern=r"^[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+$")]
Alias = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]{0,40}$")]
ColumnName = Annotated[str, StringConstraints(pattern=r"^([a-z_][a-z0-9_]{0,40}\.)?[a-z_][a-z0-9_]{0,63}$")]
Sorted = Annotated[str, StringConstraints(pattern=r"^-?([a-z_][a-z0-9_]{0,40}\.)?[a-z_][a-z0-9_]{0,100}$")]
Scalar = Annotated[str, StringConstraints(max_length=400)] | bool | int | float
Op = Literal["eq", "ne", "lt", "lte", "gt", "gte", "in", "has", "begins", "contains", "empty", "filled"]
Fn = Literal["count", "sum", "avg", "min", "max", "distinct"]
By = Literal["hour", "day", "week", "month", "year"]
MOST_ROWS = 10_000
EXAMPLE: dict[str, Any] = {
    "from": "base.declaration.declaration",
    "where": [{"column": "type_code", "op": "eq", "value": "IMA"}],
    "group": ["state"],
    "aggregate": [{"fn": "count"}, {"fn": "sum", "column": "gross_kg"}],
    "sort": ["-count"],
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class JoinIn(_Strict):
    """Another record type, where its column `to` holds what column `on` of an earlier one does; a list holds what any of its elements is.

    `as`: its name in this query, the last word of the type unless stated; `keep`: "all" keeps rows without a partner.
    """

    record: RecordName
    on: ColumnName = "ref"
    to: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]{0,63}$")] = "ref"
    as_: Alias | None = Field(default=None, alias="as")
    keep: Literal["matching", "all"] = "matching"


class ConditionIn(_Strict):
    """A condition; all of them hold. `in` takes a list, `empty` and `filled` no value."""

    column: ColumnName
    op: Op = "eq"
    value: Scalar | Annotated[list[Scalar], Field(max_length=200)] | None = None


class GroupIn(_Strict):
    """A column to group by; `by`: the span of a time, in the port's zone."""

    column: ColumnName
    by: By | None = None


class AggregateIn(_Strict):
    """A figure of each group: `count` counts rows, or values where a column is stated; `distinct` counts different values."""

    fn: Fn
    column: ColumnName | None = None
    as_: Alias | None = Field(default=None, alias="as")


class Asked(_Strict):
    """A query over one or several record types. Columns are named plainly (of `from`) or behind an alias and a dot."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, json_schema_extra={"example": EXAMPLE})
    from_: RecordName = Field(alias="from")
    join: Annotated[list[JoinIn], Field(max_length=5)] = []
    where: Annotated[list[ConditionIn], Field(max_length=30)] = []
    select: Annotated[list[ColumnName], Field(max_length=60)] = []
    group: Annotated[list[GroupIn], Field(max_length=10)] = []
    aggregate: Annotated[list[AggregateIn], Field(max_length=20)] = []
    sort: Annotated[list[Sorted], Field(max_length=5)] = []
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 100

    @field_validator("group", mode="before")
    @classmethod
    def _plain_groups(cls, value: Any) -> Any:
        return [{"column": one} if isinstance(one, str) else one for one in value] if isinstance(value, list) else value
