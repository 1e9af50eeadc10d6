"""What others may import of goals: how one stands."""

from kouan.operations.goals.service import STATUSES, status

__all__ = ["STATUSES", "status"]
