"""`kouan up` with the processes that a link needs and no others: doors, handlers and outbox, the ledger's signer."""

from __future__ import annotations

import sys

from kouan.app.supervisor.api import Cast, up
from kouan.app.supervisor.group import SIGNER
from kouan.app.supervisor.processes import Program

if __name__ == "__main__":
    sys.exit(up(cast=Cast(kept=(SIGNER, Program("serve"), Program("work")))))
