"""What others may import of profiles: the plans in force, and what they leave out."""

from kouan.base.profile.records import HORIZONS, TIERS, WAYS, Goal, Profile
from kouan.base.profile.service import Plan, Plans, plans, shut, used

__all__ = ["HORIZONS", "TIERS", "WAYS", "Goal", "Plan", "Plans", "Profile", "plans", "shut", "used"]
