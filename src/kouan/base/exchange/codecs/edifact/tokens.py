"""The tokenizer: text of an interchange to segments. Fast where nothing is escaped, right everywhere.

Escaped pairs (release character and service character) are first replaced, in one pass each over the whole text,
by pairs of control characters, which data never hold; every offset stays. After that plain `split` is right, and
only segments that hold such a mark are looked at again.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kouan.base.exchange.codecs.edifact.model import Element, Segment, Separators

SERVICE = frozenset(
    ("UNA", "UNB", "UNZ", "UNG", "UNE", "UNH", "UNT", "UNO", "UNP", "UIB", "UIH", "UIT", "UIZ")
)
SPACE = " \t\r\n"
_BIG = 1 << 12
_MEMO = 1 << 14

_Parsed = tuple[str, tuple[Element, ...], tuple[tuple[int, Element], ...]]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Segments in order; `service` are the indexes of service segments, `stray` offsets of empty segments.

    `rest` is the text after the last terminator as it stands there ("" if none but space); it begins at byte
    `rest_at`.
    """

    segments: list[Segment]
    service: list[int]
    tags: frozenset[str]
    stray: list[int]
    rest: str
    rest_at: int


def tokenize(text: str, separators: Separators, offset: int, codec: str) -> Tokens:
    """Split a text into segments. `offset` is the byte at which the text begins, `codec` its encoding."""
    parser, original = Parser(separators, text), text
    if parser.mark:
        text = _hide(text, separators, parser.mark)
    end = text.rfind(separators.terminator) + 1
    rest = original[end:]
    single = text.isascii() or codec.startswith("iso8859")
    big = len(text) > _BIG and gc.isenabled()
    if big:
        gc.disable()  # many tuples without cycles: each collection would walk them all again for nothing
    try:
        found = _even(text[: end - 1], parser, offset) if end and parser.plain and single else None
        if found is None:
            raws = text[: end - 1].split(separators.terminator) if end else []
            found = _general(raws, parser, offset, len if single else _sizer(codec))
    finally:
        if big:
            gc.enable()
    left = rest.lstrip(SPACE)
    after = offset + (end if single else len(text[:end].encode(codec)))
    return Tokens(found.segments, found.service, frozenset(found.tags), found.stray, left, after + len(rest) - len(left))


def _gap(text: str, terminator: str) -> str:
    """What stands between two segments: the terminator, with a line end where one follows each of them."""
    count = text.count(terminator)
    return next((gap for end in ("\r\n", "\n") if text.count(gap := terminator + end) == count > 0), terminator)


@dataclass(slots=True)
class _Split:
    """What a pass over the segments' texts finds; see Tokens."""

    segments: list[Segment] = field(default_factory=list)
    service: list[int] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    stray: list[int] = field(default_factory=list)


def _even(text: str, parser: Parser, offset: int) -> _Split | None:
    """Most bodies: one byte a character, no repetition, the same gap after each segment; None where there is other space.

    Equal segments are parsed once.
    """
    found = _Split()
    segments, tags = found.segments, found.tags
    element, elements, new = parser.element, parser.elements.__getitem__, tuple.__new__
    memo: dict[str, tuple[str, tuple[Element, ...]]] = {}
    known, add = memo.get, segments.append
    gap = _gap(text, parser.terminator)
    wide = len(gap)
    for raw in text.split(gap):
        parsed = known(raw)
        if parsed is None:
            tag, more, said = raw.partition(element)
            if tag not in tags:
                tag = parser.show(tag)
                if tag and tag[0] in SPACE:
                    return None
                tags.add(tag)
            parsed = (tag, tuple(map(elements, said.split(element))) if more else ())
            if tag in SERVICE:
                found.service.append(len(segments))  # Never in the memo: each of them comes by here.
            elif raw:
                memo[raw] = parsed
            else:
                found.stray.append(offset)
                offset += wide
                continue
        add(new(Segment, (*parsed, offset, ())))
        offset += len(raw) + wide
    return found


def _general(raws: Iterable[str], parser: Parser, offset: int, size: Callable[[str], int]) -> _Split:
    """Any body; equal segments are parsed once."""
    found = _Split()
    memo: dict[str, _Parsed] = {}
    for raw in raws:
        text = raw.lstrip(SPACE)
        parsed = memo.get(text)
        if parsed is None:
            if len(memo) > _MEMO:
                memo.clear()
            parsed = memo[text] = parser(text)
            found.tags.add(parsed[0])
        tag, elements, repeats = parsed
        at = offset + len(raw) - len(text)
        offset += size(raw) + 1
        if not tag and not elements:
            found.stray.append(at)
            continue
        if tag in SERVICE:
            found.service.append(len(found.segments))
        found.segments.append(Segment(tag, elements, at, repeats))
    return found


def _sizer(codec: str) -> Callable[[str], int]:
    def size(text: str) -> int:
        return len(text.encode(codec))

    return size


def _hide(text: str, separators: Separators, mark: str) -> str:
    release = separators.release
    for stand_in, character in _stand_ins(separators).items():
        text = text.replace(release + character, mark + stand_in)
    return text.replace(release, mark)


def _free(separators: Separators) -> list[str]:
    used = separators.component + separators.element + separators.terminator + separators.release
    return [c for c in map(chr, (1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16)) if c not in used + separators.repetition]


def _stand_ins(separators: Separators) -> dict[str, str]:
    hidden = (
        separators.release, separators.terminator, separators.element, separators.component, separators.repetition,
    )
    return dict(zip(_free(separators)[1:], (c for c in hidden if c), strict=False))


class Elements(dict[str, Element]):
    """Element by its text. What is often said (a unit, a qualifier, a date) is split once and looked up afterwards."""

    __slots__ = ("_component", "_mark", "_show")

    def __init__(self, component: str, mark: str, show: Callable[[str], str]) -> None:
        super().__init__()
        self._component, self._mark, self._show = component, mark, show

    def __missing__(self, text: str) -> Element:
        parts = tuple(text.split(self._component)) if self._component in text else (text,)
        if self._mark and self._mark in text:
            parts = tuple([self._show(part) for part in parts])
        if len(self) > _MEMO:
            self.clear()
        self[text] = parts
        return parts


class Parser:
    """One segment's text to tag and elements. `mark` is "" where the text escapes nothing."""

    __slots__ = ("_line_ends", "_pairs", "_repetition", "element", "elements", "mark", "plain", "terminator")

    def __init__(self, separators: Separators, text: str) -> None:
        escaped = bool(separators.release) and separators.release in text
        self.mark = _free(separators)[0] if escaped else ""
        self.element, self.terminator = separators.element, separators.terminator
        self.elements = Elements(separators.component, self.mark, self.show)
        used = bool(separators.repetition) and separators.repetition in text
        self._repetition = separators.repetition if used else ""
        self._line_ends = separators.terminator == "\n"
        self._pairs = [(self.mark + stand_in, character) for stand_in, character in _stand_ins(separators).items()]
        self.plain = not self._repetition and not self._line_ends

    def __call__(self, text: str) -> _Parsed:
        if self._line_ends:
            text = text.rstrip("\r")
        parts = text.split(self.element)
        tag = self.show(parts.pop(0))
        if self._repetition and self._repetition in text:
            return tag, *self._with_repeats(parts)
        return tag, tuple(map(self.elements.__getitem__, parts)), ()

    def _with_repeats(self, parts: list[str]) -> tuple[tuple[Element, ...], tuple[tuple[int, Element], ...]]:
        elements: list[Element] = []
        repeats: list[tuple[int, Element]] = []
        for index, part in enumerate(parts):
            first, *others = part.split(self._repetition)
            elements.append(self.elements[first])
            repeats += [(index, self.elements[other]) for other in others]
        return tuple(elements), tuple(repeats)

    def show(self, text: str) -> str:
        """The text with its escaped characters back in place."""
        if not self.mark or self.mark not in text:
            return text
        for pair, character in self._pairs:
            text = text.replace(pair, character)
        return text.replace(self.mark, "")
