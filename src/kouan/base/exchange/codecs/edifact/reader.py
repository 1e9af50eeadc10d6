"""Bytes to interchanges. `read` takes what it can and tells all; `parse` refuses where loss or damage is proved."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

from kouan.base.exchange.codecs.edifact import charsets, faults, packages, service
from kouan.base.exchange.codecs.edifact.model import Group, Interchange, Message, Segment, Separators
from kouan.base.exchange.codecs.edifact.structure import Builder
from kouan.base.exchange.codecs.edifact.tokens import SPACE, Tokens, tokenize
from kouan.base.exchange.codecs.problem import MOST, CodecError, Fault, Problem

HEADER = 4096
"""A UNB longer than this many bytes is not looked for."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a body held. `problems` prove loss or damage; `notices` are slips that lose nothing."""

    interchanges: tuple[Interchange, ...]
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]


@dataclass(slots=True)
class Findings:
    """Problems and notices of one body, at most MOST of each."""

    problems: list[Problem] = dataclasses.field(default_factory=list)
    notices: list[Problem] = dataclasses.field(default_factory=list)

    def wrong(self, fault: Fault, position: str, field: str = "", **values: object) -> None:
        """Note what proves loss or damage."""
        if len(self.problems) < MOST:
            self.problems.append(fault.at(position, field, **values))

    def note(self, fault: Fault, position: str, field: str = "", **values: object) -> None:
        """Note a slip that loses nothing."""
        if len(self.notices) < MOST:
            self.notices.append(fault.at(position, field, **values))


@dataclass(frozen=True, slots=True)
class Frame:
    """What the reading of one interchange is told: where problems go, the objects of the body, how many interchanges came before."""

    findings: Findings
    objects: Mapping[int, packages.Cut]
    number: int


def parse(body: bytes, *, tolerate: Container[str] = ()) -> tuple[Interchange, ...]:
    """The interchanges of a body.

    Raises CodecError with every problem where the body is no EDIFACT, is cut off, holds bytes outside its
    character set, or where a count or reference of UNT, UNE or UNZ proves that something is lost. Problems whose
    code is in `tolerate` do not refuse.
    """
    reading = read(body)
    problems = [problem for problem in reading.problems if problem.code not in tolerate]
    if problems:
        raise CodecError(problems)
    return reading.interchanges


def read(body: bytes) -> Reading:
    """Everything that can be read of a body, and all that is wrong with it.

    Raises CodecError only where nothing can be made of it: no EDIFACT, unusable UNA, undecodable bytes. After MOST
    problems the rest of the body is not looked at.
    """
    body = body.rstrip(b"\x1a\x00 \t\r\n") + b"\n"
    body, width = service.unwrapped(body)
    marked = body.lstrip(service.BLANK).startswith(service.BOM)
    at = service.begin(body)
    unstated = service.default(body)
    body, objects = packages.cut(body, at, unstated)
    places = service.marks(body)
    findings = Findings()
    if width:
        findings.note(faults.WRAPPED, "byte 0", width=width)
    found: list[Interchange] = []
    while at < len(body) and len(findings.problems) < MOST:
        if not service.is_head(body, at):
            findings.wrong(faults.UNKNOWN, f"byte {at}", "UNB", found=body[at : at + 12].decode("ascii", "replace"))
            break
        stop, interchange = _interchange(body, at, unstated, places, Frame(findings, objects, len(found)), marked)
        if interchange is not None:
            found.append(interchange)
        at = service.skip(body, stop)
    return Reading(tuple(found), tuple(findings.problems), tuple(findings.notices))


def _interchange(
    body: bytes, at: int, unstated: Separators, places: list[int], frame: Frame, marked: bool
) -> tuple[int, Interchange | None]:
    findings, place = frame.findings, f"interchange {frame.number + 1}, " if frame.number else ""
    separators, start = service.separators_at(body, at, unstated, place)
    charset, version = _syntax(body, start, separators)
    separators = _with_repetition(separators, version)
    stop = service.end(body, start, separators, places)
    if separators.terminator == "\n" and not separators.given:
        findings.note(faults.LINE_ENDS, f"{place}byte {start}")
    if charset and not charsets.codec_of(charset):
        findings.note(faults.CHARSET_UNKNOWN, f"{place}byte {start}", "UNB/0001", charset=charset)
    if marked and not body[start:stop].isascii():
        charset = charsets.UTF8  # a byte order mark says more of the bytes than the header's label does
    elif charsets.mislabelled(body[start:stop], charset):
        findings.note(faults.CHARSET_UTF8, f"{place}byte {start}", "UNB/0001", charset=charset)
        charset = charsets.UTF8
    text, codec = charsets.decode(body[start:stop], charset, separators, start, place)
    tokens = _complete(tokenize(text, separators, start, codec), separators, findings, place)
    builder = Builder(findings, place, frame.objects)
    header, parts, trailer = builder.build(tokens)
    if header is None and not parts and trailer is None:
        if not findings.problems:
            findings.wrong(faults.UNB_MISSING, f"{place}byte {start}", "UNB")
        return stop, None
    return stop, Interchange(separators, charset, header, parts, trailer)


def _with_repetition(separators: Separators, version: str) -> Separators:
    if version != "4":
        return replace(separators, repetition="") if separators.repetition else separators
    if separators.given or separators.repetition:
        return separators
    return replace(separators, repetition="*")


def _syntax(body: bytes, start: int, separators: Separators) -> tuple[str, str]:
    """(syntax identifier, version) of the UNB that begins at `start`; empty where it does not say."""
    if body[start : start + 3] != b"UNB":
        return "", ""
    head = body[start : start + HEADER].decode("latin-1").split(separators.terminator, 1)[0]
    elements = head.split(separators.element)
    identifier, _, rest = (elements[1] if len(elements) > 1 else "").partition(separators.component)
    return identifier.strip(), rest.partition(separators.component)[0].strip()


def _complete(tokens: Tokens, separators: Separators, findings: Findings, place: str) -> Tokens:
    """The tokens with a last segment that lacks only its terminator; anything else cut off is a problem."""
    for byte in tokens.stray if separators.terminator != "\n" else ():
        findings.note(faults.STRAY, f"{place}byte {byte}")
    if not tokens.rest:
        return tokens
    whole = tokenize(f"{tokens.rest.rstrip(SPACE)}{separators.terminator}", separators, tokens.rest_at, "utf-8")
    last = whole.segments[-1] if whole.segments else Segment("")
    if last.tag == "UNZ" and last.get(1):
        findings.note(faults.UNTERMINATED, f"{place}byte {tokens.rest_at}", "UNZ")
        return replace(
            tokens, segments=[*tokens.segments, last], service=[*tokens.service, len(tokens.segments)], rest=""
        )
    tag = last.tag if len(last.tag) == 3 and last.tag.isalnum() else tokens.rest[:3]
    findings.wrong(faults.TRUNCATED, f"{place}byte {tokens.rest_at}", tag, tag=tag)
    return tokens


__all__ = ["CodecError", "Group", "Interchange", "Message", "Reading", "parse", "read"]
