"""What is tried by turns: of much that is alike a part at each run, so that a run ends in time; KOUAN_TURN brings the next part.

The same commit tries the same everywhere: nothing depends on the day. `make faults` takes the turn of its day.
"""

from __future__ import annotations

import os

TURN = int(os.environ.get("KOUAN_TURN", "0"))
