"""Why an instruction is not given about an incident."""

from __future__ import annotations

from kouan.kernel.errors import Conflict
from kouan.kernel.text import Text


def no_case() -> Conflict:
    """The incident has just come in, and its case is not stated yet."""
    return Conflict(
        Text("事件正在登记，请稍后再试", "The incident is being recorded; try again in a moment"), rule="level:case", code="level.no_case"
    )


def own_incident() -> Conflict:
    """The incident was reported by the caller's own organisation: there is nobody to instruct."""
    return Conflict(
        Text("事件由本单位上报，无须下达指令", "The incident is your own organisation's: there is nobody to instruct"), rule="level:to",
        code="level.own_incident",
    )  # fmt: skip
