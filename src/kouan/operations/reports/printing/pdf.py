"""A small writer of PDF (ISO 32000-1): pages of text and lines, Chinese and Latin, without any font file.

Latin is set in Helvetica, one of the fonts that every reader has (9.6.2.2); all else in STSong-Light of the Adobe-GB1 collection
with the predefined CMap UniGB-UTF16-H (9.7.5.2), for which readers take a Chinese font of the system. Fonts are not embedded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

A4 = (595.28, 841.89)
_HELVETICA = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, *(556,) * 10, 278, 278, 584, 584, 584, 556, 1015,
    667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611,
    278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278,
    556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
"""Widths of U+0020 to U+007E in thousandths (Adobe's font metrics)."""
_DESCRIPTOR = (
    b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880"
    b" /Descent -120 /CapHeight 880 /StemV 93 >>"
)
_CID = (
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 6 0 R"
    b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 5 >> >>"
)
_CHINESE = b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [5 0 R] >>"
_LATIN = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
_FIRST_PAGE = 8
"""Objects 1 to 7: catalogue, pages, two fonts, descendant and descriptor of the Chinese one, information."""


def _latin(sign: str) -> bool:
    return " " <= sign <= "~"


def width(text: str, size: float) -> float:
    """How wide a text is set, in points."""
    return sum(_HELVETICA[ord(sign) - 32] if _latin(sign) else 1000 for sign in text) * size / 1000


def wrapped(text: str, room: float, size: float) -> list[str]:
    """A text in lines that fit: broken behind blanks, or between any two signs where a line has none."""
    lines, rest = [], " ".join(text.split())
    while rest and width(rest, size) > room:
        at = 1
        while at < len(rest) and width(rest[: at + 1], size) <= room:
            at += 1
        blank = rest.rfind(" ", 0, at + 1)
        if blank > at // 2 and _latin(rest[at - 1]):
            at = blank + 1
        lines.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*lines, rest] if rest or not lines else lines


def _runs(text: str) -> Iterator[tuple[bool, str]]:
    """Stretches of one font, in order."""
    begun = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or _latin(text[at]) != _latin(text[begun]):
            yield _latin(text[begun]), text[begun:at]
            begun = at


def _hex(text: str) -> bytes:
    # A lone surrogate is no text and would end the document.
    return b"<" + text.encode("utf-16-be", "replace").hex().upper().encode() + b">"


class Pdf:
    """A document that is written page by page. Positions are points from the lower left corner."""

    def __init__(self, title: str, made: datetime, *, size: tuple[float, float] = A4) -> None:
        self.size = size
        self._title, self._made = title, made
        self._pages: list[bytearray] = []

    def page(self) -> int:
        """Begin a page; its number."""
        self._pages.append(bytearray())
        return len(self._pages)

    def text(self, x: float, y: float, text: str, size: float = 9.0, *, right: bool = False, grey: float = 0.0) -> None:
        """Set a line of text from x to the right, or up to x."""
        at = x - width(text, size) if right else x
        out = self._pages[-1]
        out += f"BT {grey:.2f} g {at:.2f} {y:.2f} Td ".encode()
        for latin, run in _runs(text):
            shown = b"(" + run.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode() + b")" if latin else _hex(run)
            out += f"/{'L' if latin else 'C'} {size:.1f} Tf ".encode() + shown + b" Tj "
        out += b"ET\n"

    def rule(self, x: float, y: float, to: float, *, wide: float = 0.5, grey: float = 0.6) -> None:
        """A level line."""
        self._pages[-1] += f"{grey:.2f} G {wide:.2f} w {x:.2f} {y:.2f} m {to:.2f} {y:.2f} l S\n".encode()

    def made(self) -> bytes:
        """The whole document."""
        kids = " ".join(f"{_FIRST_PAGE + 2 * n} 0 R" for n in range(len(self._pages)))
        stamp = self._made.strftime("D:%Y%m%d%H%M%S") + "Z"
        title = _hex("\ufeff" + self._title)
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R /Lang (zh-CN) >>",
            f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>".encode(),
            _LATIN, _CHINESE, _CID, _DESCRIPTOR,
            b"<< /Title " + title + f" /Producer (Kouan) /CreationDate ({stamp}) >>".encode(),
        ]  # fmt: skip
        for n, content in enumerate(self._pages):
            box = f"[0 0 {self.size[0]:.2f} {self.size[1]:.2f}]"
            fonts = "<< /Font << /L 3 0 R /C 4 0 R >> >>"
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Resources {fonts} /Contents {_FIRST_PAGE + 2 * n + 1} 0 R >>".encode()
            )
            objects.append(f"<< /Length {len(content)} >>\nstream\n".encode() + bytes(content) + b"endstream")
        return _joined(objects)


def _joined(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\xe5\x8f\xa3\xe5\xb2\xb8\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += "".join(f"{place:010} 00000 n \n" for place in places).encode()
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 7 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(out)
