"""The tokenizer: text of an interchange to segments. Fast where nothing is escaped, right everywhere.

Escaped pairs (release character and service character) are first replaced, in one pass each over the whole text,
by pairs of control characters, which data never hold; every offset stays. After that plain `split` is right, and
only segments that hold such a mark are looked at again.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter

from kouan.base.exchange.codecs.edifact.model import Element, Segment, Separators

SERVICE = frozenset(
    ("UNA", "UNB", "UNZ", "UNG", "UNE", "UNH", "UNT", "UNO", "UNP", "UIB", "UIH", "UIT", "UIZ")
)
SPACE = " \t\r\n"
_TAG = itemgetter(0)
_BIG = 1 << 12
_PROBE = 512
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
    raws = text.split(separators.terminator)
    rest = original[len(text) - len(raws.pop()) :]
    single = text.isascii() or codec.startswith("iso8859")
    big = len(text) > _BIG and gc.isenabled()
    if big:
        gc.disable()  # many tuples without cycles: each collection would walk them all again for nothing
    try:
        if parser.plain and single:
            segments, offset = _fast(raws, parser, offset)
        else:
            segments, offset = _general(raws, parser, offset, len if single else _sizer(codec))
    finally:
        if big:
            gc.enable()
    return _sorted_out(segments, rest, offset)


def _sorted_out(segments: list[Segment], rest: str, offset: int) -> Tokens:
    tags = list(map(_TAG, segments))
    known = frozenset(tags)
    stray: list[int] = []
    if "" in known:
        stray = [s.position for s in segments if not s.tag and not s.elements]
        segments = [s for s in segments if s.tag or s.elements]
        tags = list(map(_TAG, segments))
    service = [index for index, tag in enumerate(tags) if tag in SERVICE] if known & SERVICE else []
    left = rest.lstrip(SPACE)
    return Tokens(segments, service, known, stray, left, offset + len(rest) - len(left))


def _fast(raws: list[str], parser: Parser, offset: int) -> tuple[list[Segment], int]:
    """Most bodies: one byte a character, no repetition. (segments, byte after the last terminator)."""
    probe = raws[:_PROBE]
    if len(raws) > _PROBE and len(set(probe)) * 2 < len(probe):
        return _general(raws, parser, offset, len)  # half of it is said twice: looking up beats splitting
    element, elements, show = parser.element, parser.elements.__getitem__, parser.show
    new = tuple.__new__
    segments: list[Segment] = []
    add = segments.append
    for raw in raws:
        text = raw.lstrip(SPACE)
        at = offset + len(raw) - len(text)
        offset += len(raw) + 1
        parts = text.split(element)
        tag = parts.pop(0)
        add(new(Segment, (tag if tag.isalnum() else show(tag), tuple(map(elements, parts)), at, ())))
    return segments, offset


def _general(
    raws: Iterable[str], parser: Parser, offset: int, size: Callable[[str], int]
) -> tuple[list[Segment], int]:
    """Any body; equal segments are parsed once."""
    memo: dict[str, _Parsed] = {}
    new, known = tuple.__new__, memo.get
    segments: list[Segment] = []
    add = segments.append
    for raw in raws:
        text = raw.lstrip(SPACE)
        found = known(text)
        if found is None:
            if len(memo) > _MEMO:
                memo.clear()
            found = memo[text] = parser(text)
        add(new(Segment, (found[0], found[1], offset + len(raw) - len(text), found[2])))
        offset += size(raw) + 1
    return segments, offset


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

    __slots__ = ("_line_ends", "_pairs", "_repetition", "element", "elements", "mark", "plain")

    def __init__(self, separators: Separators, text: str) -> None:
        escaped = bool(separators.release) and separators.release in text
        self.mark = _free(separators)[0] if escaped else ""
        self.element = separators.element
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
