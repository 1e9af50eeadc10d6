"""What authorities do about a firm between amendments: grade it, enter a finding, close one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from kouan.base.enterprise.records import GRADES, Enterprise, Violation
from kouan.kernel.errors import Conflict, Refused
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.text import Text

ON_FILE = "on_file"
AUTHORITIES = ("customs", "maritime", "border", "transport", "portoffice")
NO_GRADE = Text("请写明信用等级", "State the credit level")
NO_FINDING = Text("请写明违法违规记录：文书编号、日期、类型、处理结果", "State the finding: number, date, kind, outcome")
REGISTERED = ("name_zh", "name_en", "status", "established", "address", "representative", "capital", "qualifications")
"""What the register of legal persons and licences states of a firm; credit and violations are the authorities' own."""
TWICE = Text("该文书编号已有记录", "A finding of that number stands already")
NONE = Text("没有这个文书编号的记录", "There is no finding of that number")

TRACK = Track(
    name="file", title=Text("企业档案", "File"), owner="customs", start=ON_FILE, final=(),
    states={ON_FILE: Text("在档", "On file")},
    actions=(
        Action(name="grade", title=Text("评定信用等级", "Set the credit level"), frm=(ON_FILE,), to=ON_FILE, by=("customs",),
               sets=("grade", "aeo_code"), rules_at="filing"),
        Action(name="find", title=Text("登记违法违规", "Enter a violation"), frm=(ON_FILE,), to=ON_FILE, by=AUTHORITIES,
               sets=("violations",)),
        Action(name="close", title=Text("违法违规结案", "Close a violation"), frm=(ON_FILE,), to=ON_FILE, by=AUTHORITIES,
               sets=("violations",)),
        Action(name="register", title=Text("登记信息变更", "Change of registration"), frm=(ON_FILE,), to=ON_FILE, by=("platform",),
               sets=REGISTERED, rules_at="filing"),
    ),
)  # fmt: skip


class EnterpriseLife(Lifecycle):
    """Each authority adds its findings to the same file; customs alone sets the credit level."""

    code = Enterprise.facts.name
    tracks = (TRACK,)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """A finding is added or closed, none is replaced; the credit level carries its day."""
        given = super().change(track, action, step)
        if action.name == "register":
            return given
        if action.name == "grade":
            if given.get("grade") not in GRADES:
                raise Refused(NO_GRADE, field="grade", rule="grade", code="grade_missing")
            return {"grade": given["grade"], "grade_since": step.at.date().isoformat(), "aeo_code": given.get("aeo_code")}
        before = list(step.before.get("violations") or ())
        said = _finding(given.get("violations"))
        if action.name == "find":
            if any(one["number"] == said.number for one in before):
                raise Conflict(TWICE, field="violations", rule="find", code="finding_kept")
            return {"violations": [*before, {**said.model_dump(mode="json"), "authority": said.authority or step.who.slug}]}
        if all(one["number"] != said.number for one in before):
            raise Refused(NONE, field="violations", rule="close", code="finding_unknown")
        return {"violations": [{**one, "closed": True} if one["number"] == said.number else one for one in before]}


def _finding(given: Any) -> Violation:
    parts = given if isinstance(given, list | tuple) else [given]
    try:
        return Violation.model_validate(parts[0] if len(parts) == 1 else None)
    except ValidationError:
        raise Refused(NO_FINDING, field="violations", rule="find", code="finding_missing") from None
