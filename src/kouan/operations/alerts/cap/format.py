"""POST /api/intake/cap: a notice of an authority becomes a hazard of the port."""

from __future__ import annotations

from typing import ClassVar

from kouan.kernel.formats import Draft, Format, Reading, Sample, Submission
from kouan.kernel.text import Text
from kouan.operations.alerts.cap.reader import read
from kouan.operations.alerts.hazards import Hazard

HAZARD = Hazard.facts.name


class Cap(Format):
    """CAP 1.2 messages of type Alert, Update and Cancel; one message is one notice."""

    code = "cap"
    title = Text("公共预警报文（CAP 1.2）", "Public warning (CAP 1.2)")
    standard = "OASIS CAP 1.2; ITU-T X.1303 bis"
    records: ClassVar[tuple[str, ...]] = (HAZARD,)
    media = "application/cap+xml"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Refused with every problem that its structure has."""
        return Reading([Submission((Draft(HAZARD, read(body)),))])

    def samples(self) -> tuple[Sample, ...]:
        """A typhoon with its track, and a health notice; both invented."""
        return (
            Sample("cap-typhoon.xml", Text("台风预警（虚构）", "Typhoon warning (fictional)"), TYPHOON.encode(), HAZARD),
            Sample("cap-health.xml", Text("公共卫生通报（虚构）", "Health notice (fictional)"), HEALTH.encode(), HAZARD),
        )


TYPHOON = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>WH-MET-SAMPLE-1</identifier><sender>weather@wanghai.example</sender><sent>2026-11-22T08:00:00+08:00</sent>
  <status>Exercise</status><msgType>Alert</msgType><scope>Public</scope>
  <info>
    <language>zh-CN</language><category>Met</category><event>台风</event><urgency>Expected</urgency><severity>Severe</severity>
    <certainty>Likely</certainty><expires>2030-01-01T08:00:00+08:00</expires>
    <headline>台风橙色预警</headline><description>未来24小时台风将经过望海港区。</description><instruction>加固缆绳，停止装卸。</instruction>
    <area><areaDesc>8时位置</areaDesc><circle>34.80,122.60 60</circle></area>
    <area><areaDesc>20时预报位置</areaDesc><circle>35.50,122.10 70</circle></area>
    <area><areaDesc>次日8时预报位置</areaDesc><circle>36.05,121.60 80</circle></area>
  </info>
  <info>
    <language>en-GB</language><category>Met</category><event>Typhoon</event><urgency>Expected</urgency><severity>Severe</severity>
    <certainty>Likely</certainty><headline>Typhoon warning, orange</headline>
    <description>The typhoon will pass over the port of Wanghai within 24 hours.</description>
    <area><areaDesc>Port of Wanghai</areaDesc></area>
  </info>
</alert>
"""
HEALTH = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>WH-HEALTH-SAMPLE-1</identifier><sender>health@wanghai.example</sender><sent>2026-11-22T09:00:00+08:00</sent>
  <status>Exercise</status><msgType>Alert</msgType><scope>Public</scope>
  <info>
    <language>zh-CN</language><category>Health</category><event>传染病疫情</event><urgency>Future</urgency><severity>Moderate</severity>
    <certainty>Possible</certainty><expires>2030-01-01T08:00:00+08:00</expires>
    <headline>口岸入境人员健康提示</headline><description>来自疫区的船员应接受体温监测。</description>
    <area><areaDesc>集装箱码头</areaDesc><polygon>36.054,121.580 36.054,121.622 36.070,121.622 36.070,121.580 36.054,121.580</polygon></area>
  </info>
</alert>
"""
