"""What a plan must be: of modules that there are and that can be spared, of goals that can be measured in time."""

from __future__ import annotations

from collections import Counter

from kouan.base.profile.records import Profile
from kouan.kernel.indicators import Indicator
from kouan.kernel.modules import modules
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text
from kouan.kernel.words import every

PROFILE = Profile.facts.name
UNKNOWN = Text("没有名为“{name}”的模块", "There is no module named “{name}”")
LASTING = Text("模块“{name}”是平台的基础，不能停用", "The module “{name}” is what the platform rests on; it cannot be switched off")
TWICE = Text("模块“{name}”在方案中出现不止一次", "The module “{name}” stands in the plan more than once")
NO_INDICATOR = Text("没有代码为“{code}”的指标，目标无法衡量", "There is no indicator “{code}”: the goal could not be measured")
LATE = Text("期限 {due} 晚于 {horizon} 年", "It is due on {due}, after {horizon}")


class SparePlan(Rule):
    """The plan names modules that there are, each once, and none that everything rests on is switched off."""

    code = "PROFILE-PLAN"
    at = "filing"
    of = PROFILE
    title = Text("模块方案可行", "A plan of modules that can be kept")
    clause = "HS/T 82 4.1"
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Profile, found: Found) -> Unmet | None:
        """Refuses unknown, doubled and lasting modules."""
        known = {module.name: module for module in modules()}
        count = Counter(one.module for one in record.plan)
        for at, one in enumerate(record.plan):
            if one.module not in known:
                return Unmet(UNKNOWN.fill(name=one.module), f"plan.{at}.module")
            if count[one.module] > 1:
                return Unmet(TWICE.fill(name=one.module), f"plan.{at}.module")
            if known[one.module].lasting and not one.on:
                return Unmet(LASTING.fill(name=one.module), f"plan.{at}.on")
        return None


class MeasuredGoals(Rule):
    """Each goal is measured by a declared indicator and due within its stage."""

    code = "PROFILE-GOAL"
    at = "filing"
    of = PROFILE
    title = Text("目标可衡量", "Goals that can be measured")
    clause = "HS/T 82 4.1"
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Profile, found: Found) -> Unmet | None:
        """Refuses a goal without a known indicator, or due after its stage."""
        known = {one.code for one in every(Indicator)}
        for at, goal in enumerate(record.goals):
            if goal.indicator not in known:
                return Unmet(NO_INDICATOR.fill(code=goal.indicator), f"goals.{at}.indicator")
            if goal.due.year > int(goal.horizon):
                return Unmet(LATE.fill(due=goal.due, horizon=goal.horizon), f"goals.{at}.due")
        return None
