"""Handler, Follower, Job: what a module does about an event, about many facts at once, or on a schedule.

What must be done about each event is a Handler's: a task of its own, written with the fact. What follows from how records
stand is a Follower's: it reads the events themselves, in batches, some time after they were committed, and costs a filing nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
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
    """Something done on a schedule with lease: `every` so often, by one worker at a time. `rests`: how seldom while nothing is accepted,
    for one that works off what was accepted and answered that nothing waits."""

    requires = ("title", "every")
    title: ClassVar[Text]
    every: ClassVar[timedelta]
    rests: ClassVar[timedelta | None] = None

    @abstractmethod
    async def run(self, port: Port) -> bool | None:
        """Do it once; must be safe to repeat. False: there is nothing to come back to, unless something is accepted."""


@dataclass(frozen=True, slots=True)
class Told:
    """That something happened to a record, and the version that it then had: what a follower is told of an event."""

    topic: str
    record: str
    record_id: str
    event: str = ""
    version: int = 0


class Follower(Word):
    """Base of followers. `topics`: those that it follows; `settle`: how long an event lies before it is handed over; `past`:
    whether it is told also of what happened before it came into use.

    At least once, in the order of commitment, by one worker at a time; must be safe to repeat. What cannot be followed
    with others is followed by itself, retried and dead-lettered like a handler's task, and holds up no other.
    """

    requires = ("title",)
    title: ClassVar[Text]
    settle: ClassVar[timedelta] = timedelta(seconds=1)
    past: ClassVar[bool] = True
    attempts: ClassVar[int] = 8

    @classmethod
    @abstractmethod
    def topics(cls) -> tuple[str, ...]:
        """The topics that it follows; asked when the process begins."""

    async def heeds(self, port: Port) -> bool:
        """Whether anything waits for what happens. If not, what was committed by now is passed over unread.

        Asked after it is known up to where all was committed: what comes into force later must see to what stands already.
        """
        return True

    @abstractmethod
    async def follow(self, told: Sequence[Told], port: Port) -> None:
        """React to events that were committed one after the other; a record may be told of several times."""
