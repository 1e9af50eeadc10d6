"""One line of a work list, and who may put lines there (register down)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Act:
    """The suggested action: a page to open (`href`), or a call to make (`url`, `body`)."""

    title: Text
    href: str = ""
    url: str = ""
    body: dict[str, Any] = field(default_factory=dict)

    def out(self) -> dict[str, Any]:
        """The JSON shape of the API."""
        post = {"url": self.url, "body": self.body} if self.url else None
        return {"title": self.title.out(), "href": self.href or None, "post": post}


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Something that needs the caller: what, why, until when, and what to do."""

    title: Text
    why: Text
    act: Act | None
    record: str = ""
    ref: str = ""
    id: str = ""
    due: datetime | None = None
    state: str | None = None

    def out(self) -> dict[str, Any]:
        """The JSON shape of the API."""
        return {
            "title": self.title.out(),
            "why": self.why.out(),
            "ref": self.ref,
            "record": self.record,
            "id": self.id,
            "due": stamp(self.due) if self.due else None,
            "state": self.state,
            "action": self.act.out() if self.act else None,
        }


WorkSource = Callable[[Connection, Port, Principal], Awaitable[list[WorkItem]]]
_sources: dict[str, WorkSource] = {}


def works(about: str, source: WorkSource) -> None:
    """Let a source say what waits for a caller about records of a type (it replaces the lifecycle's own lines) or a topic.

    The connection is in the caller's scope.
    """
    _sources[about] = source


def sources() -> dict[str, WorkSource]:
    """All registered sources by what they are about."""
    return dict(_sources)


def address(record: str, *parts: str) -> str:
    """The web address of a record type's pages."""
    return "/".join(("/records", *record.split("."), *parts))
