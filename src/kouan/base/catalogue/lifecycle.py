"""The lives of data sets and data elements: listed or withdrawn; drafted, published in editions, retired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.base.catalogue.records import STEWARDS, Dataset, Element
from kouan.kernel.lifecycles import FILER, Action, Lifecycle, Step, Track
from kouan.kernel.text import Text

PUBLISH = "publish"
SAID = ("name_zh", "name_en", "definition_zh", "definition_en", "representation", "unit", "code_set", "source", "used_by")

LISTING = Track(
    name="listing", title=Text("目录状态", "Listing"), owner="portoffice", start="listed",
    states={"listed": Text("在目录", "Listed"), "withdrawn": Text("已下架", "Withdrawn")},
    actions=(
        Action(name="withdraw", title=Text("下架", "Withdraw"), frm=("listed",), to="withdrawn", by=(FILER,)),
        Action(name="relist", title=Text("重新上架", "List again"), frm=("withdrawn",), to="listed", by=(FILER,)),
    ),
)  # fmt: skip
EDITIONS = Track(
    name="editions", title=Text("版本", "Editions"), owner="portoffice", start="draft", final=("retired",),
    states={"draft": Text("草案", "Draft"), "published": Text("已发布", "Published"), "retired": Text("已废止", "Retired")},
    actions=(
        Action(name="revise", title=Text("修订", "Revise"), frm=("draft", "published"), to="draft", by=STEWARDS, sets=SAID,
               rules_at="filing"),
        Action(name=PUBLISH, title=Text("发布", "Publish"), frm=("draft",), to="published", by=STEWARDS),
        Action(name="retire", title=Text("废止", "Retire"), frm=("published",), to="retired", by=STEWARDS),
    ),
)  # fmt: skip


class DatasetLife(Lifecycle):
    """A data set is found while it is listed."""

    code = Dataset.facts.name
    tracks = (LISTING,)


class ElementLife(Lifecycle):
    """A revision is a draft until it is published; what was published before is what counts meanwhile."""

    code = Element.facts.name
    tracks = (EDITIONS,)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """Publishing makes the next edition."""
        given = super().change(track, action, step)
        if action.name == PUBLISH:
            return {"edition": int(step.before.get("edition") or 0) + 1, "published_at": step.at.isoformat()}
        return given
