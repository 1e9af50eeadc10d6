"""The suites that there are, by their codes."""

from __future__ import annotations

from collections.abc import Mapping

from kouan.kernel.suites.intl import INTL
from kouan.kernel.suites.sm import SM
from kouan.kernel.suites.suite import Suite

DEFAULT: Suite = INTL
SUITES: Mapping[str, Suite] = {one.code: one for one in (INTL, SM)}


def is_signed(public: bytes, body: bytes, signature: bytes) -> bool:
    """Whether a signature is by a public key that is written as `Private.public` is, of whichever suite it is."""
    for suite in SUITES.values():
        if (spki := suite.spki_from(public)) is not None:
            return suite.is_signed(spki, body, signature)
    return False


def fingerprint(public: bytes) -> str:
    """The name of such a public key, hexadecimal, by the hash of its suite; that of the default suite for a key of none."""
    suite = next((one for one in SUITES.values() if one.spki_from(public) is not None), DEFAULT)
    return suite.fingerprint(public)


def spki_of(pem: bytes) -> bytes | None:
    """DER of a PEM public key of any suite; None when it is of none."""
    return next((spki for suite in SUITES.values() if (spki := suite.spki_of(pem)) is not None), None)
