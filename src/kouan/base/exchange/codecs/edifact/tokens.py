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
        gc.disable()  # millions of acyclic tuples: each collection would walk them all again for nothing
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
    tags = set(map(_TAG, segments))
    stray: list[int] = []
    if "" in tags:
        stray = [s.position for s in segments if not s.tag and not s.elements]
        segments = [s for s in segments if s.tag or s.elements]
    service = [index for index, tag in enumerate(map(_TAG, segments)) if tag in SERVICE]
    left = rest.lstrip(SPACE)
    return Tokens(segments, service, frozenset(tags), stray, left, offset + len(rest) - len(left))


def _fast(raws: list[str], parser: Parser, offset: int) -> tuple[list[Segment], int]:
    """Most bodies: one byte a character, no repetition. (segments, byte after the last terminator)."""
    probe = raws[:_PROBE]
    if len(raws) > _PROBE and len(set(probe)) * 2 < len(probe):
        return _general(raws, parser, offset, len)  # half of it is said twice: looking up beats splitting
    mark, element, component = parser.mark, parser.element, parser.component
    new = tuple.__new__
    segments: list[Segment] = []
    add = segments.append
    for raw in raws:
        text = raw.lstrip(SPACE)
        at = offset + len(raw) - len(text)
        offset += len(raw) + 1
        if mark and mark in text:
            tag, elements, repeats = parser(text)
            add(new(Segment, (tag, elements, at, repeats)))
            continue
        parts = text.split(element)
        tag = parts.pop(0)
        found = tuple([tuple(p.split(component)) if component in p else (p,) for p in parts])
        add(new(Segment, (tag, found, at, ())))
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


class Parser:
    """One segment's text to tag and elements. `mark` is "" where the text escapes nothing."""

    __slots__ = ("_line_ends", "_pairs", "_repetition", "component", "element", "mark", "plain")

    def __init__(self, separators: Separators, text: str) -> None:
        escaped = bool(separators.release) and separators.release in text
        self.mark = _free(separators)[0] if escaped else ""
        self.element, self.component = separators.element, separators.component
        used = bool(separators.repetition) and separators.repetition in text
        self._repetition = separators.repetition if used else ""
        self._line_ends = separators.terminator == "\n"
        self._pairs = [(self.mark + stand_in, character) for stand_in, character in _stand_ins(separators).items()]
        self.plain = not self._repetition and not self._line_ends

    def __call__(self, text: str) -> _Parsed:
        if self._line_ends:
            text = text.rstrip("\r")
        parts = text.split(self.element)
        tag = parts.pop(0)
        if self._repetition and self._repetition in text:
            return self._with_repeats(tag, parts)
        component, mark = self.component, self.mark
        if mark and mark in text:
            elements = [
                self._shown(tuple(p.split(component))) if mark in p else tuple(p.split(component)) for p in parts
            ]
            return self._show(tag), tuple(elements), ()
        return tag, tuple([tuple(p.split(component)) if component in p else (p,) for p in parts]), ()

    def _with_repeats(self, tag: str, parts: list[str]) -> _Parsed:
        elements: list[Element] = []
        repeats: list[tuple[int, Element]] = []
        for index, part in enumerate(parts):
            first, *others = part.split(self._repetition)
            elements.append(self._shown(tuple(first.split(self.component))))
            split = (tuple(other.split(self.component)) for other in others)
            repeats += [(index, self._shown(element)) for element in split]
        return self._show(tag), tuple(elements), tuple(repeats)

    def _shown(self, element: Element) -> Element:
        return tuple([self._show(part) for part in element])

    def _show(self, text: str) -> str:
        """The text with its escaped characters back in place."""
        if not self.mark or self.mark not in text:
            return text
        for pair, character in self._pairs:
            text = text.replace(pair, character)
        return text.replace(self.mark, "")
