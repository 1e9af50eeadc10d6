"""The algorithms against the examples that their standards print."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CTR

from kouan.kernel.suites import sm2, sm2_curve
from kouan.kernel.suites.intl import INTL
from kouan.kernel.suites.sm import SM

# GB/T 32905-2016 annex A.
HASHES = [
    (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
]
# GB/T 32918.5-2017 annex A.2, the same as GM/T 0003.5-2012.
D = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
PUBLIC = (
    0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020,
    0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13,
)
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
E = 0xF0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640
SIGNED = (
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
MESSAGE = b"message digest"


@pytest.mark.parametrize(("message", "digest"), HASHES)
def test_sm3(message: bytes, digest: str) -> None:
    assert SM.hash(message).hex() == digest


@pytest.mark.parametrize("size", [0, 1, 32, 63, 64, 65, 200])
def test_hmac_sm3_is_rfc_2104_over_sm3(size: int) -> None:
    key, told = bytes(range(size)), b"what is told"
    block = (key if size <= 64 else SM.hash(key)).ljust(64, b"\0")
    inner = SM.hash(bytes(one ^ 0x36 for one in block) + told)
    assert SM.mac(key, told) == SM.hash(bytes(one ^ 0x5C for one in block) + inner)


def test_sm4_gcm() -> None:
    """RFC 8998 A.1, over the key of GB/T 32907-2016 A.1."""
    key = SM.key(bytes.fromhex("0123456789abcdeffedcba9876543210"))
    plain = bytes.fromhex("aa" * 8 + "bb" * 8 + "cc" * 8 + "dd" * 8 + "ee" * 8 + "ff" * 8 + "ee" * 8 + "aa" * 8)
    nonce, bound = bytes.fromhex("00001234567800000000abcd"), bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = key.encrypt(nonce, plain, bound)
    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert key.decrypt(nonce, sealed, bound) == plain


def test_sm4_itself() -> None:
    """GB/T 32907-2016 A.1, as the first block of a key stream."""
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    stream = Cipher(SM4(block), CTR(block)).encryptor()
    assert stream.update(bytes(16)).hex() == "681edf34d206965e86b3e94f536e4246"


def test_sm2() -> None:
    key = sm2.PrivateKey(D)
    assert key.public == PUBLIC
    assert sm2.message(PUBLIC, MESSAGE, sm2.IDENTITY) == E
    signature = key.sign_with(E, K)
    assert signature is not None
    assert signature.hex() == SIGNED
    assert sm2.is_signed(PUBLIC, MESSAGE, signature)


def test_the_curve() -> None:
    """The order times the base point is the point at infinity, and any table says what adding one by one says."""
    assert sm2_curve.is_on_curve(sm2_curve.G)
    assert sm2_curve.sum_of(1, sm2_curve.N - 1, sm2_curve.G) is None
    found = (*sm2_curve.G, 1)
    for scalar in range(2, 70):
        found = sm2_curve.add(found, sm2_curve.G)
        (flat,) = sm2_curve.flat([found])
        assert sm2_curve.is_on_curve(flat)
        assert sm2_curve.secret_multiple(scalar) == flat
        assert sm2_curve.sum_of(scalar - 1, 1, sm2_curve.G) == flat


def test_the_default_suite_is_what_it_was() -> None:
    """Data folders that were made before there were suites go on: what is kept there opens and compares as before."""
    assert INTL.hash(b"abc") == hashlib.sha256(b"abc").digest()
    assert INTL.mac(b"key", b"told") == hmac.digest(b"key", b"told", "sha256")
    assert INTL.derive(bytes(32), b"kouan/kek") == hmac.digest(
        hmac.digest(bytes(32), bytes(32), "sha256"), b"kouan/kek\x01", "sha256"
    )
    nonce, aes = bytes(12), AESGCM(bytes(32))
    assert INTL.key(bytes(32)).open(nonce + aes.encrypt(nonce, b"plain", b"place"), b"place") == b"plain"
    assert INTL.rows(INTL.key(bytes(32))).mark == hashlib.sha256(hmac.digest(bytes(32), b"kouan/signals", "sha512")).digest()[:8]
