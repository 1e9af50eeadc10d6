"""What others may import of targeting."""

from kouan.supervision.targeting.records import Assessment, Reason
from kouan.supervision.targeting.scoring import content_of
from kouan.supervision.targeting.service import Desk, Seen, current, desk

__all__ = ["Assessment", "Desk", "Reason", "Seen", "content_of", "current", "desk"]
