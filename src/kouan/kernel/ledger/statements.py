"""The two things that the ledger signs: checkpoints and key rotations. Pure.

Both are canonical JSON objects with different key sets, signed with Ed25519 (RFC 8032) over exactly
those bytes, so that one can never be taken for the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from kouan.kernel.ledger import canonical

VERSION = 1
SIGNATURE_BYTES = 64


def fingerprint(spki: bytes) -> str:
    """A public key's name: hexadecimal SHA-256 of its DER SubjectPublicKeyInfo."""
    return sha256(spki).hexdigest()


def spki_of(key: Ed25519PublicKey) -> bytes:
    """DER SubjectPublicKeyInfo of an Ed25519 key (RFC 8410)."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def public_key(spki: bytes) -> Ed25519PublicKey | None:
    """The Ed25519 key in a DER SubjectPublicKeyInfo; None for any other key or spelling."""
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PublicKey) and spki_of(key) == spki else None


def spki_from_pem(pem: bytes) -> bytes | None:
    """DER of a PEM public key; None if it is not an Ed25519 public key."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return spki_of(key) if isinstance(key, Ed25519PublicKey) else None


def pem_of(spki: bytes) -> str:
    """PEM text of a DER SubjectPublicKeyInfo (RFC 7468)."""
    text = canonical.to_base64(spki)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


def is_signed(spki: bytes, body: bytes, signature: bytes) -> bool:
    """Whether `signature` over `body` is by the key `spki`."""
    key = public_key(spki)
    if key is None:
        return False
    try:
        key.verify(signature, body)
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The signed state of a log: `size` leaves with this `root` (hex) at `at` (UTC), by key `key`."""

    origin: str
    size: int
    root: str
    at: str
    key: str

    def body(self) -> bytes:
        """The bytes that are signed."""
        return canonical.encode(
            {
                "v": VERSION,
                "origin": self.origin,
                "size": self.size,
                "root": self.root,
                "at": self.at,
                "key": self.key,
            }
        )


@dataclass(frozen=True, slots=True)
class Rotation:
    """The old key's word that from `size` leaves on the new key signs; keys as base64 SPKI."""

    origin: str
    old: str
    new: str
    size: int
    at: str

    def body(self) -> bytes:
        """The bytes that the old key signs."""
        return canonical.encode(
            {
                "v": VERSION,
                "origin": self.origin,
                "old": self.old,
                "new": self.new,
                "size": self.size,
                "at": self.at,
            }
        )
