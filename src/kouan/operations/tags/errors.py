"""What may be asked wrongly of tags."""

from __future__ import annotations

from kouan.kernel.errors import Conflict, Denied
from kouan.kernel.text import Text

NOT_IN_FORCE = Text("标签未生效，不能计算", "The tag is not in force and is not computed")
NOT_AN_AUTHOR = Text("只有可定义标签的单位可以计算标签", "Only organisations that define tags compute them")


def not_in_force() -> Conflict:
    """A draft or a retired tag."""
    return Conflict(NOT_IN_FORCE, rule="compute", code="not_in_state")


def not_an_author() -> Denied:
    """Neither its owner nor one who defines tags."""
    return Denied(NOT_AN_AUTHOR, rule="compute")
