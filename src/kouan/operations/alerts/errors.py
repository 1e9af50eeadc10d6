"""What the doors of early warning refuse, in both languages."""

from __future__ import annotations

from kouan.kernel.errors import Conflict, Denied, Refused, Unavailable
from kouan.kernel.text import Text

BOX = Text("bbox 应为 西,南,东,北", "bbox is west,south,east,north")
SPAN = Text("试运行时段应在过去，且不超过7天", "A trial covers a span of the past, of at most 7 days")
NO_HISTORY = Text("历史数据暂时无法读取，请稍后再试", "History cannot be read just now; try again later")
NOT_AN_AUTHOR = Text("贵单位或您的角色不编写预警规则", "Your organisation or role does not write alert rules")
NEWER = Text("该规则已有更新的版本", "There is a newer revision of this rule")
TRIED_STATE = Text("只有草稿或已试运行的规则可以试运行", "Only a rule that is a draft or was tried can be tried")

NO_PAST = Text("这种预警依据的资料不在历史数据中，不能试运行", "What this alert judges is not kept in history; it cannot be tried")
UNTRIED = Text("批准前须先在历史数据上试运行", "It has to be tried on past data before it is approved")
SAME_PERSON = Text("提出或试运行的人不能批准，须由另一人批准", "Who proposed or tried it cannot approve it; a second person has to")
A_PERSON = Text("只有人员账户可以批准", "Only persons approve, not services")


def bad_box() -> Refused:
    """A box that is none."""
    return Refused(BOX, field="bbox", rule="bbox", code="bbox")


def bad_span() -> Refused:
    """A trial's span that is none, or too long."""
    return Refused(SPAN, field="since", rule="span", code="bad_span")


def no_history() -> Unavailable:
    """This process has no history to try rules on."""
    return Unavailable(NO_HISTORY, retry_after=30)


def not_an_author() -> Denied:
    """Rules are written by the port's own organisations."""
    return Denied(NOT_AN_AUTHOR, rule="alerts.author")


def newer() -> Conflict:
    """Only the newest revision is revised."""
    return Conflict(NEWER, rule="revision", code="newer_revision")


def not_triable() -> Conflict:
    """A rule in a state in which it is not tried."""
    return Conflict(TRIED_STATE, rule="try", code="not_in_state")


def no_past() -> Refused:
    """An alert whose facts are no signals cannot be tried."""
    return Refused(NO_PAST, field="alert", rule="try", code="no_past")


def untried() -> Conflict:
    """What can be tried is tried before it is approved."""
    return Conflict(UNTRIED, rule="approve", code="untried")


def same_person() -> Denied:
    """The four-eyes principle."""
    return Denied(SAME_PERSON, rule="approve.second_person")


def a_person() -> Denied:
    """A service answers for nothing."""
    return Denied(A_PERSON, rule="approve")
