"""The tree of an EDIFACT body: interchanges, groups, messages, segments; nothing lost, nothing interpreted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

Element = tuple[str, ...]
"""A data element: its components in order. A simple element has one."""


class Segment(NamedTuple):
    """One segment. `elements` are those after the tag; `position` is the byte offset of the tag in the body.

    `repeats` holds further occurrences of repeated elements (syntax 4) as (index of the element, occurrence).
    Equality looks at content, not at the position.
    """

    tag: str
    elements: tuple[Element, ...] = ()
    position: int = -1
    repeats: tuple[tuple[int, Element], ...] = ()

    def get(self, element: int, component: int = 0) -> str:
        """The text of a component, counted from 0; "" where it is absent."""
        try:
            return self.elements[element][component]
        except IndexError:
            return ""

    def element(self, index: int) -> Element:
        """The components of an element, counted from 0; () where it is absent."""
        return self.elements[index] if index < len(self.elements) else ()

    def all(self, index: int) -> tuple[Element, ...]:
        """Every occurrence of a repeated element, the first one included."""
        more = tuple(element for at, element in self.repeats if at == index)
        return (self.elements[index], *more) if index < len(self.elements) else more

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Segment):
            return NotImplemented
        return self[0] == other[0] and self[1] == other[1] and self[3] == other[3]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self[0], self[1], self[3]))


@dataclass(frozen=True, slots=True)
class Separators:
    """The service characters. `release` and `repetition` are "" where there is none; `given`: a UNA stood there."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repetition: str = ""
    terminator: str = "'"
    given: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Message:
    """UNH to UNT. `segments` are those between; `trailer` is None where UNT is missing (tolerant reading only)."""

    header: Segment
    segments: tuple[Segment, ...]
    trailer: Segment | None

    @property
    def reference(self) -> str:
        """DE 0062."""
        return self.header.get(0)

    @property
    def type(self) -> str:
        """DE 0065, e.g. CUSCAR."""
        return self.header.get(1, 0)

    @property
    def version(self) -> str:
        """DE 0052, e.g. D."""
        return self.header.get(1, 1)

    @property
    def release(self) -> str:
        """DE 0054, e.g. 95B."""
        return self.header.get(1, 2)

    @property
    def agency(self) -> str:
        """DE 0051, e.g. UN."""
        return self.header.get(1, 3)

    @property
    def association(self) -> str:
        """DE 0057, the association's own code."""
        return self.header.get(1, 4)


@dataclass(frozen=True)
class Package:
    """UNO to UNP (syntax 4): an object of any bytes; `segments` are those before it, `position` is its first byte in the body.

    Equality looks at content, not at the position.
    """

    header: Segment
    segments: tuple[Segment, ...]
    content: bytes = field(repr=False)
    trailer: Segment | None
    position: int = field(default=-1, compare=False)

    @property
    def reference(self) -> str:
        """DE 0800."""
        return self.header.get(0)


@dataclass(frozen=True)
class Group:
    """UNG to UNE: messages and packages of one functional group."""

    header: Segment
    body: tuple[Message | Package, ...]
    trailer: Segment | None

    @property
    def messages(self) -> tuple[Message, ...]:
        """Its messages in order."""
        return tuple(part for part in self.body if isinstance(part, Message))

    @property
    def reference(self) -> str:
        """DE 0048. It stands fifth in UNG: after type, sender, recipient and time."""
        return self.header.get(4)


@dataclass(frozen=True)
class Interchange:
    """UNB to UNZ. `header` is None where the body began with a message (tolerant reading only)."""

    separators: Separators
    charset: str
    header: Segment | None
    body: tuple[Group | Message | Package, ...]
    trailer: Segment | None

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages in order, those in groups included."""
        if not self.groups:
            return tuple(part for part in self.body if isinstance(part, Message))
        return tuple(one for one in self._parts() if isinstance(one, Message))

    @property
    def packages(self) -> tuple[Package, ...]:
        """All packages in order, those in groups included."""
        return tuple(one for one in self._parts() if isinstance(one, Package))

    def _parts(self) -> Iterator[Message | Package]:
        for part in self.body:
            if isinstance(part, Group):
                yield from part.body
            else:
                yield part

    @property
    def groups(self) -> tuple[Group, ...]:
        """The functional groups, if the interchange uses them."""
        return tuple(part for part in self.body if isinstance(part, Group))

    @property
    def syntax(self) -> str:
        """Syntax identifier and version as sent, e.g. UNOC:3."""
        return ":".join(self.header.element(0)[:2]) if self.header else ""

    @property
    def sender(self) -> str:
        """DE 0004."""
        return self.header.get(1) if self.header else ""

    @property
    def recipient(self) -> str:
        """DE 0010."""
        return self.header.get(2) if self.header else ""

    @property
    def prepared(self) -> str:
        """Date and time of preparation as sent, YYMMDD:HHMM or (syntax 4) CCYYMMDD:HHMM; no time zone stated."""
        return ":".join(self.header.element(3)) if self.header else ""

    @property
    def reference(self) -> str:
        """DE 0020, the interchange control reference."""
        return self.header.get(4) if self.header else ""

    @property
    def test(self) -> bool:
        """DE 0035: the sender marks a test."""
        return bool(self.header) and self.header is not None and self.header.get(10) == "1"


def message(reference: str, kind: tuple[str, ...], segments: tuple[Segment, ...]) -> Message:
    """A message with its header and counted trailer. `kind` is S009, e.g. ("CUSCAR", "D", "95B", "UN")."""
    header = Segment("UNH", ((reference,), kind))
    return Message(header, segments, Segment("UNT", ((str(len(segments) + 2),), (reference,))))


def interchange(
    syntax: tuple[str, str], sender: Element, recipient: Element, prepared: Element, reference: str,
    messages: tuple[Message, ...],
) -> Interchange:
    """An interchange with its header and counted trailer. `prepared` is (date, time) as the syntax version asks."""
    header = Segment("UNB", (syntax, sender, recipient, prepared, (reference,)))
    trailer = Segment("UNZ", ((str(len(messages)),), (reference,)))
    separators = Separators(repetition="*" if syntax[1] == "4" else "")
    return Interchange(separators, syntax[0], header, messages, trailer)
