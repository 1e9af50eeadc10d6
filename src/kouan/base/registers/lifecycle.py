"""A library is followed until it is stopped; a change is applied unless the port's rules refuse it."""

from __future__ import annotations

from kouan.base.registers.records import Change, Library
from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.text import Text

READ = ("cursors", "synced_at", "read", "changed", "unknown", "problem_zh", "problem_en")

USE = Track(
    name="use", title=Text("接入", "Use"), owner="portoffice", start="in_use",
    states={"in_use": Text("接入中", "Followed"), "stopped": Text("已停用", "Stopped")},
    actions=(
        Action(name="stop", title=Text("停用", "Stop"), frm=("in_use",), to="stopped", by=("portoffice",)),
        Action(name="start", title=Text("启用", "Follow again"), frm=("stopped",), to="in_use", by=("portoffice",)),
        Action(name="advance", title=Text("同步", "Synchronise"), frm=("in_use",), to="in_use", by=("platform",), sets=READ),
    ),
)  # fmt: skip

FATE = Track(
    name="fate", title=Text("采纳", "Fate"), owner="portoffice", start="applied",
    states={"applied": Text("已采纳", "Applied"), "refused": Text("未采纳", "Refused by a rule")},
    actions=(
        Action(name="refuse", title=Text("未采纳", "Refuse"), frm=("applied",), to="refused", by=("platform",),
               sets=("reason_zh", "reason_en")),
    ),
)  # fmt: skip


class LibraryLife(Lifecycle):
    """A library is read while it is in use."""

    code = Library.facts.name
    tracks = (USE,)


class ChangeLife(Lifecycle):
    """A change that a rule of the port refuses says so."""

    code = Change.facts.name
    tracks = (FATE,)
