"""Handler: what a module does about an event: at least once, idempotent, in order per record, retried."""

from __future__ import annotations

from abc import abstractmethod
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from kouan.kernel.text import Text
from kouan.kernel.topics import listen
from kouan.kernel.words import Word

if TYPE_CHECKING:
    from kouan.kernel.events import Event
    from kouan.kernel.port import Port


class Handler(Word):
    """Base of handlers. `on`: the topics that it hears.

    `acts_for`: kind of organisation whose service account it uses, or "" for the event's own principal.
    """

    requires = ("title", "on")
    title: ClassVar[Text]
    on: ClassVar[tuple[str, ...]]
    acts_for: ClassVar[str] = ""
    attempts: ClassVar[int] = 8

    @classmethod
    def _register(cls) -> None:
        super()._register()
        listen(cls.code, cls.on)

    @abstractmethod
    async def handle(self, event: Event, port: Port) -> None:
        """React. Called again after any exception, with backoff, until `attempts` are used up."""


class Job(Word):
    """Something done on a schedule with lease: `every` so often, by one worker at a time."""

    requires = ("title", "every")
    title: ClassVar[Text]
    every: ClassVar[timedelta]

    @abstractmethod
    async def run(self, port: Port) -> None:
        """Do it once; must be safe to repeat."""
