"""Interchanges to bytes: what `reader.read` gives back equal."""

from __future__ import annotations

from kouan.base.exchange.codecs.edifact import charsets, faults, service
from kouan.base.exchange.codecs.edifact.model import Element, Group, Interchange, Message, Package, Segment, Separators

_STANDARD = Separators()


def write(interchange: Interchange, *, lines: bool = False) -> bytes:
    """The bytes of an interchange, in its own character set; one segment a line if `lines`.

    A UNA is written where one stood or where the service characters are not the standard's. Headers and trailers
    are written as they are: build them with `model.message` and `model.interchange` to have them counted.
    A byte order mark leads where the header's label does not name the character set in use.
    Raises CodecError for text that the character set or the service characters cannot carry.
    """
    separators = interchange.separators
    pen = _Pen(separators)
    line_end = "\n" if lines and separators.terminator != "\n" else ""
    head = _una(separators) + line_end if separators.given or not _unstated(separators) else ""
    parts, text = [], [head]
    for one in _segments(interchange):
        if isinstance(one, bytes):
            parts += [charsets.encode("".join(text), interchange.charset), one]
            text = []
        else:
            text.append(pen.segment(one) + line_end)
    parts.append(charsets.encode("".join(text), interchange.charset))
    texts = b"".join(parts[::2])
    charsets.decode(texts[len(head) :], interchange.charset, separators, len(head), "")
    label = interchange.header.get(0) if interchange.header else interchange.charset
    told = texts.isascii() or charsets.codec_of(label) == charsets.codec_of(interchange.charset)
    return b"".join(parts) if told else service.BOM + b"".join(parts)


def _unstated(separators: Separators) -> bool:
    plain = (separators.component, separators.element, separators.release, separators.terminator)
    usual = plain == (_STANDARD.component, _STANDARD.element, _STANDARD.release, _STANDARD.terminator)
    return usual and separators.repetition in ("", "*")


def _una(separators: Separators) -> str:
    s = separators
    return f"UNA{s.component}{s.element}{s.decimal}{s.release or ' '}{s.repetition or ' '}{s.terminator}"


def _segments(interchange: Interchange) -> list[Segment | bytes]:
    """The segments in order, and between them the objects of packages."""
    found: list[Segment | bytes | None] = [interchange.header]
    for part in interchange.body:
        if isinstance(part, Group):
            found.append(part.header)
            for one in part.body:
                found += _single(one)
            found.append(part.trailer)
        else:
            found += _single(part)
    found.append(interchange.trailer)
    return [one for one in found if one is not None]


def _single(part: Message | Package) -> list[Segment | bytes | None]:
    held = (part.content,) if isinstance(part, Package) else ()
    return [part.header, *part.segments, *held, part.trailer]


class _Pen:
    """Escapes and joins with one set of service characters."""

    def __init__(self, separators: Separators) -> None:
        self._s = separators
        service = (separators.release, separators.component, separators.element, separators.terminator)
        used = "".join(service) + separators.repetition
        if separators.release:
            self._table = str.maketrans({c: separators.release + c for c in used})
        else:
            self._table = {}
        self._banned = "" if separators.release else used

    def segment(self, segment: Segment) -> str:
        """One segment with its terminator."""
        if not segment.tag.replace(":", "").isalnum() or () in segment.elements:
            raise faults.SHAPE.error("", segment.tag[:3], found=segment.tag)
        elements = [self._element(e) for e in segment.elements]
        for index, other in segment.repeats:
            if not self._s.repetition or index >= len(elements):
                raise faults.SHAPE.error("", segment.tag[:3], found=segment.tag)
            elements[index] += self._s.repetition + self._element(other)
        return self._s.element.join([segment.tag, *elements]) + self._s.terminator

    def _element(self, element: Element) -> str:
        if self._banned and any(c in part for part in element for c in self._banned):
            raise faults.ESCAPE.error("", "UNA")
        return self._s.component.join([part.translate(self._table) for part in element])
