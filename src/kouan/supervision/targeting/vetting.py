"""Rules of profiles: sound conditions, changed as drafts only, tried on past declarations before they are proposed."""

from __future__ import annotations

from collections.abc import Iterable

from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.supervision.targeting.fields import COUNTS, FIELDS, OPERATORS, fits, named, read
from kouan.supervision.targeting.profiles import MOST_VALUES, Condition, Profile, Trial

PROFILE = Profile.facts.name
TRIAL = Trial.facts.name
RESERVED = "RISK-"
TAKEN = Text("以 RISK- 开头的代码留给平台自带规则", "Codes that begin with RISK- are kept for the platform's own rules")
BACKWARDS = Text("失效日期早于生效日期", "It would end before it begins")
SILENT = Text("不按比例抽取的模板须有分值", "A profile that draws no share needs a score")
BY_HAND = Text("提请人和批准人由平台登记，不能填写", "Who proposes and approves is noted by the platform and cannot be stated")


class SoundProfile(Rule):
    """Every condition can be judged: its operator fits its field, its values can be read, and it has as many as it needs."""

    code = "TARGET-SOUND"
    at = "filing"
    of = PROFILE
    title = Text("布控条件可判定", "Conditions can be judged")
    clause = "HS/T 82 9.1.7 d)"
    severity = "refuse"
    owner = "customs"

    def judge(self, record: Profile, found: Found) -> Unmet | None:
        """Refuses the first thing that is unsound."""
        if record.code.upper().startswith(RESERVED):
            return Unmet(TAKEN, "code")
        if record.valid_from and record.valid_until and record.valid_until < record.valid_from:
            return Unmet(BACKWARDS, "valid_until")
        if record.share is None and not record.score:
            return Unmet(SILENT, "score")
        return next((unmet for at, one in enumerate(record.conditions) if (unmet := unsound(at, one))), None)


class ChangedAsDraft(Rule):
    """What was proposed or approved is not changed any more: a change is a new edition."""

    code = "TARGET-DRAFT"
    at = "filing"
    of = PROFILE
    title = Text("只可修改草稿", "Only drafts are changed")
    clause = "HS/T 82 9.1.7 d)"
    severity = "refuse"
    owner = "customs"

    def needs(self, record: Profile, filer: str) -> Iterable[Need]:
        """The edition as it is kept."""
        return [Need(PROFILE, key=record.key(filer))]

    def judge(self, record: Profile, found: Found) -> Unmet | None:
        """Refuses a change of an edition that is no draft, and names that only the platform states."""
        for kept in found.of(Need(PROFILE, key=record.key(found.filer))):
            if kept.state != "draft":
                reason = Text(
                    "该版次已提请或批准，请另立新版次", "This edition was proposed or approved already; make a new edition"
                )
                return Unmet(reason, "edition", kept.ref)
        stated = (record.proposed_by, record.proposed_at, record.approved_by, record.approved_at)
        return Unmet(BY_HAND, "proposed_by") if any(stated) else None


class TriedProfile(Rule):
    """An edition is proposed only as it was tried on past declarations."""

    code = "TARGET-TRIED"
    at = "propose"
    of = PROFILE
    title = Text("提请前已试运行", "Tried before it is proposed")
    clause = "HS/T 82 9.1.7 d)"
    severity = "refuse"
    owner = "customs"

    def needs(self, record: Profile, filer: str) -> Iterable[Need]:
        """The trial of exactly this content."""
        return [Need(TRIAL, key=trial_key(record))]

    def judge(self, record: Profile, found: Found) -> Unmet | None:
        """Refuses content that was not tried."""
        if found.of(Need(TRIAL, key=trial_key(record))):
            return None
        return Unmet(Text("请先在历史报关单上试运行当前内容", "Try it on past declarations first, as it stands now"), "conditions")


def trial_key(record: Profile) -> str:
    """The natural key of the trial of a profile as it stands."""
    return f"{record.code}|{record.edition}|{record.digest}"


def unsound(at: int, condition: Condition) -> Unmet | None:
    """Why a condition cannot be judged, with the field at fault."""
    title, operator = named(condition.what), OPERATORS[condition.operator]
    if not fits(condition.what, condition.operator):
        reason = Text(f"“{title.zh}”不能用运算符“{operator.zh}”", f"“{title.en}” does not go with “{operator.en}”")
        return Unmet(reason, f"conditions.{at}.operator")
    least, most = COUNTS.get(condition.operator, (1, MOST_VALUES))
    if not least <= len(condition.values) <= most:
        several = f"{least}" if least == most else f"{least}–{most}"
        reason = Text(f"“{title.zh}”此处须有 {several} 个值", f"“{title.en}” takes {several} values here")
        return Unmet(reason, f"conditions.{at}.values")
    for number, text in enumerate(condition.values):
        if not _readable(condition, text):
            reason = Text(f"“{title.zh}”不能与所给的值比较", f"The value given cannot be compared with “{title.en}”")
            return Unmet(reason, f"conditions.{at}.values.{number}")
    return None


def _readable(condition: Condition, text: str) -> bool:
    try:
        read(FIELDS[condition.what].shape, text)
    except ValueError:
        return False
    return len(text) <= 120
