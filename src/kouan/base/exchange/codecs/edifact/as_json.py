"""EDIFACT as JSON and back, nothing lost: every segment with its elements and components, and the service characters.

    {"interchanges": [{"charset": "UNOA", "separators": {…}, "header": SEGMENT | null, "body": [PART…], "trailer": SEGMENT | null}]}
    PART: {"header": SEGMENT, "segments": [SEGMENT…], "trailer": SEGMENT | null}, a message; or
          {"header": SEGMENT, "messages": [MESSAGE or PACKAGE…], "trailer": SEGMENT | null}, a functional group; or
          {"header": SEGMENT, "segments": [SEGMENT…], "object": "BASE64", "trailer": SEGMENT | null}, a package (UNO)
    SEGMENT: {"tag": "BGM", "elements": ["785", ["a", "b"]]}; with syntax 4 also "repeats": [[index of the element, ELEMENT]…]
    ELEMENT: a text, or the texts of its components where it has several
"""

from __future__ import annotations

import base64
from typing import Annotated, Any

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from kouan.base.exchange.codecs.edifact.model import Element, Group, Interchange, Message, Package, Segment, Separators

MOST_SEGMENTS, MOST_ELEMENTS, MOST_TEXT = 200_000, 200, 20_000
Text = Annotated[str, Field(max_length=MOST_TEXT)]
OneElement = Text | Annotated[list[Text], Field(min_length=1, max_length=MOST_ELEMENTS)]
Mark = Annotated[str, Field(max_length=1, pattern=r"^[ -~]?$")]
_NO_MORE = ConfigDict(extra="forbid")


class SegmentDoc(BaseModel):
    """A segment."""

    model_config = _NO_MORE
    tag: str = Field(pattern=r"^[A-Z0-9:]{3,35}$")
    elements: list[OneElement] = Field(default=[], max_length=MOST_ELEMENTS)
    repeats: list[tuple[Annotated[int, Field(ge=0, lt=MOST_ELEMENTS)], OneElement]] = Field(default=[], max_length=MOST_ELEMENTS)


class MessageDoc(BaseModel):
    """UNH to UNT."""

    model_config = _NO_MORE
    header: SegmentDoc
    segments: list[SegmentDoc] = Field(max_length=MOST_SEGMENTS)
    trailer: SegmentDoc | None


class PackageDoc(BaseModel):
    """UNO to UNP."""

    model_config = _NO_MORE
    header: SegmentDoc
    segments: list[SegmentDoc] = Field(max_length=MOST_SEGMENTS)
    object: Base64Bytes
    trailer: SegmentDoc | None


class GroupDoc(BaseModel):
    """UNG to UNE."""

    model_config = _NO_MORE
    header: SegmentDoc
    messages: list[MessageDoc | PackageDoc] = Field(max_length=MOST_SEGMENTS)
    trailer: SegmentDoc | None


class SeparatorsDoc(BaseModel):
    """The service characters; `release` and `repetition` empty where there is none, `given`: a UNA stands there."""

    model_config = _NO_MORE
    component: Annotated[Mark, Field(min_length=1)] = ":"
    element: Annotated[Mark, Field(min_length=1)] = "+"
    decimal: Annotated[Mark, Field(min_length=1)] = "."
    release: Mark = "?"
    repetition: Mark = ""
    terminator: Annotated[Mark, Field(min_length=1)] = "'"
    given: bool = False


class InterchangeDoc(BaseModel):
    """UNB to UNZ."""

    model_config = _NO_MORE
    charset: str = Field(max_length=8)
    separators: SeparatorsDoc = SeparatorsDoc()
    header: SegmentDoc | None
    body: list[MessageDoc | GroupDoc | PackageDoc] = Field(max_length=MOST_SEGMENTS)
    trailer: SegmentDoc | None


def to_json(interchange: Interchange) -> dict[str, Any]:
    """An interchange as JSON."""
    marks = interchange.separators
    names = ("component", "element", "decimal", "release", "repetition", "terminator", "given")
    return {
        "charset": interchange.charset, "separators": {name: getattr(marks, name) for name in names},
        "header": _maybe(interchange.header), "body": [_part(part) for part in interchange.body], "trailer": _maybe(interchange.trailer),
    }  # fmt: skip


def _part(part: Group | Message | Package) -> dict[str, Any]:
    if isinstance(part, Group):
        inner = [_part(one) for one in part.body]
        return {"header": _segment(part.header), "messages": inner, "trailer": _maybe(part.trailer)}
    told = {"header": _segment(part.header), "segments": [_segment(one) for one in part.segments], "trailer": _maybe(part.trailer)}
    return told | {"object": base64.b64encode(part.content).decode()} if isinstance(part, Package) else told


def _maybe(segment: Segment | None) -> dict[str, Any] | None:
    return _segment(segment) if segment is not None else None


def _segment(segment: Segment) -> dict[str, Any]:
    told: dict[str, Any] = {"tag": segment.tag, "elements": [_element(one) for one in segment.elements]}
    return told | {"repeats": [[at, _element(one)] for at, one in segment.repeats]} if segment.repeats else told


def _element(element: Element) -> str | list[str]:
    return element[0] if len(element) == 1 else list(element)


def from_json(told: InterchangeDoc) -> Interchange:
    """The interchange that JSON tells."""
    marks = Separators(**told.separators.model_dump())
    body = tuple(_group(one) if isinstance(one, GroupDoc) else _single(one) for one in told.body)
    return Interchange(marks, told.charset, _read_maybe(told.header), body, _read_maybe(told.trailer))


def _group(told: GroupDoc) -> Group:
    return Group(_read(told.header), tuple(_single(one) for one in told.messages), _read_maybe(told.trailer))


def _single(told: MessageDoc | PackageDoc) -> Message | Package:
    header, segments = _read(told.header), tuple(_read(one) for one in told.segments)
    if isinstance(told, PackageDoc):
        return Package(header, segments, told.object, _read_maybe(told.trailer))
    return Message(header, segments, _read_maybe(told.trailer))


def _read_maybe(told: SegmentDoc | None) -> Segment | None:
    return _read(told) if told is not None else None


def _read(told: SegmentDoc) -> Segment:
    repeats = tuple((at, _read_element(one)) for at, one in told.repeats)
    return Segment(told.tag, tuple(_read_element(one) for one in told.elements), repeats=repeats)


def _read_element(told: str | list[str]) -> Element:
    return (told,) if isinstance(told, str) else tuple(told)
