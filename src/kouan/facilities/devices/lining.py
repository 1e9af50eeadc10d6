"""What a driver of devices is: a folder under `drivers` with a class of its own, which states all that the platform must know of it.

A line is the platform's own connection to one device. It knows of the device what `Target` says, and nothing of the register.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from kouan.facilities.devices.telling import Told
from kouan.kernel.drivers import Driver
from kouan.kernel.text import Text

HOST = r"[A-Za-z0-9.-]{1,120}"


class Lost(OSError):
    """A connection ended, or never was one; `cause` is counted."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Line(Protocol):
    """A connection to one device: works until it breaks."""

    async def run(self, said: Callable[[Told], None]) -> None:
        """Tell what the device says until the connection breaks (Lost, OSError, TimeoutError) or the task is cancelled."""


class Point(Protocol):
    """A metric of a device: its name and its address in the device."""

    @property
    def name(self) -> str:
        """As the register names it."""

    @property
    def source(self) -> str:
        """Where the device keeps it."""


class Stated(Protocol):
    """What the register says of a device that one connects to; seconds."""

    @property
    def address(self) -> str:
        """As the driver's own form has it."""

    @property
    def keep_alive_s(self) -> int:
        """How often it is heard at least."""

    @property
    def poll_s(self) -> float | None:
        """How often it is asked; None: the driver knows."""

    @property
    def metrics(self) -> Sequence[Point]:
        """What it measures."""


class Target(Protocol):
    """A device that one connects to."""

    @property
    def data(self) -> Stated:
        """What the register says of it."""

    @property
    def login(self) -> tuple[str, str] | None:
        """User and password by which the platform enters it."""


class DeviceDriver(Driver):
    """Base of the drivers of devices. `code` is the driver's name in the register and that of its folder.

    `label`: what a person chooses; `address`: the form of a device's address (None: any) and `address_words` how it is told;
    `source` reads a metric's address in the device (None: any), `source_words` tells its form; `commanded`: it takes commands,
    `values_only`: no texts; `entered`: the platform enters it with a user and a password; `enters`: it comes to the listener that the
    platform carries; a topic of `spBv1.0` does not go there.
    """

    requires: ClassVar[tuple[str, ...]] = (*Driver.requires, "label")
    label: ClassVar[Text]
    address: ClassVar[re.Pattern[str] | None] = None
    address_words: ClassVar[Text] = Text("—", "—")
    source: ClassVar[Callable[[str], object | None] | None] = None
    source_words: ClassVar[Text] = Text("—", "—")
    commanded: ClassVar[bool] = False
    values_only: ClassVar[bool] = False
    entered: ClassVar[bool] = False
    connects: ClassVar[bool] = False
    enters: ClassVar[bool] = True

    @classmethod
    def line(cls, device: Target) -> Line:
        """The platform's connection to a device, for a driver that `connects`."""
        raise NotImplementedError(cls.code)

    @staticmethod
    @abstractmethod
    def check() -> Text | None:
        """None when the driver reads its own samples."""
