"""SM2 signatures (GB/T 32918.2-2016) with SM3, and how keys are written (GB/T 35276, RFC 5480, RFC 5915, RFC 5958, RFC 7468).

A signature is r and s, 32 bytes each, big-endian: one spelling only, unlike the DER of GB/T 35276, which wraps the same numbers. The
identity is 1234567812345678, as GB/T 35276 says where none is agreed.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from functools import lru_cache

from kouan.kernel.suites.sm2_curve import A, B, G, N, Point, is_on_curve, secret_multiple, sum_of
from kouan.kernel.suites.sm3 import hmac_sm3, sm3

IDENTITY = b"1234567812345678"
_SIZE = 32

POINT_BYTES = 65
"""A point that is not compressed: 04, x, y."""
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
"""What stands before the point: SEQUENCE { SEQUENCE { id-ecPublicKey, 1.2.156.10197.1.301 }, BIT STRING }."""
# SEQUENCE { 0, SEQUENCE { id-ecPublicKey, 1.2.156.10197.1.301 }, OCTET STRING { SEQUENCE { 1, OCTET STRING d, [1] BIT STRING } } }
_PKCS8 = bytes.fromhex("308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420")
_PUBLIC = bytes.fromhex("a144034200")


def _bytes(number: int) -> bytes:
    return number.to_bytes(_SIZE, "big")


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


@lru_cache(maxsize=16)
def _signer_hash(public: Point, identity: bytes) -> bytes:
    told = b"".join(map(_bytes, (A, B, *G, *public)))
    return sm3((8 * len(identity)).to_bytes(2, "big") + identity + told)


def message(public: Point, body: bytes, identity: bytes) -> int:
    """The number of a message for its signer: the standard's e."""
    return _number(sm3(_signer_hash(public, identity) + body))


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """A private key: a number from 1 to n - 2, and the point that is public."""

    number: int
    public: Point = field(init=False)

    def __post_init__(self) -> None:
        if not 1 <= self.number <= N - 2:
            raise ValueError("a private key of SM2 is a number from 1 to n - 2")
        object.__setattr__(self, "public", secret_multiple(self.number))

    @classmethod
    def new(cls) -> PrivateKey:
        """A random key."""
        return cls(1 + secrets.randbelow(N - 2))

    def sign(self, body: bytes, identity: bytes = IDENTITY) -> bytes:
        """A signature over a body. The one-time number comes from key, message and fresh randomness together: should one of them
        be weak, it is still not told."""
        e = message(self.public, body, identity)
        while True:
            if found := self.sign_with(e, self._once(e)):
                return found

    def sign_with(self, e: int, k: int) -> bytes | None:
        """The signature of a message's number with the one-time number `k`; None where the standard asks for another `k`."""
        r = (e + secret_multiple(k)[0]) % N
        # (1 + d)^-1 (k - r d) = (1 + d)^-1 (k + r) - r; the inverse is taken of a random multiple, for how long it takes tells of it.
        blind = 1 + secrets.randbelow(N - 1)
        inverse = blind * pow(blind * (1 + self.number) % N, -1, N) % N
        s = (inverse * (k + r) - r) % N
        return _bytes(r) + _bytes(s) if r and s and (r + k) % N else None

    def _once(self, e: int) -> int:
        told = _bytes(e) + secrets.token_bytes(_SIZE)
        wide = b"".join(hmac_sm3(_bytes(self.number), bytes([part]) + told) for part in (0, 1))
        return 1 + _number(wide) % (N - 1)


def is_signed(public: Point, body: bytes, signature: bytes, identity: bytes = IDENTITY) -> bool:
    """Whether a signature (64 bytes) over a body is by the key of this point, which lies on the curve."""
    if len(signature) != 2 * _SIZE:
        return False
    r, s = _number(signature[:_SIZE]), _number(signature[_SIZE:])
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N and t):
        return False
    found = sum_of(s, t, public)
    return found is not None and (message(public, body, identity) + found[0]) % N == r


def spki(public: Point) -> bytes:
    """DER SubjectPublicKeyInfo with the curve's OID 1.2.156.10197.1.301."""
    return SPKI + _point(public)


def _point(public: Point) -> bytes:
    return b"\x04" + _bytes(public[0]) + _bytes(public[1])


def read_spki(der: bytes) -> Point | None:
    """The point of a DER SubjectPublicKeyInfo; None for another algorithm or spelling, or where it is not on the curve."""
    if len(der) != len(SPKI) + POINT_BYTES or not der.startswith(SPKI + b"\x04"):
        return None
    point = (_number(der[-2 * _SIZE : -_SIZE]), _number(der[-_SIZE:]))
    return point if is_on_curve(point) else None


def pkcs8(key: PrivateKey) -> bytes:
    """DER PrivateKeyInfo."""
    return _PKCS8 + _bytes(key.number) + _PUBLIC + _point(key.public)


def read_pkcs8(der: bytes) -> PrivateKey | None:
    """The key of a DER PrivateKeyInfo as `pkcs8` and OpenSSL write it; None for anything else."""
    number = _number(der[len(_PKCS8) : len(_PKCS8) + _SIZE])
    if not der.startswith(_PKCS8) or not 1 <= number <= N - 2:
        return None
    key = PrivateKey(number)
    return key if pkcs8(key) == der else None


def pem(label: str, der: bytes) -> bytes:
    """PEM text (RFC 7468)."""
    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def read_pem(label: str, text: bytes) -> bytes:
    """What a PEM text of one such block holds; nothing where it is none."""
    _, begun, rest = text.partition(f"-----BEGIN {label}-----".encode())
    inner, ended, _ = rest.partition(f"-----END {label}-----".encode())
    if not (begun and ended):
        return b""
    try:
        return base64.b64decode(b"".join(inner.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
