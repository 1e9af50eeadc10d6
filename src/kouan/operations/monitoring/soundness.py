"""How sound the port's data and devices are: quality scores, rows taken in and refused, certificates verified online, devices lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.base.ingest.api import Run
from kouan.base.permit.api import Certificate
from kouan.base.quality.api import QualityScore as Score
from kouan.facilities.devices.api import DeviceEvent
from kouan.kernel.indicators import By, Indicator, Number, Seen, Tally, Where, at, done
from kouan.kernel.text import Text
from kouan.operations.monitoring.indicators import PERCENT, SITE

ROWS = Text("行", "rows")
WHY = {"silent": Text("超过两个心跳周期无数据", "Silent for two keep-alives"), "will": Text("连接中断", "Its connection broke")}
SCORES = ("compliance", "completeness", "authenticity", "timeliness")
CONFIRM = "confirm"
ANSWERED = (CONFIRM, "deny")


def mean_score(score: Mapping[str, Any]) -> float | None:
    """The mean of the four classes of GB/T 36344; nothing where there was no row to look at."""
    return sum(float(score.get(name) or 0) for name in SCORES) / len(SCORES) if score.get("rows") else None


def holds(seen: Seen) -> bool:
    """Whether the issuer's first answer vouched for the certificate; one that was given back later did hold."""
    step = seen.first(ANSWERED)
    return step is not None and step.action == CONFIRM


class DataQuality(Indicator):
    """How good the data are."""

    code = "data.quality"
    title = Text("数据质量得分", "Data quality score")
    unit = PERCENT
    digits = 1
    clause = "HS/T 82 7.2.3 c)"
    formula = Text(
        "当日各次评分的合规性、完整性、真实性、时效性得分的平均值", "Mean of compliance, completeness, authenticity and timeliness over that day's scores"
    )
    good, how, group, owner, readers = "up", "mean", "data", "portoffice", SITE
    tally = Tally(record=Score.facts.name, at=at("at"), value=Number(out_of=mean_score, uses=(*SCORES, "rows")), by={"kind": By("of")})


class RowsKept(Indicator):
    """How much data comes in by extraction."""

    code = "data.rows_kept"
    title = Text("数据抽取入库行数", "Rows taken in by extraction")
    unit = ROWS
    clause = "HS/T 82 7.2.3 a)"
    formula = Text("当日结束的抽取批次入库行数之和", "Rows kept by extractions that ended on that day")
    good, how, group, owner, readers = "", "sum", "data", "portoffice", SITE
    tally = Tally(record=Run.facts.name, at=at("ended"), value=Number("kept"), by={"kind": By("kind")})


class RowsRefused(Indicator):
    """How much of it was refused."""

    code = "data.rows_refused"
    title = Text("数据抽取退回行数", "Rows refused by extraction")
    unit = ROWS
    clause = "HS/T 82 7.2.3 a)"
    formula = Text("当日结束的抽取批次退回行数之和", "Rows refused by extractions that ended on that day")
    good, how, group, owner, readers = "down", "sum", "data", "portoffice", SITE
    tally = Tally(record=Run.facts.name, at=at("ended"), value=Number("refused"), by={"kind": By("kind")})


class VerifiedOnline(Indicator):
    """Certificates that nobody had to bring on paper."""

    code = "clearance.verified_online"
    title = Text("证件联网核查", "Certificates verified online")
    unit = Text("份", "certificates")
    clause = "HS/T 82 9.1.6 a)"
    formula = Text("当日由发证机关联网答复（通过或不通过）的证件，每份一次", "Certificates about which the issuer's service answered on that day, each once")
    good, how, group, owner, readers = "up", "count", "clearance", "customs", SITE
    tally = Tally(record=Certificate.facts.name, at=done(*ANSWERED))


class VerifiedValid(Indicator):
    """How many of them held."""

    code = "clearance.verified_valid"
    title = Text("证件核查通过率", "Certificates found valid")
    unit = PERCENT
    digits = 1
    clause = "HS/T 82 9.1.6 a)"
    formula = Text("核查通过的证件，占当日联网核查证件的百分比", "Certificates that the issuer vouched for, of those verified on that day")
    good, how, group, owner, readers = "up", "share", "clearance", "customs", SITE
    tally = Tally(record=Certificate.facts.name, at=done(*ANSWERED), hit=holds)


class DevicesLost(Indicator):
    """Devices that fell silent."""

    code = "devices.lost"
    title = Text("设备离线", "Devices gone offline")
    unit = Text("次", "times")
    clause = "HS/T 82 5.2"
    formula = Text("设备由在线转为离线的次数，停用者不计", "Times that a device went offline; those retired do not count")
    good, how, group, owner, readers = "down", "count", "devices", "portoffice", SITE
    grains = ("day", "hour")
    tally = Tally(
        record=DeviceEvent.facts.name, at=at("at"), of=(Where("what", ("offline",)), Where("why", ("will", "silent"))),
        by={"kind": By("why", words=WHY)},
    )  # fmt: skip
