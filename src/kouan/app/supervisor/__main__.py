"""`kouan up` without the rest of the command line, whose imports take longer than a warm start of the database."""

from __future__ import annotations

import sys

from kouan.app.supervisor.api import up

if __name__ == "__main__":
    sys.exit(up())
