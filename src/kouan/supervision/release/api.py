"""What others may import of release."""

from kouan.supervision.release.lifecycle import STATES
from kouan.supervision.release.service import clear, release, why

__all__ = ["STATES", "clear", "release", "why"]
