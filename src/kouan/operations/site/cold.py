"""A reefer's temperature beside its moves: how it was between one handling and the next, out of history and records at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.movement.api import ACTIVITIES, Move
from kouan.facilities.devices.api import Device
from kouan.facilities.telemetry.api import INSTANT, history_of, intake_of, joined, readable, readings_of, records_of
from kouan.kernel.errors import NotFound
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.text import Text
from kouan.operations.site.reefers import SETPOINT, TEMPERATURE, box_of

NOTHING = Text("没有您可查看的该箱温度或作业动态", "There are no readings or moves of this box that you may see")
_MOVES = {
    "activity": pa.string(), "at": INSTANT, "place": pa.string(), "position": pa.string(), "function": pa.string(), "corrects": pa.string(),
}  # fmt: skip
_DEVICES = {"code": pa.string(), "name_zh": pa.string(), "name_en": pa.string(), "simulated": pa.bool_()}
STAYS = """
with told as (
  select ref, activity, "at", place, position from moves
  where function <> 'cancellation' and "at" >= $since and "at" < $until
    and ref not in (select corrects from moves where corrects is not null)),
stays as (
  select *, coalesce(lead("at") over (order by "at", ref), $until) as ends from told
  union all select null, null, $since, null, null, coalesce((select min("at") from told), $until)),
warm as (
  select t.device, t."at", t.value, s.value as setpoint, t.simulated
  from (select * from readings where metric = $temperature and quality < 2) t
  asof left join (select device, "at", value from readings where metric = $setpoint and quality < 2) s
    on t.device = s.device and t."at" >= s."at")
select m.ref as move, m.activity, m.place, m.position, m."at" as since, m.ends as until, w.device,
  any_value(d.name_zh) as name_zh, any_value(d.name_en) as name_en, count(w.value) as readings,
  round(avg(w.value), 3) as mean, min(w.value) as lowest, max(w.value) as highest, round(max(abs(w.value - w.setpoint)), 3) as farthest,
  coalesce(bool_or(w.simulated), false) as simulated
from stays m left join warm w on w."at" >= m."at" and w."at" < m.ends left join devices d on d.code = w.device
group by m.ref, m.activity, m.place, m.position, m."at", m.ends, w.device
having m.ref is not null or count(w.value) > 0 order by m."at", m.ref nulls first, w.device"""
"""Each span from one move to the next, and the one before the first: the box's temperatures by device, how far from the setpoint."""


async def stays(port: Port, who: Principal, box: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """The spans of a box's stay with its temperatures (degrees Celsius). NotFound when the caller may see nothing of it."""
    named = await intake_of(port).numbers.series_holding(box)
    series = [one for one in named if one.metric in (TEMPERATURE, SETPOINT) and box_of(one.device) == box and readable(who, one)]
    bounds = {"at.gte": since.isoformat(), "at.lt": until.isoformat(), "equipment": f"container:{box}"}
    codes = {"code.in": ",".join(sorted({one.device for one in series}))}
    tables = {
        "readings": await readings_of(history_of(port), who, series, since, until),
        "devices": await records_of(port, who, Device, codes, _DEVICES), "moves": await records_of(port, who, Move, bounds, _MOVES),
    }  # fmt: skip
    if not len(tables["readings"]) and not len(tables["moves"]):
        raise NotFound(NOTHING, field="box")
    values = {"since": _plain(since), "until": _plain(until), "temperature": TEMPERATURE, "setpoint": SETPOINT}
    return [_told(row) for row in await joined(STAYS, tables, values)]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    names = {"zh": row.pop("name_zh"), "en": row.pop("name_en")}
    return {
        **row, "since": row["since"].replace(tzinfo=UTC), "until": row["until"].replace(tzinfo=UTC),
        "activity_title": ACTIVITIES[row["activity"]].out() if row["activity"] else None, "name": names if names["zh"] else None,
    }  # fmt: skip


def _plain(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
