"""Segments to interchange, groups and messages; counts and references checked on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

from kouan.base.exchange.codecs.edifact import faults
from kouan.base.exchange.codecs.edifact.model import Group, Message, Package, Segment
from kouan.base.exchange.codecs.edifact.packages import Cut
from kouan.base.exchange.codecs.edifact.tokens import Tokens
from kouan.base.exchange.codecs.problem import Fault

_PARTS = (("S001", 0), ("S002", 1), ("S003", 2), ("S004", 3), ("0020", 4))


class Notes(Protocol):
    """Where problems and notices go."""

    def wrong(self, fault: Fault, position: str, field: str = "", **values: object) -> None:
        """Note what proves loss or damage."""

    def note(self, fault: Fault, position: str, field: str = "", **values: object) -> None:
        """Note a slip that loses nothing."""


class Builder:
    """Builds one interchange from its segments."""

    def __init__(self, findings: Notes, place: str, objects: Mapping[int, Cut]) -> None:
        self._findings, self._place, self._objects = findings, place, objects
        self._segments: list[Segment] = []
        self._parts: list[Group | Message | Package] = []
        self._in_group: list[Message | Package] = []
        self._references: set[str] = set()
        self._messages = 0
        self._group: Segment | None = None
        self._unh = self._uno = -1

    def build(self, tokens: Tokens) -> tuple[Segment | None, tuple[Group | Message | Package, ...], Segment | None]:
        """(UNB, groups, messages and packages, UNZ). Every slip is told to the findings."""
        segments = self._segments = tokens.segments
        self._check_tags(tokens)
        header = trailer = None
        after = 0
        for index in tokens.service:
            segment = segments[index]
            self._outside(after, index)
            after = index + 1
            match segment.tag:
                case "UNB":
                    header = segment
                case "UNZ":
                    trailer = segment
                case "UNH":
                    self._close_message(index)
                    self._unh = index
                case "UNO":
                    self._close_message(index)
                    self._uno = index
                case "UNP":
                    self._take_package(index)
                case "UNT":
                    self._take_message(index)
                case "UNG":
                    self._close_group(index)
                    self._group = segment
                case "UNE":
                    self._take_group(index)
                case _:
                    self._findings.wrong(faults.INTERACTIVE, self._at(segment), segment.tag, tag=segment.tag)
        self._outside(after, len(segments))
        self._finish(header, trailer)
        return header, tuple(self._parts), trailer

    def _at(self, segment: Segment, message: int = 0, number: int = 0) -> str:
        where = f"message {message}, segment {number}, " if message else ""
        return f"{self._place}{where}byte {segment.position}"

    def _check_tags(self, tokens: Tokens) -> None:
        bad = {tag for tag in tokens.tags if not _is_tag(tag)}
        for segment in tokens.segments if bad else ():
            if segment.tag in bad:
                self._findings.wrong(faults.TAG, self._at(segment), segment.tag[:3], tag=segment.tag)

    def _outside(self, after: int, index: int) -> None:
        """Segments between service segments belong to an open message, or stand outside any."""
        if self._unh < 0 and self._uno < 0 and index > after:
            stray = self._segments[after]
            self._findings.wrong(faults.OUTSIDE, self._at(stray), stray.tag, tag=stray.tag)

    def _take_message(self, index: int) -> None:
        trailer = self._segments[index]
        if self._unh < 0:
            self._findings.wrong(faults.UNH_MISSING, self._at(trailer), "UNH")
            return
        header, count = self._segments[self._unh], index - self._unh + 1
        self._add_message(index, trailer)
        at = self._at(trailer, self._messages, count)
        if _number(trailer.get(0)) == count + 1:
            # A common slip counts UNB too, so one too many proves no loss; anything else does.
            self._findings.note(faults.UNT_OFF, at, "UNT/0074", declared=trailer.get(0), found=count)
        elif _number(trailer.get(0)) != count:
            self._findings.wrong(faults.UNT_COUNT, at, "UNT/0074", declared=trailer.get(0), found=count)
        self._same(faults.UNT_REFERENCE, at, "UNT/0062", header.get(0), trailer, 1)

    def _close_message(self, index: int) -> None:
        """A message or package that is still open where another part begins has lost its UNT or UNP."""
        if self._uno >= 0:
            self._findings.wrong(faults.UNP_MISSING, self._at(self._segments[self._uno]), "UNP")
            self._add_package(index, None)
        if self._unh < 0:
            return
        self._findings.wrong(faults.UNT_MISSING, self._at(self._segments[self._unh], self._messages + 1, 1), "UNT")
        self._add_message(index, None)

    def _add_message(self, index: int, trailer: Segment | None) -> None:
        header = self._segments[self._unh]
        message = Message(header, tuple(self._segments[self._unh + 1 : index]), trailer)
        (self._parts if self._group is None else self._in_group).append(message)
        self._messages += 1
        self._unh = -1
        at = self._at(header, self._messages, 1)
        if not (header.get(0) and header.get(1)):
            self._findings.note(faults.HEADER_PART, at, "UNH", tag="UNH", part="0062" if header.get(1) else "S009")
        elif header.get(0) in self._references:
            self._findings.note(faults.DUPLICATE, at, "UNH/0062", found=header.get(0))
        self._references.add(header.get(0))

    def _take_package(self, index: int) -> None:
        trailer = self._segments[index]
        if self._uno < 0:
            self._findings.wrong(faults.UNO_MISSING, self._at(trailer), "UNO")
            return
        header = self._segments[self._uno]
        self._add_package(index, trailer)
        if _number(trailer.get(0)) != _number(header.get(3)):
            stated = {"declared": trailer.get(0), "found": header.get(3)}
            self._findings.wrong(faults.UNP_LENGTH, self._at(trailer), "UNP/0810", **stated)
        self._same(faults.UNP_REFERENCE, self._at(trailer), "UNP/0800", header.get(0), trailer, 1)

    def _add_package(self, index: int, trailer: Segment | None) -> None:
        header = self._segments[self._uno]
        found = self._objects.get(header.position) or Cut(header.position, b"", whole=False)
        before = tuple(self._segments[self._uno + 1 : index])
        package = Package(header, before, found.content, trailer, found.position)
        (self._parts if self._group is None else self._in_group).append(package)
        self._uno = -1
        if not found.whole:
            self._findings.wrong(faults.PACKAGE, self._at(header), "UNO")
            return
        kind = " ".join(":".join(part for part in element if part) for element in header.all(2)) or "?"
        said = {"reference": package.reference, "kind": kind, "digest": hashlib.sha256(found.content).hexdigest()}
        at = f"{self._place}byte {found.position}"
        self._findings.note(faults.SET_ASIDE, at, "UNO", length=len(found.content), **said)

    def _take_group(self, index: int) -> None:
        trailer = self._segments[index]
        self._close_message(index)
        if self._group is None:
            self._findings.wrong(faults.UNG_MISSING, self._at(trailer), "UNG")
            return
        found, at = len(self._in_group), self._at(trailer)
        if _number(trailer.get(0)) != found:
            self._findings.wrong(faults.UNE_COUNT, at, "UNE/0060", declared=trailer.get(0), found=found)
        self._same(faults.UNE_REFERENCE, at, "UNE/0048", self._group.get(4), trailer, 1)
        self._add_group(trailer)

    def _close_group(self, index: int) -> None:
        self._close_message(index)
        if self._group is not None:
            self._findings.wrong(faults.UNE_MISSING, self._at(self._group), "UNE")
            self._add_group(None)

    def _add_group(self, trailer: Segment | None) -> None:
        if self._group is not None:
            self._parts.append(Group(self._group, tuple(self._in_group), trailer))
        self._in_group, self._group = [], None

    def _finish(self, header: Segment | None, trailer: Segment | None) -> None:
        # A message or group that is open at the end ends before UNZ, if there is one.
        self._close_group(len(self._segments) - (trailer is not None))
        if len({isinstance(part, Group) for part in self._parts}) > 1:
            self._findings.wrong(faults.MIXED, self._at(self._segments[0]), "UNG")
        if header is None and self._segments:
            self._findings.wrong(faults.UNB_MISSING, self._at(self._segments[0]), "UNB")
        if header is not None:
            absent = [part for part, index in _PARTS if not header.get(index)]
            if absent:
                part = ", ".join(absent)
                self._findings.note(faults.HEADER_PART, self._at(header), "UNB", tag="UNB", part=part)
        self._check_trailer(header, trailer)

    def _check_trailer(self, header: Segment | None, trailer: Segment | None) -> None:
        if trailer is None:
            if header is not None:
                self._findings.wrong(faults.UNZ_MISSING, self._at(header), "UNZ")
            return
        found, at = len(self._parts), self._at(trailer)
        if _number(trailer.get(0)) != found:
            self._findings.wrong(faults.UNZ_COUNT, at, "UNZ/0036", declared=trailer.get(0), found=found)
        if header is not None:
            self._same(faults.UNZ_REFERENCE, at, "UNZ/0020", header.get(4), trailer, 1)

    def _same(self, fault: Fault, at: str, part: str, expected: str, trailer: Segment, index: int) -> None:
        found = trailer.get(index)
        if not found:
            self._findings.note(faults.REFERENCE_ABSENT, at, part, tag=trailer.tag)
        elif found != expected:
            self._findings.wrong(fault, at, part, expected=expected, found=found)


@lru_cache(1024)
def _is_tag(tag: str) -> bool:
    """Three capitals or digits, the first a letter; explicit nesting (TAG:1:2) may follow."""
    name, *nesting = tag.split(":")
    plain = len(name) == 3 and name.isascii() and name.isalnum() and name.isupper() and name[0].isalpha()
    return plain and all(level.isdigit() for level in nesting)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
