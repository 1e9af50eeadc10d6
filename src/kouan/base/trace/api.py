"""What others may import of the trace: how to say what is missing, and what a report says in a few words,
and which references a key in any spelling means."""

from kouan.base.trace.missing import Missing, explains
from kouan.base.trace.service import resolve, trace
from kouan.base.trace.telling import said, state_of, tells

__all__ = ["Missing", "explains", "resolve", "said", "state_of", "tells", "trace"]
