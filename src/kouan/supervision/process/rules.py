"""What a process and an application must be (HS/T 82 9.1.6 b))."""

from __future__ import annotations

from collections.abc import Iterable

from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.supervision.process.flow import trouble
from kouan.supervision.process.records import Case, ProcessDefinition

CASE, DEFINITION = Case.facts.name, ProcessDefinition.facts.name
TROUBLES = {
    "twice": Text("步骤代码“{key}”重复", "The step “{key}” stands twice"),
    "unknown": Text("步骤“{key}”的前置步骤不存在", "The step “{key}” comes after one that there is none"),
    "circle": Text("步骤“{key}”在循环中，永远无法开始", "The step “{key}” waits for itself and never begins"),
}


class StepsCanBegin(Rule):
    """Every step of a process can be reached."""

    code = "PROC-STEPS"
    at = "filing"
    of = DEFINITION
    title = Text("步骤可以走完", "Every step can be reached")
    clause = "HS/T 82 9.1.6 b)"
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: ProcessDefinition, found: Found) -> Unmet | None:
        """Refuses steps that stand twice, come after unknown ones, or wait for each other in a circle."""
        what, key = trouble(record.steps)
        return Unmet(TROUBLES[what].fill(key=key), "steps") if what else None


class CaseOfProcess(Rule):
    """An application is for a process that there is; how it goes is not the applicant's to say."""

    code = "PROC-CASE"
    at = "filing"
    of = CASE
    title = Text("申请对应现行流程", "The application is for a known process")
    clause = "HS/T 82 9.1.6 b)"
    severity = "refuse"
    owner = "portoffice"

    def needs(self, record: Case, filer: str) -> Iterable[Need]:
        """The process."""
        return (Need(DEFINITION, ref=record.process, most=3),)

    def judge(self, record: Case, found: Found) -> Unmet | None:
        """Refuses an unknown process, and steps that the applicant states."""
        if record.steps or record.version is not None or record.ended_at is not None:
            return Unmet(Text("步骤由流程决定，不由申请人填写", "The process decides on the steps, not the applicant"), "steps")
        known = any(kept.ref == record.process for kept in found.of(Need(DEFINITION, ref=record.process, most=3)))
        return None if known else Unmet(Text("没有这个审批流程", "There is no such process"), "process", record.process)
