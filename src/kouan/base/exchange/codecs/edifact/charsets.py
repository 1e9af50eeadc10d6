"""Character sets of EDIFACT (DE 0001) and the refusal of bytes that do not belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kouan.base.exchange.codecs.chinese import is_chinese
from kouan.base.exchange.codecs.edifact import faults
from kouan.base.exchange.codecs.edifact.model import Segment, Separators

CODECS: Mapping[str, str] = {
    "UNOA": "ascii", "UNOB": "ascii", "UNOC": "iso8859-1", "UNOD": "iso8859-2", "UNOE": "iso8859-5",
    "UNOF": "iso8859-7", "UNOG": "iso8859-3", "UNOH": "iso8859-4", "UNOI": "iso8859-6", "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9", "UNOL": "iso8859-15", "UNOW": "utf-8", "UNOX": "iso2022_jp_2", "UNOY": "utf-8",
    "IATA": "ascii", "IATB": "ascii", "KECA": "euc_kr",
}
"""Python codec by syntax identifier. UNOX is ISO 2022, read in the variant that holds JIS, GB 2312 and KS X 1001.

UNOA and UNOB are read as ASCII: senders use lower case and signs outside their narrow repertoires, which loses
nothing. IATA and IATB are the airlines' sets, KECA the Korean one.
"""

_WESTERN = ("iso8859-1", "iso8859-15")
UTF8 = "UNOW"
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_HIGH_CONTROLS = bytes(range(128, 160))
_NO_WORDS = frozenset(("iso8859-1", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-9", "iso8859-15", "euc_kr"))


def codec_of(identifier: str) -> str:
    """The Python codec of a syntax identifier; "" for an unknown one."""
    return CODECS.get(identifier.upper(), "")


def mislabelled(chunk: bytes, identifier: str) -> bool:
    """Whether bytes under the name of another set are UTF-8, as programs write it that know no other.

    Sequences of UTF-8 make no words of Latin letters or of Korean; of other alphabets they hold bytes that those sets lack.
    """
    codec = codec_of(identifier)
    if chunk.isascii() or not (codec in _NO_WORDS or (codec.startswith("iso8859") and chunk.translate(None, _HIGH_CONTROLS) != chunk)):
        return False
    try:
        chunk.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decode(chunk: bytes, identifier: str, separators: Separators, offset: int, place: str) -> tuple[str, str]:
    """(text, codec) of an interchange. Unknown identifiers are read as ASCII, then UTF-8.

    Raises CodecError for a byte that the set does not hold and for control characters that are no separators;
    `offset` is where the chunk begins in the body, `place` what stands before "byte N" in the position.
    """
    named = codec_of(identifier)
    codec = named or ("ascii" if chunk.isascii() else "utf-8")
    _refuse_controls(chunk, codec, separators, offset, place)
    if codec in _WESTERN and is_chinese(chunk):
        at = next(index for index, byte in enumerate(chunk) if byte > 127)
        raise faults.CHINESE.error(f"{place}byte {offset + at}", "UNB/0001", charset=identifier)
    try:
        return chunk.decode(codec), codec
    except UnicodeDecodeError as wrong:
        at = offset + wrong.start
        byte = f"{chunk[wrong.start]:02X}"
        charset = identifier if named else "UTF-8"
        raise faults.BYTES.error(f"{place}byte {at}", "UNB/0001", byte=byte, charset=charset) from None


def _refuse_controls(chunk: bytes, codec: str, separators: Separators, offset: int, place: str) -> None:
    used = f"{separators.component}{separators.element}{separators.release}{separators.terminator}"
    banned = _CONTROLS.translate(None, delete=(used + separators.repetition).encode("ascii"))
    if codec.startswith("iso8859"):
        banned += _HIGH_CONTROLS
    elif codec == "iso2022_jp_2":
        banned = banned.replace(b"\x1b", b"").replace(b"\x0e", b"").replace(b"\x0f", b"")
    left = len(chunk.translate(None, delete=banned))
    if left == len(chunk):
        return
    at = next(i for i, byte in enumerate(chunk) if byte in banned)
    raise faults.CONTROL.error(f"{place}byte {offset + at}", "", byte=f"{chunk[at]:02X}")


def encode(text: str, identifier: str) -> bytes:
    """The bytes of a text in the set of a syntax identifier. Raises CodecError for what it cannot hold."""
    codec = codec_of(identifier) or "utf-8"
    try:
        return text.encode(codec)
    except UnicodeEncodeError as wrong:
        found = text[wrong.start : wrong.start + 1]
        raise faults.ENCODE.error("", "UNB/0001", found=found, charset=identifier) from None


def narrowest(segments: Iterable[Segment]) -> tuple[str, str]:
    """(syntax identifier, lowest syntax version) of the narrowest set that holds every character."""
    text = "".join(part for s in segments for element in s.elements for part in element)
    if text.isascii():
        return "UNOA", "3"
    latin = all(ord(c) < 256 and not 128 <= ord(c) < 160 for c in text)
    return ("UNOC", "3") if latin else ("UNOW", "4")
