"""What an instruction must be (HS/T 82 7.2.5 a) 1))."""

from __future__ import annotations

from kouan.base.exchange.api import Instruction
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text
from kouan.supervision.disposal.lifecycle import is_addressed


class ToAnother(Rule):
    """An instruction goes to another organisation."""

    code = "INS-TO"
    at = "filing"
    of = Instruction.facts.name
    title = Text("指令发往其他单位", "The instruction goes to another organisation")
    clause = "HS/T 82 7.2.5 a) 1)"
    severity = "refuse"
    owner = "customs"

    def judge(self, record: Instruction, found: Found) -> Unmet | None:
        """Refuses an instruction to oneself."""
        if not is_addressed(record.to, found.filer):
            return None
        return Unmet(Text("不能向本单位发出指令", "An instruction is not given to the own organisation"), "to")


class DueLater(Rule):
    """A reply cannot be due before the instruction is given."""

    code = "INS-DUE"
    at = "filing"
    of = Instruction.facts.name
    title = Text("答复期限在后", "The reply is due later")
    clause = "HS/T 82 7.2.5 a) 1)"
    severity = "refuse"
    owner = "customs"

    def judge(self, record: Instruction, found: Found) -> Unmet | None:
        """Refuses a time that has passed."""
        if record.due is None or record.due > found.at:
            return None
        return Unmet(Text("答复期限已过", "The reply was due in the past"), "due")


class NothingReplied(Rule):
    """The reply is the addressee's, not the issuer's."""

    code = "INS-REPLY"
    at = "filing"
    of = Instruction.facts.name
    title = Text("答复由收件单位填写", "The reply is the addressee's")
    clause = "HS/T 82 7.2.5 a) 1)"
    severity = "refuse"
    owner = "customs"

    def judge(self, record: Instruction, found: Found) -> Unmet | None:
        """Refuses an instruction that comes with its reply."""
        named = next((name for name in ("outcome", "reply", "replied_at") if getattr(record, name) is not None), None)
        if named is None:
            return None
        return Unmet(Text("发出指令时不能填写答复", "An instruction is not given together with its reply"), named)
