"""SM3 (GB/T 32905-2016) and HMAC-SM3, as the library `cryptography` computes them."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.hmac import HMAC

_SM3 = SM3()


def sm3(data: bytes) -> bytes:
    """The hash, 32 bytes."""
    work = Hash(_SM3)
    work.update(data)
    return work.finalize()


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    """The keyed hash, 32 bytes."""
    work = HMAC(key, _SM3)
    work.update(data)
    return work.finalize()
