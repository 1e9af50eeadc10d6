"""The suite `sm`, China's commercial cryptography (商用密码): SM3 (GB/T 32905-2016), SM2 signatures (GB/T 32918.2-2016 on the curve
of GB/T 32918.5-2017), SM4 (GB/T 32907-2016) in GCM (GB/T 17964-2021), HMAC-SM3 (GB/T 15852.2).

SM3 and SM4 are those of the library `cryptography`, SM2 is ours (`sm2`). Rows are sealed by the SIV construction (RFC 5297,
section 2.6, with a keyed hash in the place of S2V): the synthetic IV is HMAC-SM3 over row and context, the cipher SM4-CTR.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CTR, GCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kouan.kernel.suites import sm2
from kouan.kernel.suites.sm3 import hmac_sm3, sm3
from kouan.kernel.suites.suite import HASH_BYTES, TAG_BYTES, Key, Private, RowCipher, Suite, Unopened
from kouan.kernel.text import Text

_KEY_BYTES = 16


class Sm4Key(Key):
    """SM4-GCM."""

    __slots__ = ("_cipher",)

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self._cipher = SM4(raw)

    def encrypt(self, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        """Text and tag."""
        work = Cipher(self._cipher, GCM(nonce)).encryptor()
        work.authenticate_additional_data(bound)
        return work.update(plain) + work.finalize() + work.tag

    def decrypt(self, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
        """The text; raises Unopened."""
        if len(sealed) < TAG_BYTES:
            raise Unopened
        work = Cipher(self._cipher, GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
        work.authenticate_additional_data(bound)
        return work.update(sealed[:-TAG_BYTES]) + work.finalize()


class Sm4Rows(RowCipher):
    """A synthetic IV by HMAC-SM3, then SM4-CTR, each under a key of its own."""

    def __init__(self, raw: bytes) -> None:
        self._iv_key = hmac_sm3(raw, b"kouan/signals/iv")
        self._cipher = SM4(hmac_sm3(raw, b"kouan/signals/text")[:_KEY_BYTES])
        self.mark = hmac_sm3(raw, b"kouan/signals/mark")[:8]

    def encrypt(self, row: bytes, bound: Sequence[bytes]) -> bytes:
        """A row, sealed."""
        iv = self._iv(row, bound)
        work = Cipher(self._cipher, CTR(iv)).encryptor()
        return iv + work.update(row) + work.finalize()

    def decrypt(self, sealed: bytes, bound: Sequence[bytes]) -> bytes:
        """The row; raises Unopened."""
        iv = sealed[:TAG_BYTES]
        if len(iv) < TAG_BYTES:
            raise Unopened
        work = Cipher(self._cipher, CTR(iv)).decryptor()
        row = work.update(sealed[TAG_BYTES:]) + work.finalize()
        if not secrets.compare_digest(iv, self._iv(row, bound)):
            raise Unopened
        return row

    def _iv(self, row: bytes, bound: Sequence[bytes]) -> bytes:
        told = b"".join(len(one).to_bytes(8, "big") + one for one in (*bound, row))
        return hmac_sm3(self._iv_key, told)[:TAG_BYTES]


class Sm2(Private):
    """An SM2 key."""

    def __init__(self, private: sm2.PrivateKey) -> None:
        self._private = private
        self.spki = sm2.spki(private.public)
        self.public = self.spki[-sm2.POINT_BYTES :]

    def sign(self, body: bytes) -> bytes:
        """GB/T 32918.2, r and s of 32 bytes each; identity 1234567812345678 (GB/T 35276)."""
        return self._private.sign(body)

    def raw(self) -> bytes:
        """The number, big-endian."""
        return self._private.number.to_bytes(HASH_BYTES, "big")

    def pem(self) -> bytes:
        """PKCS #8 with the key of RFC 5915."""
        return sm2.pem("PRIVATE KEY", sm2.pkcs8(self._private))


class Sm(Suite):
    """Commercial cryptography."""

    code = "sm"
    title = Text("商用密码套件（SM3、SM2、SM4-GCM）", "Commercial cryptography suite of China (SM3, SM2, SM4-GCM)")
    hash_name, signature_name, seal_name, mac_name = "SM3", "SM2", "SM4-GCM", "HMAC-SM3"
    key_bytes = _KEY_BYTES
    sql_leaf = None
    columnar = False

    def hash(self, data: bytes) -> bytes:
        """SM3."""
        return sm3(data)

    def mac(self, key: bytes, data: bytes) -> bytes:
        """HMAC-SM3."""
        return hmac_sm3(key, data)

    def derive(self, master: bytes, purpose: bytes) -> bytes:
        """HKDF with HMAC-SM3."""
        return HKDF(algorithm=SM3(), length=HASH_BYTES, salt=None, info=purpose).derive(master)

    def key(self, raw: bytes) -> Sm4Key:
        """An SM4 key."""
        return Sm4Key(self._cut(raw))

    def rows(self, key: Key) -> Sm4Rows:
        """SM4-CTR under a synthetic IV."""
        return Sm4Rows(key.raw)

    def new_private(self) -> Sm2:
        """A new SM2 key."""
        return Sm2(sm2.PrivateKey.new())

    def private(self, raw: bytes) -> Sm2:
        """An SM2 key of its number."""
        return Sm2(sm2.PrivateKey(int.from_bytes(raw, "big")))

    def spki_from(self, public: bytes) -> bytes | None:
        """DER of an SM2 point, not compressed."""
        found = sm2.read_spki(sm2.SPKI + public)
        return sm2.spki(found) if found else None

    def private_of(self, pem: bytes) -> Sm2 | None:
        """An SM2 key out of PKCS #8."""
        found = sm2.read_pkcs8(sm2.read_pem("PRIVATE KEY", pem))
        return Sm2(found) if found else None

    def spki_of(self, pem: bytes) -> bytes | None:
        """DER of an SM2 public key."""
        found = sm2.read_spki(sm2.read_pem("PUBLIC KEY", pem))
        return sm2.spki(found) if found else None

    def is_signed(self, spki: bytes, body: bytes, signature: bytes) -> bool:
        """SM2."""
        key = sm2.read_spki(spki)
        return key is not None and sm2.is_signed(key, body, signature)


SM = Sm()
