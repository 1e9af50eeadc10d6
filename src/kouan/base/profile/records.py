"""Profile: what a port of entry is, which modules it uses, and by when it wants to reach what (HS/T 82 4.1, 一口岸一方案)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from kouan.base.reference.api import OrgRef
from kouan.kernel.modules import MODES
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text

reference_kind("portprofile", Text("口岸画像", "Port profile"))
Mode = Literal["water", "air", "road", "rail"]
TIERS: Mapping[str, Text] = {
    "hub": Text("枢纽口岸", "Hub port"),
    "key": Text("重要口岸", "Key port"),
    "ordinary": Text("普通口岸", "Ordinary port"),
}
"""The three tiers of the national guidance on smart ports (2024)."""
WAYS: Mapping[str, Text] = {"least": Text("不低于", "At least"), "most": Text("不高于", "At most")}
HORIZONS: Mapping[str, Text] = {str(year): Text(f"{year}年目标", f"Goal for {year}") for year in (2025, 2030, 2035)}


class Switch(Part):
    """A module that this port uses or does not use, other than its mode would have it, and why."""

    module: str = field("模块", "Module", example="facilities.yard", pattern=r"^[a-z]+\.[a-z_]+$", max_length=60)
    on: bool = field("启用", "In use", example=False)
    reason: str = field("理由", "Reason", example="本口岸无堆场", min_length=1, max_length=400)


class Goal(Part):
    """What is to be reached by a day: an indicator's figure over so many days up to then, at least or at most so much."""

    title_zh: str = field("目标（中文）", "Goal in Chinese", example="口岸卡口候车时间压缩", min_length=1, max_length=120)
    title_en: str = field("目标（英文）", "Goal in English", example="Shorter waits before the gate", min_length=1, max_length=160)
    horizon: Literal["2025", "2030", "2035"] = field("阶段", "Stage", example="2030", values=HORIZONS)
    indicator: str = field("指标代码", "Indicator's code", example="gate.wait", max_length=80, pattern=r"^[a-z0-9_.]+$")
    way: Literal["least", "most"] = field("要求", "Wanted", example="most", values=WAYS)
    target: Decimal = field("目标值", "Target", example="15", ge=0, max_digits=24, decimal_places=6)
    days: int = field("统计天数", "Over days", default=30, ge=1, le=366, example=30, unit="d")
    due: date = field("期限", "Due", example="2030-12-31")
    owner: str | None = field("责任单位", "Who answers for it", default=None, max_length=80)


class Profile(Record):
    """One port of entry and its own plan. Organisations named in it work at that port; the rest at the site's own port."""

    facts: ClassVar[Facts] = Facts(
        name="base.profile.profile",
        title=Text("口岸画像", "Port profile"),
        summary=Text(
            "口岸的运输方式、分级、启用模块及2025/2030/2035年目标",
            "A port of entry: its mode, tier, modules in use, and goals for 2025, 2030 and 2035",
        ),
        clause="4.1",
        kind="filing",
        ref="portprofile",
        key=("port",),
        parties=(Party.filer("port office"), Party.everyone()),
        filers=("portoffice",),
        retention=30,
        label="port",
        renews=True,
    )
    port: str = field("口岸代码", "Port of entry", filter=True, example="CNWHR", pattern=r"^[A-Z]{2}[A-Z0-9]{3,8}$")
    name_zh: str = field("名称（中文）", "Name in Chinese", example="望海铁路口岸", min_length=1, max_length=80)
    name_en: str = field("名称（英文）", "Name in English", example="Wanghai Rail Port", min_length=1, max_length=120)
    mode: Mode = field("运输方式", "Mode", filter=True, example="rail", values=MODES)
    also: tuple[Mode, ...] = field("兼有的运输方式", "Further modes", default=(), max_length=3, values=MODES)
    tier: Literal["hub", "key", "ordinary"] = field("分级", "Tier", filter=True, example="ordinary", values=TIERS)
    organisations: tuple[OrgRef, ...] = field(
        "在该口岸工作的单位", "Organisations that work there", default=(), max_length=200, example=["org:rail-terminal"]
    )
    plan: tuple[Switch, ...] = field("模块方案", "Plan of modules", default=(), max_length=60)
    goals: tuple[Goal, ...] = field("目标", "Goals", default=(), max_length=60)

    @property
    def modes(self) -> frozenset[str]:
        """All modes by which it is reached."""
        return frozenset((self.mode, *self.also))
