"""Making reports: the figures of a period as each recipient may read them, kept as one report for each."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kouan.base.identity.api import KINDS
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict, Denied, Failure, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.ids import uuid7
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import record_type
from kouan.kernel.rules import Kept
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import equal
from kouan.kernel.text import Text
from kouan.operations.monitoring.api import DAY, HOUR, indicator, measured
from kouan.operations.reports import errors, store
from kouan.operations.reports.records import Definition, Line, Report

log = logging.getLogger(__name__)
DEFINITION, REPORT = Definition.facts.name, Report.facts.name
BY_US = Text("平台按受理时刻计数", "Counted by the platform, by when it was filed")
MOST = 20_000
MOST_DEFINITIONS = 1000
MOST_PERIOD = 92
"""Days that the page of an indicator shows at most."""


@dataclass(frozen=True, slots=True)
class Known:
    """A definition as it is kept: its reference, who owns it, what it says."""

    ref: str
    owner: int
    data: Definition


def span_of(period: str, until: date) -> tuple[date, date]:
    """The first and last day of a report that ends on a day."""
    if period == "month":
        return until.replace(day=1), until
    return until - timedelta(days=6 if period == "week" else 0), until


def due(definition: Definition, at: datetime) -> date:
    """The last day of the newest period that a schedule has come to at a moment in the port's zone.

    A daily report is made at its hour for the day before, a weekly one on Mondays, a monthly one on the first.
    """
    reached = at.date() if at.hour >= definition.hour else at.date() - timedelta(days=1)
    if definition.period == "week":
        reached -= timedelta(days=reached.weekday())
    elif definition.period == "month":
        reached = reached.replace(day=1)
    return reached - timedelta(days=1)


def reader(port: Port, number: int) -> Principal | None:
    """A plain reader of an organisation: what a report shows it. None for one that is no more."""
    kind = next((kind for kind in KINDS if number in port.orgs.of_kind(kind)), None)
    if kind is None:
        return None
    return Principal(number, port.orgs.slug(number), kind, "service:reports", frozenset({"viewer"}), service=True)


def recipients(port: Port, known: Known) -> list[Principal]:
    """The owner and everyone named, each once, as far as they are there."""
    numbers = [known.owner, *(port.orgs.named(name) for name in known.data.recipients)]
    found = (reader(port, number) for number in dict.fromkeys(numbers) if number is not None)
    return [who for who in found if who is not None]


async def make(port: Port, known: Known, to: Sequence[Principal], until: date, cause: str, mark: str) -> list[Kept]:
    """Make and deliver a report to some recipients; what was made under the same mark is not made again."""
    numbers = {f"{known.ref}/{until.isoformat()}/{mark}/{who.slug}": who for who in to}
    async with scope(port.pool, (0, PLATFORM.org)) as conn:
        there = await store.made(conn, list(numbers))
    kept: list[Kept] = []
    for number, who in numbers.items():
        if number in there:
            continue
        try:
            filed = await port.file(PLATFORM, [Draft(REPORT, await _content(port, known, who, until, cause, number))])
        except Conflict:
            continue  # another worker was faster
        kept += filed.kept
    return kept


async def _content(port: Port, known: Known, who: Principal, until: date, cause: str, number: str) -> dict[str, Any]:
    data = known.data
    span = span_of(data.period, until)
    heads, rows = [], []
    for at, line in enumerate(data.lines):
        head, found = await (_figures(port, who, line, span) if line.indicator else _counts(port, who, line, span))
        heads.append(head)
        rows += [{"line": at, **one} for one in found]
    if len(rows) > MOST:
        raise Refused(errors.MANY.fill(most=MOST), field="lines", rule="REPORT-SIZE")
    return {
        "number": number, "definition": known.ref, "title_zh": data.title_zh, "title_en": data.title_en, "recipient": f"org:{who.slug}",
        "since": span[0].isoformat(), "until": span[1].isoformat(), "made_at": stamp(now()), "cause": cause,
        "formats": list(data.formats), "heads": heads, "rows": rows, "simulated": any(row["simulated"] for row in rows),
    }  # fmt: skip


Lines = tuple[dict[str, Any], list[dict[str, Any]]]


async def _figures(port: Port, who: Principal, line: Line, span: tuple[date, date]) -> Lines:
    of = indicator(str(line.indicator))
    found = await measured(port, who, str(line.indicator), span, "" if line.by == "whole" else line.by)
    assert of is not None, "the definition's rule knows the indicator"
    days = min((span[1] - span[0]).days + 1, MOST_PERIOD)
    head = {
        "title_zh": of.title.zh, "title_en": of.title.en, "unit_zh": of.unit.zh, "unit_en": of.unit.en, "digits": of.digits,
        "version": of.revision, "open": found is not None,
        "href": f"/operations/monitoring/{of.code}?until={span[1].isoformat()}&period={days}",
    }  # fmt: skip
    rows = [
        {
            "source": row.source, "whose_zh": row.whose.zh, "whose_en": row.whose.en, "part": row.part,
            "part_zh": row.said.zh if row.said else row.part, "part_en": row.said.en if row.said else row.part,
            "value": row.value, "cases": row.cases, "simulated": row.simulated,
        }
        for row in (found.rows if found else ())
    ]  # fmt: skip
    return head, rows


async def _counts(port: Port, who: Principal, line: Line, span: tuple[date, date]) -> Lines:
    cls = record_type(str(line.record))
    zone = ZoneInfo(port.site.zone)
    since, until = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (span[0], span[1] + timedelta(days=1)))
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        found = await store.filed(conn, cls, since, until, port.site.zone, line.by if line.by in (DAY, HOUR) else "")
    path = "/records/" + cls.facts.name.replace(".", "/")
    head = {
        "title_zh": cls.facts.title.zh, "title_en": cls.facts.title.en, "unit_zh": "条", "unit_en": "records",
        "href": f"{path}?filed_at.gte={stamp(since)}&filed_at.lt={stamp(until)}",
    }  # fmt: skip
    if not found and line.by == "whole":
        return head, [_count("", 0, simulated=False)]
    return head, [_count(row["part"], row["n"], simulated=row["simulated"]) for row in found]


def _count(part: str, n: int, *, simulated: bool) -> dict[str, Any]:
    whose = {"whose_zh": BY_US.zh, "whose_en": BY_US.en}
    return {**whose, "part": part, "part_zh": part, "part_en": part, "value": float(n), "cases": n, "simulated": simulated}


async def run(port: Port, who: Principal, definition: Kept, until: date | None) -> list[Kept]:
    """Make a report now; its owner for all recipients, a recipient for itself. Without a day, of the newest whole period."""
    if not who.writes:
        raise Denied(errors.NO_WRITER, rule="reports.run")
    assert isinstance(definition.data, Definition)
    known = Known(definition.ref, definition.filed_by, definition.data)
    today = now().astimezone(ZoneInfo(port.site.zone))
    last = until or due(known.data.model_copy(update={"hour": 0}), today)
    to = recipients(port, known) if who.org == known.owner else [one for one in [reader(port, who.org)] if one]
    return await make(port, known, to, last, "demand", str(uuid7()))


async def on_schedule(port: Port) -> int:
    """Make every report that its schedule has come to and that is not there yet; how many were made.

    What was missed while the platform stood is made up for the newest period; a new definition begins with it.
    """
    at = now().astimezone(ZoneInfo(port.site.zone))
    async with scope(port.pool, (0, PLATFORM.org)) as conn:
        rows = await equal(conn, Definition, {"scheduled": True}, limit=MOST_DEFINITIONS)
    count = 0
    for row in rows:
        known = Known(row.ref, row.org, Definition.model_validate(row.doc))
        try:
            count += len(await make(port, known, recipients(port, known), due(known.data, at), "schedule", "schedule"))
        except Failure as failure:  # one that cannot be made holds up no other
            log.warning("report %s: %s", known.ref, failure.reason.en)
    return count
