"""What a suite of algorithms gives: hash, keyed hash, derivation, sealing, signature. Pure, but for random numbers."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from cryptography.exceptions import InvalidTag

from kouan.kernel.text import Text

Unopened = InvalidTag
"""Raised when a sealed text cannot be opened with this key at this place."""
NONCE_BYTES = 12
TAG_BYTES = 16
HASH_BYTES = 32
SIGNATURE_BYTES = 64


class Key(ABC):
    """A key that seals texts: what comes out is 12 random bytes, the text encrypted, and a tag of 16 bytes."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def seal(self, plain: bytes, bound: bytes = b"") -> bytes:
        """The text, sealed; `bound` is authenticated with it and must be told to open it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self.encrypt(nonce, plain, bound)

    def open(self, sealed: bytes, bound: bytes = b"") -> bytes:
        """The text of what `seal` gave; Unopened when key, `bound` or a bit of it is another."""
        if len(sealed) < NONCE_BYTES + TAG_BYTES:
            raise Unopened
        return self.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)

    @abstractmethod
    def encrypt(self, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        """Text and tag under a nonce of 12 bytes that this key never meets again."""

    @abstractmethod
    def decrypt(self, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
        """The text of text and tag; raises Unopened."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and type(other) is type(self) and secrets.compare_digest(self.raw, other.raw)

    def __hash__(self) -> int:
        return hash((type(self), self.raw))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class RowCipher(ABC):
    """A cipher that needs no nonce: equal rows give equal texts, 16 bytes longer than the row (a synthetic IV in front).

    `mark` (8 bytes) tells one key from another, and nothing of it.
    """

    mark: bytes

    @abstractmethod
    def encrypt(self, row: bytes, bound: Sequence[bytes]) -> bytes:
        """A row, sealed, bound to some texts in their order."""

    @abstractmethod
    def decrypt(self, sealed: bytes, bound: Sequence[bytes]) -> bytes:
        """The row; raises Unopened."""


class Private(ABC):
    """A private key that signs."""

    spki: bytes
    """DER SubjectPublicKeyInfo of the public half."""
    public: bytes
    """The public half alone, as short as it can be written: 32 bytes of Ed25519, 65 of SM2."""

    @abstractmethod
    def raw(self) -> bytes:
        """The private half, 32 bytes."""

    @abstractmethod
    def sign(self, body: bytes) -> bytes:
        """A signature of 64 bytes."""

    @abstractmethod
    def pem(self) -> bytes:
        """PKCS #8 (RFC 5958) as PEM, not encrypted."""


class Suite(ABC):
    """One choice of algorithms for everything that a data folder hashes, seals and signs."""

    code: ClassVar[str]
    title: ClassVar[Text]
    hash_name: ClassVar[str]
    signature_name: ClassVar[str]
    seal_name: ClassVar[str]
    mac_name: ClassVar[str]
    key_bytes: ClassVar[int]
    """Length of a key that seals."""
    sql_leaf: ClassVar[str | None]
    """How PostgreSQL computes the leaf hash of a `body` by itself; None where it cannot, and the signer does."""
    columnar: ClassVar[bool]
    """Whether the suite's cipher is the one of Parquet's own encryption."""

    @abstractmethod
    def hash(self, data: bytes) -> bytes:
        """The hash of some bytes, 32 bytes."""

    @abstractmethod
    def mac(self, key: bytes, data: bytes) -> bytes:
        """The keyed hash (HMAC) of some bytes, 32 bytes."""

    @abstractmethod
    def derive(self, master: bytes, purpose: bytes) -> bytes:
        """A secret of 32 bytes for one purpose, derived from a master key (HKDF, RFC 5869)."""

    @abstractmethod
    def key(self, raw: bytes) -> Key:
        """The key that seals, of the first `key_bytes` of a secret; ValueError when there are fewer."""

    @abstractmethod
    def rows(self, key: Key) -> RowCipher:
        """The cipher of rows under a subject's key."""

    @abstractmethod
    def new_private(self) -> Private:
        """A new private key."""

    @abstractmethod
    def private(self, raw: bytes) -> Private:
        """The private key of what `raw` gave; ValueError when it is none."""

    @abstractmethod
    def spki_from(self, public: bytes) -> bytes | None:
        """DER of a public key that is written as `Private.public` is; None when it is none of this suite."""

    @abstractmethod
    def private_of(self, pem: bytes) -> Private | None:
        """The private key in a PEM text (PKCS #8); None when it is none of this suite."""

    @abstractmethod
    def spki_of(self, pem: bytes) -> bytes | None:
        """DER of a PEM public key; None when it is none of this suite."""

    @abstractmethod
    def is_signed(self, spki: bytes, body: bytes, signature: bytes) -> bool:
        """Whether a signature over a body is by the key `spki`; False for a key of another suite or spelling."""

    def new_key(self) -> Key:
        """A new random key that seals."""
        return self.key(secrets.token_bytes(self.key_bytes))

    def fingerprint(self, spki: bytes) -> str:
        """A public key's name: hexadecimal hash of its DER SubjectPublicKeyInfo."""
        return self.hash(spki).hex()

    def __repr__(self) -> str:
        return f"<suite {self.code}>"

    def _cut(self, raw: bytes) -> bytes:
        if len(raw) < self.key_bytes:
            raise ValueError(f"a key of {self.code} has {self.key_bytes} bytes")
        return raw[: self.key_bytes]
