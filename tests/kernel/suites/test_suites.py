"""What each suite promises: sealed texts open with their key at their place, signatures hold for their message, and nothing else does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.kernel.suites import sm2, sm2_curve
from kouan.kernel.suites.known import SUITES, is_signed, spki_of
from kouan.kernel.suites.sm import SM
from kouan.kernel.suites.suite import SIGNATURE_BYTES, TAG_BYTES, Suite, Unopened

EACH = pytest.mark.parametrize("suite", SUITES.values(), ids=lambda one: one.code)
BUSY = settings(deadline=None, max_examples=40)
PRIVATE = {code: suite.new_private() for code, suite in SUITES.items()}
OPENSSL = shutil.which("openssl")


def bent(raw: bytes, at: int) -> bytes:
    """The same with one bit changed."""
    place = at % (8 * len(raw))
    return bytes(one ^ (1 << place % 8 if n == place // 8 else 0) for n, one in enumerate(raw))


@EACH
@BUSY
@given(plain=st.binary(max_size=300), bound=st.binary(max_size=40), at=st.integers(0, 10_000))
def test_a_sealed_text_opens_as_it_was_or_not_at_all(suite: Suite, plain: bytes, bound: bytes, at: int) -> None:
    key, other = suite.new_key(), suite.new_key()
    sealed = key.seal(plain, bound)
    assert key.open(sealed, bound) == plain
    assert key.seal(plain, bound) != sealed
    for wrong in (lambda: key.open(bent(sealed, at), bound), lambda: key.open(sealed, bound + b"."), lambda: other.open(sealed, bound),
                  lambda: key.open(sealed[: at % len(sealed)], bound)):  # fmt: skip
        with pytest.raises(Unopened):
            wrong()


@EACH
@BUSY
@given(row=st.binary(min_size=1, max_size=80), bound=st.lists(st.binary(max_size=9), min_size=1, max_size=3), at=st.integers(0, 9_999))
def test_equal_rows_give_equal_texts_that_open_at_their_place_alone(suite: Suite, row: bytes, bound: list[bytes], at: int) -> None:
    key = suite.new_key()
    rows, other = suite.rows(key), suite.rows(suite.new_key())
    sealed = rows.encrypt(row, bound)
    assert sealed == suite.rows(key).encrypt(row, bound)
    assert len(sealed) == len(row) + TAG_BYTES
    assert rows.decrypt(sealed, bound) == row
    assert rows.mark != other.mark
    for wrong in (lambda: rows.decrypt(bent(sealed, at), bound), lambda: rows.decrypt(sealed, [*bound, b""]),
                  lambda: rows.decrypt(sealed, [bound[0] + b"x", *bound[1:]]), lambda: other.decrypt(sealed, bound)):  # fmt: skip
        with pytest.raises(Unopened):
            wrong()


def test_the_bounds_of_rows_cannot_be_drawn_elsewhere() -> None:
    rows = SM.rows(SM.new_key())
    with pytest.raises(Unopened):
        rows.decrypt(rows.encrypt(b"row", [b"ab", b"c"]), [b"a", b"bc"])


@EACH
@BUSY
@given(body=st.binary(max_size=200), at=st.integers(0, 9_999))
def test_a_signature_holds_for_its_message_and_key_alone(suite: Suite, body: bytes, at: int) -> None:
    key, other = PRIVATE[suite.code], suite.new_private()
    signature = key.sign(body)
    assert len(signature) == SIGNATURE_BYTES
    assert suite.is_signed(key.spki, body, signature)
    assert is_signed(key.public, body, signature)
    assert not suite.is_signed(key.spki, body, bent(signature, at))
    assert not suite.is_signed(key.spki, body + b".", signature)
    assert not suite.is_signed(other.spki, body, signature)
    assert not suite.is_signed(bent(key.spki, at), body, signature)
    assert not any(one.is_signed(key.spki, body, signature) for one in SUITES.values() if one is not suite)


@EACH
def test_keys_are_written_and_read_back(suite: Suite) -> None:
    key, body = suite.new_private(), b"body"
    again = [suite.private_of(key.pem()), suite.private(key.raw())]
    for one in again:
        assert one is not None
        assert one.spki == key.spki
        assert suite.is_signed(key.spki, body, one.sign(body))
    assert suite.spki_from(key.public) == key.spki
    for foreign in SUITES.values():
        if foreign is not suite:
            assert foreign.private_of(key.pem()) is None
            assert foreign.spki_from(key.public) is None
    for broken in (b"", b"no key", key.pem()[:60], key.pem().replace(b"A", b"B")):
        assert suite.private_of(broken) is None
        assert spki_of(broken) is None


@EACH
def test_a_short_key_is_none(suite: Suite) -> None:
    with pytest.raises(ValueError, match="bytes"):
        suite.key(bytes(suite.key_bytes - 1))


def test_numbers_that_sm2_excludes() -> None:
    for number in (0, sm2_curve.N - 1, sm2_curve.N):
        with pytest.raises(ValueError, match="private key"):
            sm2.PrivateKey(number)
    key = sm2.PrivateKey(2)
    n = sm2_curve.N.to_bytes(32, "big")
    one = (1).to_bytes(32, "big")
    for signature in (bytes(64), n + one, one + n, one + (sm2_curve.N - 1).to_bytes(32, "big"), b"", one * 3):
        assert not sm2.is_signed(key.public, b"m", signature)
    off = (key.public[0], key.public[1] ^ 1)
    assert sm2.read_spki(sm2.spki(off)) is None


@pytest.mark.skipif(OPENSSL is None, reason="there is no openssl here")
def test_openssl_agrees_about_keys_and_signatures(tmp_path: Path) -> None:
    """An implementation of others verifies what ours signs, and ours what it signs, under the same key files."""
    key, body = SM.new_private(), b"body of a checkpoint"
    (tmp_path / "key").write_bytes(key.pem())
    (tmp_path / "pub").write_bytes(sm2.pem("PUBLIC KEY", key.spki))
    (tmp_path / "body").write_bytes(body)
    (tmp_path / "ours").write_bytes(der(key.sign(body)))
    given = ["-rawin", "-digest", "sm3", "-in", "body", "-pkeyopt", "distid:1234567812345678"]

    def run(*words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([str(OPENSSL), "pkeyutl", *words, *given], cwd=tmp_path, capture_output=True, timeout=60)

    theirs = run("-sign", "-inkey", "key", "-out", "theirs")
    if theirs.returncode and b"unsupported" in theirs.stderr.lower():
        pytest.skip("this openssl was built without SM2")
    assert theirs.returncode == 0, theirs.stderr
    assert SM.is_signed(key.spki, body, raw((tmp_path / "theirs").read_bytes()))
    found = run("-verify", "-pubin", "-inkey", "pub", "-sigfile", "ours")
    assert found.returncode == 0, found.stderr
    (tmp_path / "body").write_bytes(body + b".")
    assert run("-verify", "-pubin", "-inkey", "pub", "-sigfile", "ours").returncode != 0


def der(signature: bytes) -> bytes:
    """SM2Signature of GB/T 35276: r and s as INTEGERs in a SEQUENCE."""
    parts = []
    for number in (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")):
        content = number.to_bytes(number.bit_length() // 8 + 1, "big")
        parts.append(bytes([2, len(content)]) + content)
    told = b"".join(parts)
    return bytes([0x30, len(told)]) + told


def raw(signed: bytes) -> bytes:
    """r and s out of an SM2Signature."""
    found, at = b"", 2
    for _ in range(2):
        length = signed[at + 1]
        found += int.from_bytes(signed[at + 2 : at + 2 + length], "big").to_bytes(32, "big")
        at += 2 + length
    return found
