"""The life of an incident: recorded, then it rises or stays, then it is closed."""

from __future__ import annotations

from kouan.cooperation.levels.records import AUTHORITIES, Incident
from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.text import Text

PLATFORM = ("platform",)


class IncidentLife(Lifecycle):
    """How far it rises is the rules' word; an authority closes it."""

    code = Incident.facts.name
    tracks = (
        Track(
            name="incident", title=Text("事件处置", "Handling"), owner="portoffice", start="recorded", final=("closed",),
            states={
                "recorded": Text("已登记", "Recorded"),
                "local": Text("本级处置", "Handled at this level"),
                "risen": Text("已上报", "Reported upward"),
                "closed": Text("已办结", "Closed"),
            },
            actions=(
                Action(name="rise", title=Text("按规则上报", "Report upward by rule"), frm=("recorded",), to="risen", by=PLATFORM,
                       sets=("rises_to", "case")),
                Action(name="stay", title=Text("按规则本级处置", "Handle at this level by rule"), frm=("recorded",), to="local", by=PLATFORM,
                       sets=("case",)),
                Action(name="close", title=Text("办结", "Close"), frm=("local", "risen"), to="closed", by=AUTHORITIES),
            ),
        ),
    )  # fmt: skip
