"""Interchanges to bytes: what `reader.read` gives back equal."""

from __future__ import annotations

from kouan.base.exchange.codecs.edifact import charsets, faults, service
from kouan.base.exchange.codecs.edifact.model import Element, Group, Interchange, Message, Segment, Separators

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
    text = head + "".join([pen.segment(s) + line_end for s in _segments(interchange)])
    body = charsets.encode(text, interchange.charset)
    charsets.decode(body[len(head) :], interchange.charset, separators, len(head), "")
    label = interchange.header.get(0) if interchange.header else interchange.charset
    told = body.isascii() or charsets.codec_of(label) == charsets.codec_of(interchange.charset)
    return body if told else service.BOM + body


def _unstated(separators: Separators) -> bool:
    plain = (separators.component, separators.element, separators.release, separators.terminator)
    usual = plain == (_STANDARD.component, _STANDARD.element, _STANDARD.release, _STANDARD.terminator)
    return usual and separators.repetition in ("", "*")


def _una(separators: Separators) -> str:
    s = separators
    return f"UNA{s.component}{s.element}{s.decimal}{s.release or ' '}{s.repetition or ' '}{s.terminator}"


def _segments(interchange: Interchange) -> list[Segment]:
    found = [interchange.header]
    for part in interchange.body:
        if isinstance(part, Group):
            found.append(part.header)
            for message in part.messages:
                found += _message(message)
            found.append(part.trailer)
        else:
            found += _message(part)
    found.append(interchange.trailer)
    return [segment for segment in found if segment is not None]


def _message(message: Message) -> list[Segment | None]:
    return [message.header, *message.segments, message.trailer]


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
