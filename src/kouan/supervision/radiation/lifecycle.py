"""The response to an alarm: isolate, measure again, conclude. Without a second reading no case is closed."""

from __future__ import annotations

from datetime import timedelta

from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.text import Text
from kouan.supervision.radiation.records import KEEPERS, RadiationCase

OPEN = ("alarmed", "isolated", "measured")


class CaseLife(Lifecycle):
    """Alarm, isolation, second reading, end."""

    code = RadiationCase.facts.name
    tracks = (
        Track(
            name="response", title=Text("处置", "Response"), owner="customs", start="alarmed", final=("closed",),
            within={"alarmed": timedelta(minutes=10), "isolated": timedelta(minutes=30), "measured": timedelta(hours=2)},
            states={
                "alarmed": Text("报警，通道关闭", "Alarm, lane shut"), "isolated": Text("已隔离", "Isolated"),
                "measured": Text("已复测", "Measured again"), "closed": Text("已结案", "Closed"),
            },
            actions=(
                Action(name="isolate", title=Text("隔离", "Isolate"), frm=("alarmed",), to="isolated", by=KEEPERS),
                Action(name="measure", title=Text("录入复测", "Enter the second reading"), frm=OPEN, to="measured", by=KEEPERS,
                       sets=("second",)),
                Action(name="close", title=Text("结案并开放通道", "Close, and open the lane"), frm=OPEN, to="closed", by=KEEPERS,
                       rules_at="close", sets=("outcome",)),
            ),
        ),
    )  # fmt: skip
