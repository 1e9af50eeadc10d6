"""The suite `intl`: SHA-256 (FIPS 180-4), Ed25519 (RFC 8032), AES-256-GCM (SP 800-38D), AES-SIV (RFC 5297), HMAC-SHA256."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256, sha512

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from kouan.kernel.suites.suite import HASH_BYTES, Key, Private, RowCipher, Suite
from kouan.kernel.text import Text


class AesKey(Key):
    """AES-256-GCM."""

    __slots__ = ("_cipher",)

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self._cipher = AESGCM(raw)

    def encrypt(self, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        """Text and tag."""
        return self._cipher.encrypt(nonce, plain, bound)

    def decrypt(self, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
        """The text; raises Unopened."""
        return self._cipher.decrypt(nonce, sealed, bound)


class AesRows(RowCipher):
    """AES-SIV with a key of 512 bits."""

    def __init__(self, raw: bytes) -> None:
        own = hmac.digest(raw, b"kouan/signals", sha512)
        self.mark = sha256(own).digest()[:8]
        self._cipher = AESSIV(own)

    def encrypt(self, row: bytes, bound: Sequence[bytes]) -> bytes:
        """A row, sealed."""
        return self._cipher.encrypt(row, list(bound))

    def decrypt(self, sealed: bytes, bound: Sequence[bytes]) -> bytes:
        """The row; raises Unopened."""
        return self._cipher.decrypt(sealed, list(bound))


class Ed25519(Private):
    """An Ed25519 key."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public, self.spki = private.public_key().public_bytes_raw(), _spki(private.public_key())

    def sign(self, body: bytes) -> bytes:
        """RFC 8032, 64 bytes."""
        return self._private.sign(body)

    def raw(self) -> bytes:
        """The seed."""
        return self._private.private_bytes_raw()

    def pem(self) -> bytes:
        """PKCS #8 (RFC 8410)."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class Intl(Suite):
    """The default suite."""

    code = "intl"
    title = Text("国际算法套件（SHA-256、Ed25519、AES-256-GCM）", "International suite (SHA-256, Ed25519, AES-256-GCM)")
    hash_name, signature_name, seal_name, mac_name = "SHA-256", "Ed25519", "AES-256-GCM", "HMAC-SHA256"
    key_bytes = 32
    sql_leaf = r"sha256('\x00'::bytea || body)"
    columnar = True

    def hash(self, data: bytes) -> bytes:
        """SHA-256."""
        return sha256(data).digest()

    def mac(self, key: bytes, data: bytes) -> bytes:
        """HMAC-SHA256."""
        return hmac.digest(key, data, sha256)

    def derive(self, master: bytes, purpose: bytes) -> bytes:
        """HKDF-SHA256."""
        return HKDF(algorithm=hashes.SHA256(), length=HASH_BYTES, salt=None, info=purpose).derive(master)

    def key(self, raw: bytes) -> AesKey:
        """An AES-256 key."""
        return AesKey(self._cut(raw))

    def rows(self, key: Key) -> AesRows:
        """AES-SIV."""
        return AesRows(key.raw)

    def new_private(self) -> Ed25519:
        """A new Ed25519 key."""
        return Ed25519(Ed25519PrivateKey.generate())

    def private(self, raw: bytes) -> Ed25519:
        """An Ed25519 key of its seed."""
        return Ed25519(Ed25519PrivateKey.from_private_bytes(raw))

    def spki_from(self, public: bytes) -> bytes | None:
        """DER of an Ed25519 public key of 32 bytes."""
        try:
            return _spki(Ed25519PublicKey.from_public_bytes(public))
        except ValueError:
            return None

    def private_of(self, pem: bytes) -> Ed25519 | None:
        """An Ed25519 key out of PKCS #8."""
        try:
            found = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            return None
        return Ed25519(found) if isinstance(found, Ed25519PrivateKey) else None

    def spki_of(self, pem: bytes) -> bytes | None:
        """DER of an Ed25519 public key (RFC 8410)."""
        try:
            found = load_pem_public_key(pem)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            return None
        return _spki(found) if isinstance(found, Ed25519PublicKey) else None

    def is_signed(self, spki: bytes, body: bytes, signature: bytes) -> bool:
        """Ed25519."""
        try:
            key = load_der_public_key(spki)
        except (ValueError, UnsupportedAlgorithm):
            return False
        if not isinstance(key, Ed25519PublicKey) or _spki(key) != spki:
            return False
        try:
            key.verify(signature, body)
        except InvalidSignature:
            return False
        return True


def _spki(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


INTL = Intl()
