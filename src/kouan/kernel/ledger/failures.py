"""What stops the ledger: reasons that a person must act on."""

from __future__ import annotations

from kouan.kernel.text import Text

EXIT_CODE = 3
"""The exit code of a process that refused to lead the ledger; starting it again does not help."""


class LedgerRefused(RuntimeError):
    """The ledger's state contradicts what was signed or witnessed; `reason` says what to do."""

    def __init__(self, reason: Text) -> None:
        super().__init__(f"{reason.zh} / {reason.en}")
        self.reason = reason


class UnknownEntry(LookupError):
    """No entry of that id is in the ledger."""
