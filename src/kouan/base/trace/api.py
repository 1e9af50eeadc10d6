"""What others may import of the trace: how to say what is missing, and what a report says in a few words."""

from kouan.base.trace.missing import Missing, explains
from kouan.base.trace.service import trace
from kouan.base.trace.telling import tells

__all__ = ["Missing", "explains", "tells", "trace"]
