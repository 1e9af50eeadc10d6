"""Bits of an armoured AIS payload (ITU-R M.1371-5 annex 8; IEC 61162-1: six bits a character)."""

from __future__ import annotations

_SIX = {chr(c): (c - 48 if c < 88 else c - 56) for c in (*range(48, 88), *range(96, 120))}
_TEXT = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"


class Unarmoured(ValueError):
    """The payload has a character that stands for no six bits, or is too short for its type."""


class Bits:
    """The bits of one message; fields are read by offset and width, as the standard's tables give them."""

    __slots__ = ("_value", "length")

    def __init__(self, payload: str, fill: int) -> None:
        value = 0
        try:
            for char in payload:
                value = value << 6 | _SIX[char]
        except KeyError:
            raise Unarmoured("payload") from None
        self.length = len(payload) * 6 - fill
        self._value = value >> fill

    def unsigned(self, start: int, width: int) -> int:
        """An unsigned field; Unarmoured when the message ends before it."""
        shift = self.length - start - width
        if shift < 0:
            raise Unarmoured("short")
        return (self._value >> shift) & ((1 << width) - 1)

    def signed(self, start: int, width: int) -> int:
        """A two's-complement field."""
        value = self.unsigned(start, width)
        return value - (1 << width) if value >> (width - 1) else value

    def text(self, start: int, chars: int) -> str:
        """A six-bit text field without its padding; shorter where the message ends early."""
        fit = max(0, min(chars, (self.length - start) // 6))
        found = "".join(_TEXT[self.unsigned(start + 6 * n, 6)] for n in range(fit))
        return found.split("@", 1)[0].rstrip()
