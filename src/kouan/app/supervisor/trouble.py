"""Why the platform cannot run: said once, in both languages, and then the process ends."""

from __future__ import annotations

from kouan.kernel.text import Text

CONFIGURATION = 2
BEHIND_WITNESS = 3


class Trouble(Exception):
    """The platform cannot start or go on; `code` is the exit code of the process."""

    def __init__(self, reason: Text, code: int = 1) -> None:
        super().__init__(reason.en)
        self.reason, self.code = reason, code

    def lines(self) -> str:
        """The message for a person, one line in each language."""
        return f"kouan: {self.reason.zh}\nkouan: {self.reason.en}"
