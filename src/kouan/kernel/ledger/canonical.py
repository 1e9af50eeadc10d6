"""One exact spelling for everything that is hashed or signed, and a strict reader for it.

Canonical JSON after RFC 8785, restricted to objects, arrays, strings, null and integers 0 … 2**53 - 1:
keys sorted, no spaces, UTF-8. The reader refuses what could be written in two ways: duplicate keys,
floats, booleans, signs, leading zeros.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import datetime
from typing import NoReturn

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_HEX = re.compile(r"[0-9a-f]*")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_MAX_DIGITS = 16
MAX_INT = 2**53 - 1


class NotCanonical(ValueError):
    """The text is not the one exact spelling of its value."""


def encode(value: object) -> bytes:
    """Canonical JSON of `value`; raises UnicodeEncodeError for lone surrogates."""
    return _ENCODER.encode(value).encode()


def decode(data: bytes) -> object:
    """Parse strict JSON; white space and key order are free. Raises NotCanonical."""
    try:
        text = data.decode("utf-8-sig")
        return json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_refuse, parse_constant=_refuse
        )
    except NotCanonical:
        raise
    except RecursionError as error:
        raise NotCanonical("nested too deeply") from error
    except ValueError as error:
        raise NotCanonical(str(error)) from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonical("a key stands twice in one object")
    return found


def _integer(text: str) -> int:
    if text.startswith("-") or len(text) > _MAX_DIGITS or int(text) > MAX_INT:
        raise NotCanonical(f"the number {text[:24]} is not an integer from 0 to 2^53-1")
    return int(text)


def _refuse(text: str) -> NoReturn:
    raise NotCanonical(f"the number {text[:24]} is not an integer from 0 to 2^53-1")


def is_integer(value: object) -> bool:
    """True for integers in range; bool is an int in Python and is not one here."""
    return type(value) is int and 0 <= value <= MAX_INT


def unhex(value: object, size: int) -> bytes | None:
    """Bytes of a lower-case hexadecimal string of exactly `size` bytes, else None."""
    if type(value) is not str or len(value) != 2 * size or not _HEX.fullmatch(value):
        return None
    return bytes.fromhex(value)


def unbase64(value: object) -> bytes | None:
    """Bytes of a base64 string in its only canonical spelling (RFC 4648 section 3.5), else None."""
    if type(value) is not str:
        return None
    try:
        found = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if base64.b64encode(found).decode() == value else None


def to_base64(value: bytes) -> str:
    """Base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(value).decode()


def is_time(value: object) -> bool:
    """Whether `value` is a real instant in the exact spelling of `clock.stamp`: UTC, microseconds, Z."""
    if type(value) is not str or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
