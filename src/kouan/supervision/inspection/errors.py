"""Anticipated failures of targeting and joint inspections."""

from __future__ import annotations

from kouan.kernel.errors import Conflict, Denied, NotFound, Refused
from kouan.kernel.text import Text

NOT_AN_AGENCY = Text("只有海关、边检、海事可以布控和录入查验结果", "Only customs, border and maritime target goods and enter results")
OTHERS = Text("只能代表本部门；海关可以代为录入", "You speak for your own agency; customs may enter for all")


def not_an_agency() -> Denied:
    """The caller's organisation inspects nothing."""
    return Denied(NOT_AN_AGENCY, rule="inspection")


def other_agency() -> Denied:
    """The caller spoke for another agency."""
    return Denied(OTHERS, rule="inspection.agency")


def nothing_declared() -> NotFound:
    """No declaration that the caller may see stands for the goods named."""
    return NotFound(
        Text("没有找到本口岸受理中的报关单", "There is no declaration for these goods at this port's office"),
        field="declaration",
        code="nothing_declared",
    )


def which_goods() -> Refused:
    """Neither a declaration nor a container was named, or both, or something that is none."""
    reason = Text("请给出报关单号或箱号之一", "Name the goods by a declaration or by a container")
    return Refused(reason, field="declaration", rule="target", code="which_goods")


def not_yet_assessed() -> Conflict:
    """The declaration has just come and is being assessed."""
    reason = Text("报关单正在评估，请稍后再试", "The declaration is being assessed; try again in a moment")
    return Conflict(reason, rule="target", code="not_yet_assessed")


def not_to_be_targeted(state: Text) -> Conflict:
    """The declaration is in a state in which goods are no longer looked at."""
    return Conflict(
        Text(f"报关单状态为“{state.zh}”，不能布控", f"The declaration is “{state.en}” and cannot be targeted"),
        rule="target",
        code="not_in_state",
    )


def not_concerned(agency: str) -> Refused:
    """The order does not call that agency, or its result stands already."""
    return Refused(
        Text(f"本单不等待 {agency} 的结果", f"This order does not wait for a result of {agency}"),
        field="findings",
        rule="inspection.agency",
        code="not_waited_for",
    )


def said_twice(agency: str) -> Refused:
    """Two results of one agency came together."""
    return Refused(
        Text(f"{agency} 的结果出现两次", f"There are two results of {agency}"),
        field="findings",
        rule="inspection.agency",
        code="said_twice",
    )
