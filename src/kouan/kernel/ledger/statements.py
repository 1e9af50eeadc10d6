"""The two things that the ledger signs: checkpoints and key rotations. Pure.

Both are canonical JSON objects with different key sets, signed over exactly those bytes, so that one can never be taken for the
other. Since version 2 they name their suite of algorithms; those of version 1 are of the suite `intl`.
"""

from __future__ import annotations

from dataclasses import dataclass

from kouan.kernel.ledger import canonical
from kouan.kernel.suites.intl import INTL

UNNAMED = 1
"""The version of statements that name no suite."""
VERSION = 2


def pem_of(spki: bytes) -> str:
    """PEM text of a DER SubjectPublicKeyInfo (RFC 7468)."""
    text = canonical.to_base64(spki)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The signed state of a log: `size` leaves with this `root` (hex) at `at` (UTC), by key `key`.

    `named` is the suite's code as the statement names it; None in a statement of version 1.
    """

    origin: str
    size: int
    root: str
    at: str
    key: str
    named: str | None = None

    @property
    def suite(self) -> str:
        """The code of the suite that it was made by."""
        return self.named or INTL.code

    def body(self) -> bytes:
        """The bytes that are signed."""
        return canonical.encode(
            {
                **_head(self.named),
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
    named: str | None = None

    @property
    def suite(self) -> str:
        """The code of the suite that it was made by."""
        return self.named or INTL.code

    def body(self) -> bytes:
        """The bytes that the old key signs."""
        return canonical.encode(
            {
                **_head(self.named),
                "origin": self.origin,
                "old": self.old,
                "new": self.new,
                "size": self.size,
                "at": self.at,
            }
        )


def _head(named: str | None) -> dict[str, object]:
    return {"v": UNNAMED} if named is None else {"v": VERSION, "suite": named}
