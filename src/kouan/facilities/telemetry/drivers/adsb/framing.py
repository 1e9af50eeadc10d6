"""Mode S frames out of a receiver's bytes: Beast binary, AVR raw text, and the rows of BaseStation (SBS-1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

LINE_MOST = 512
_ESCAPE = 0x1A
_SIZES = {0x31: 2, 0x32: 7, 0x33: 14}
_BEFORE = 7  # time stamp and signal level


class Framing:
    """Cuts one receiver's stream; which of the formats it is shows in its first byte."""

    def __init__(self) -> None:
        self._rest = b""
        self._binary = False
        self._begun = False

    def feed(self, chunk: bytes, refused: Counter[str]) -> Iterator[bytes | list[str]]:
        """Frames as bytes, rows of BaseStation as lists of fields; what is neither is counted."""
        content = self._rest + chunk
        if not self._begun:
            content = content.lstrip(b"\r\n")
            self._begun, self._binary = bool(content), content[:1] == bytes([_ESCAPE])
        return self._beast(content, refused) if self._binary else self._text(content, refused)

    def _text(self, content: bytes, refused: Counter[str]) -> Iterator[bytes | list[str]]:
        *lines, rest = content.replace(b"\r", b"\n").split(b"\n")
        if len(rest) > LINE_MOST:
            refused["too_long"] += 1
            rest = b""
        self._rest = rest
        for line in lines:
            if line.strip():
                yield from _line(line.strip(), refused)

    def _beast(self, content: bytes, refused: Counter[str]) -> Iterator[bytes | list[str]]:
        at = 0
        while True:
            begin = content.find(_ESCAPE, at)
            if begin != at and at < len(content):
                refused["frame"] += 1
            if begin < 0:
                self._rest = b""
                return
            size = _SIZES.get(content[begin + 1]) if begin + 1 < len(content) else 0
            if size is None:
                refused["frame"] += 1
                at = begin + 2
                continue
            plain, at_end, whole = _unescaped(content, begin + 2, _BEFORE + size)
            if not size or (not whole and at_end >= len(content) - 1):
                self._rest = content[begin:]
                return
            if whole:
                yield plain[_BEFORE:]
            else:
                refused["frame"] += 1
            at = at_end


def _unescaped(content: bytes, start: int, size: int) -> tuple[bytes, int, bool]:
    """`size` bytes without their doubled escapes, where they end, and whether they are all there."""
    plain = bytearray()
    at = start
    while len(plain) < size and at < len(content):
        if content[at] == _ESCAPE:
            if content[at + 1 : at + 2] != bytes([_ESCAPE]):
                return bytes(plain), at, False
            at += 1
        plain.append(content[at])
        at += 1
    return bytes(plain), at, len(plain) == size


def _line(line: bytes, refused: Counter[str]) -> Iterator[bytes | list[str]]:
    text = line.decode("ascii", "replace")
    if text.startswith("MSG,"):
        yield text.split(",")
    elif text[0] in "*@" and text.endswith(";"):
        digits = text[1:-1] if text[0] == "*" else text[13:-1]
        try:
            yield bytes.fromhex(digits)
        except ValueError:
            refused["frame"] += 1
    elif not text.startswith(("SEL,", "ID,", "AIR,", "STA,", "CLK,")):
        refused["frame"] += 1
