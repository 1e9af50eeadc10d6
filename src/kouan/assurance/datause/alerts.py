"""Alarms of data security: too many records shown to one account, reading at an odd hour, a routine check that fails (HS/T 82 7.2.2 e))."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from kouan.assurance.datause.checks import CHECKS
from kouan.assurance.datause.rules import odd
from kouan.assurance.datause.watching import CODE, Uses
from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.clock import stamp
from kouan.kernel.text import Text

MANY = Text(
    "账号 {account}（{org}）在 {minutes} 分钟内读取了 {rows} 条记录（警戒线 {limit} 条），主要为 {record}",
    "Account {account} ({org}) was shown {rows} records within {minutes} min (line {limit}), mostly {record}",
)
CLOSED = Text(
    "账号 {account}（{org}）在非开放时段（{hour}时）读取了 {rows} 条记录", "Account {account} ({org}) was shown {rows} records in closed hours ({hour}:00)"
)
UNUSUAL = Text(
    "账号 {account}（{org}）在其从未使用的时段（{hour}时）读取了 {rows} 条记录",
    "Account {account} ({org}) was shown {rows} records in an hour in which it never reads ({hour}:00)",
)
FAILS = Text("安全例行检查“{check}”未通过：{n} 处", "The routine check “{check}” fails: {n} found")
CLAUSE = "HS/T 82 7.2.2 e)"
ROWS = "/api/datause/rows"


class MassExport(Alert):
    """One account was shown more different records within a while than its work can need."""

    code = "assurance.datause.mass_export"
    title = Text("大批量数据读取", "Mass export of data")
    clause = CLAUSE
    severity: ClassVar[Severity] = "serious"
    owner = "portoffice"
    respond = timedelta(minutes=15)
    clears_after = timedelta(minutes=1)
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "rows": Parameter(Text("记录条数", "Records"), 5000, "records", 50, 1_000_000),
        "minutes": Parameter(Text("统计时长", "Within"), 10, "min", 1, 240),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for each account; its first records are named, all of them stand at the door named beside."""
        uses: Uses = view.watchers[CODE]
        uses.asked.window, uses.asked.rows = timedelta(minutes=settings["minutes"]), int(settings["rows"])
        for one in uses.heavy:
            if one.rows < settings["rows"]:
                continue
            facts = {"account": one.account, "org": uses.slug(one.org), "minutes": f"{settings['minutes']:g}", "rows": str(one.rows),
                     "limit": f"{settings['rows']:g}", "record": one.doors[0]["record"]}  # fmt: skip
            evidence = {
                "account": one.account, "org": facts["org"], "service": one.service, "rows": one.rows, "since": stamp(one.first),
                "until": stamp(one.last), "doors": list(one.doors), "first_records": [str(id_) for id_ in one.some],
                "all_records": f"{ROWS}?account={one.account}&since={stamp(one.first)}",
            }  # fmt: skip
            yield Raised(one.account, MANY.fill(**facts), one.first, (f"org:{facts['org']}",), evidence,
                         value=float(one.rows), threshold=settings["rows"])  # fmt: skip


class OddHours(Alert):
    """A person's account reads in an hour of the day that is none of its own, or in which nobody is to read."""

    code = "assurance.datause.odd_hours"
    title = Text("异常时段读取数据", "Reading at an odd hour")
    clause = CLAUSE
    severity: ClassVar[Severity] = "warning"
    owner = "portoffice"
    respond = timedelta(minutes=30)
    clears_after = timedelta(minutes=1)
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "rows": Parameter(Text("记录条数", "Records"), 50, "records", 1, 100_000),
        "days": Parameter(Text("已有使用记录的天数", "Days of use that tell its hours"), 5, "d", 1, 20),
        "closed_from": Parameter(Text("非开放时段起", "Closed from"), 0, "h", 0, 23),
        "closed_to": Parameter(Text("非开放时段止", "Closed until"), 0, "h", 0, 23),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for each account and hour. Machines' accounts read at all hours."""
        uses: Uses = view.watchers[CODE]
        uses.asked.odd_rows = int(settings["rows"])
        bounds = {name: settings[name] for name in ("days", "closed_from", "closed_to")}
        for one in uses.present:
            why = odd(one.hour, one.habit, **bounds)
            if why is None or one.rows < settings["rows"]:
                continue
            said, org = CLOSED if why == "closed" else UNUSUAL, uses.slug(one.org)
            message = said.fill(account=one.account, org=org, hour=str(one.hour), rows=str(one.rows))
            evidence = {"account": one.account, "org": org, "rows": one.rows, "hour": one.hour, "usual_hours": sorted(one.habit.hours),
                        "days": one.habit.days, "all_records": f"{ROWS}?account={one.account}&since={stamp(one.first)}"}  # fmt: skip
            key = f"{one.account}@{one.first:%Y%m%d}{one.hour:02d}"
            yield Raised(key, message, one.first, (f"org:{org}",), evidence, value=float(one.rows), threshold=settings["rows"])


class CheckFails(Alert):
    """A routine check of the platform's own protection found something."""

    code = "assurance.datause.check_fails"
    title = Text("安全例行检查未通过", "A routine security check fails")
    clause = CLAUSE
    severity: ClassVar[Severity] = "serious"
    owner = "portoffice"
    respond = timedelta(hours=1)
    clears_after = timedelta(minutes=1)
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for each check."""
        uses: Uses = view.watchers[CODE]
        for code, found in uses.failing.items():
            name = CHECKS.get(code, Text(code, code))
            n = str(len(found))
            message = Text(FAILS.fill(check=name.zh, n=n).zh, FAILS.fill(check=name.en, n=n).en)
            yield Raised(code, message, now, (), {"check": code, "found": found[:50]}, value=float(len(found)))
