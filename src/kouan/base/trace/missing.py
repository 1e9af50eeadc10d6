"""What is missing before something may go on; higher boards register who can say it (register down)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kouan.base.identity.api import KINDS
from kouan.kernel.clock import stamp
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.rules import Kept
from kouan.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Missing:
    """One unmet condition: its rule, a reason that every reader may know, whose it is, until when, where, since when.

    `owner`: the kind or short name of the organisation that can make it hold; `title`: its name, where it has no account.
    """

    rule: str
    reason: Text
    owner: str
    deadline: datetime | None
    record: str
    ref: str
    since: datetime
    title: Text | None = None

    def out(self) -> dict[str, Any]:
        """The JSON shape of the trace."""
        title = self.title or KINDS.get(self.owner) or Text(self.owner, self.owner)
        return {
            "rule": self.rule,
            "reason": self.reason.out(),
            "owner": {"org": self.owner, "title": title.out()},
            "deadline": stamp(self.deadline) if self.deadline else None,
            "record": self.record,
            "ref": self.ref,
            "since": stamp(self.since),
        }


Explain = Callable[[Port, Principal, Sequence[Kept]], Awaitable[list[Missing]]]
_explain: dict[str, Explain] = {}


def explains(record: str, explain: Explain) -> None:
    """Let a function say what is missing for records of a type; it gets those of one trace, newest first."""
    _explain[record] = explain


def explainer(record: str) -> Explain | None:
    """Who says what is missing for records of a type, if anybody does."""
    return _explain.get(record)
