"""What others may import of joint disposal."""

from kouan.supervision.disposal.lifecycle import TRACK, InstructionLife

__all__ = ["TRACK", "InstructionLife"]
