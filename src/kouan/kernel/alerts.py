"""Alert: a rule over signals and records that raises a handled warning, with severity, place, evidence and fate."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from kouan.kernel.signals import Frame
from kouan.kernel.text import Text
from kouan.kernel.words import Word

Severity = Literal["notice", "warning", "serious", "critical"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that port staff may set: its default, unit and bounds."""

    title: Text
    default: float
    unit: str
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Raised:
    """One condition that holds: what it is about, since when, where, and what shows it.

    `key` names the condition among those of its alert: while it is raised again and again it is one warning.
    `subjects` are references (`vessel:mmsi:…`, `place:…`); `evidence` is what a person checks it by (readings, track).
    """

    key: str
    message: Text
    at: datetime
    subjects: tuple[str, ...]
    evidence: Mapping[str, Any]
    lon: float | None = None
    lat: float | None = None
    value: float | None = None
    threshold: float | None = None
    orgs: tuple[str, ...] = ()
    severity: Severity | None = None
    simulated: bool = field(default=False)


class Past(ABC):
    """The past as an alert sees it: frames of `signals` are folded in order of time, and looked at again and again.

    An alert that names one (`Alert.past`) can be tried on past days before its numbers are changed.
    """

    signals: ClassVar[tuple[str, ...]]
    every: ClassVar[timedelta] = timedelta(seconds=10)

    @abstractmethod
    async def start(self, port: Any) -> None:
        """Read what does not lie in frames: places, for one."""

    @abstractmethod
    def fold(self, frame: Frame) -> None:
        """What was heard next."""

    @abstractmethod
    def look(self, now: datetime) -> Any:
        """The view at a moment, as `Alert.judge` takes it."""


class Alert(Word):
    """Base of alerts: one kind of warning, by clause, with the parameters that port staff set without code.

    The engine stands in operations. It calls `judge` with the live view each second and folds what is raised: a
    condition that was not there opens a warning, one that is gone for `clears_after` ends it.
    """

    requires = ("title", "clause", "severity", "parameters", "owner", "respond", "clears_after")
    title: ClassVar[Text]
    clause: ClassVar[str]
    severity: ClassVar[Severity]
    parameters: ClassVar[Mapping[str, Parameter]]
    owner: ClassVar[str]
    respond: ClassVar[timedelta]
    clears_after: ClassVar[timedelta]
    past: ClassVar[type[Past] | None] = None

    @abstractmethod
    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """The conditions that hold now. `view` is what the engine sees of the port; called in one thread, in order."""
