"""Why a query is refused, in both languages."""

from __future__ import annotations

from kouan.kernel.errors import Denied, Refused
from kouan.kernel.text import Text

NO_TABLE = Text("没有可查询的表“{name}”", "There is no table “{name}” to be queried")
NO_COLUMN = Text("表“{table}”没有列“{name}”", "Table “{table}” has no column “{name}”")
NO_ALIAS = Text("查询中没有别名“{name}”", "The query has no alias “{name}”")
TWICE = Text("名称“{name}”出现两次，请另取名", "The name “{name}” stands twice: give it another")
TOO_HIGH = Text("您的数据级别不足以使用列“{name}”", "Your clearance does not reach column “{name}”")
MISMATCH = Text("“{left}”与“{right}”不是同类标识，不能关联", "“{left}” and “{right}” do not hold the same kind of value: they cannot be joined")
NO_OP = Text("列“{name}”不支持条件“{op}”", "Column “{name}” takes no condition “{op}”")
NO_VALUE = Text("条件的值不符：列“{name}”", "The value of the condition does not fit column “{name}”")
NO_AGGREGATE = Text("列“{name}”不能作“{fn}”统计", "Column “{name}” cannot be aggregated by “{fn}”")
NO_BY = Text("列“{name}”不是时间，不能按时段分组", "Column “{name}” is no time: it is not grouped by spans")
SELECT_GROUP = Text("分组或统计时不另选列，请把列放入分组", "With groups or aggregates no columns are selected: put them into the groups")
NO_SORT = Text("不能按“{name}”排序：不在结果中", "The result cannot be sorted by “{name}”: it does not hold it")
MUCH = Text(
    "表“{table}”中您可见的记录超过 {most} 条上限，请增加条件缩小范围",
    "Table “{table}” has more than {most} records that you may see, the most that a query loads: add conditions",
)
MUCH_RESTRICTED = Text(
    "含敏感列的查询最多读取 {most} 条记录（表“{table}”），请增加条件缩小范围",
    "A query with restricted columns reads {most} records at most (table “{table}”): add conditions",
)
NOT_ONE = Text("只接受一条语句", "One statement alone is taken")
NOT_SELECT = Text("只接受一条 SELECT 查询", "Only a SELECT is taken")
UNREADABLE = Text("语句有误：{said}", "The statement cannot be read: {said}")
NOT_ALLOWED = Text("不允许使用“{name}”", "“{name}” may not be used")
FAILED = Text("查询未能执行：{said}", "The query could not be run: {said}")
TOO_LONG = Text("查询超过 {seconds} 秒时限，已终止", "The query ran longer than {seconds} s and was ended")
LOADED_LONG = Text(
    "{seconds} 秒内未能读完所需数据，请增加条件或减少列",
    "What the query needs could not be read within {seconds} s: add conditions or name fewer columns",
)
TOO_BIG = Text(
    "查询所需内存超过 {memory} 上限，已终止，请增加条件、减少列或先分组",
    "The query needed more than {memory} of memory and was ended: add conditions, name fewer columns, or group",
)
BROKE = Text("查询进程已中止，语句无法执行", "The process of the query broke off: the statement cannot be run")
AWAY = Text("查询进程暂时无法启动，请稍后再试", "The process of the query cannot be started now; try again shortly")
MANY_TABLES = Text("一次查询最多用 {most} 个表", "One query takes {most} tables at most")
EITHER = Text("请给出 query 或 sql 之一", "State either query or sql")
MOST_CODE = "query.most"
"""Of a refusal because there is more than is loaded."""


def refused(text: Text, field: str, rule: str, **said: object) -> Refused:
    """A refusal of what a query states (422)."""
    return Refused(text.fill(**said) if said else text, field=field, rule=f"query.{rule}", code=f"query.{rule}")


def no_table(name: str, field: str = "from") -> Refused:
    """There is no such table."""
    return refused(NO_TABLE, field, "table", name=name[:80])


def too_high(name: str) -> Denied:
    """A column above the caller's clearance: it is neither shown nor found, grouped or sorted by."""
    return Denied(TOO_HIGH.fill(name=name), field=name, rule="level")
