"""Simulated identifiers with right check digits, computed here and not by the platform that checks them."""

from __future__ import annotations

import itertools
import random
import secrets
import time
from collections.abc import Iterator

_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"

# ISO 6346 annex A: letters count from 10 and leave out the multiples of 11.
_FREIGHT = {str(n): n for n in range(10)} | dict(
    zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(10, 39) if n % 11), strict=True)
)


def container_check(body: str) -> int:
    """The remainder 0-10 of ISO 6346 for owner, category and serial (10 characters); 10 is written as 0."""
    if len(body) != 10:
        raise ValueError(f"ten characters wanted, not {body!r}")
    return sum(_FREIGHT[sign] << place for place, sign in enumerate(body)) % 11


def container(owner: str, serial: int) -> str:
    """A container number of a three-letter owner; steps past the serials that ISO 6346 advises not to use."""
    while (check := container_check(body := f"{owner}U{serial % 1_000_000:06d}")) == 10:
        serial += 1
    return f"{body}{check}"


def containers(owner: str, first: int) -> Iterator[str]:
    """Container numbers of an owner from a serial on, each once; begins again after a million."""
    for serial in itertools.count(first):
        if container_check(body := f"{owner}U{serial % 1_000_000:06d}") != 10:
            yield f"{body}{container_check(body)}"


def imo_number(stem: int) -> str:
    """An IMO ship number (resolution A.1117) of a six-digit stem, with its check digit."""
    digits = f"{stem:06d}"
    if len(digits) != 6:
        raise ValueError(f"six digits wanted, not {stem}")
    return digits + str(sum(int(d) * weight for d, weight in zip(digits, range(7, 1, -1), strict=True)) % 10)


def plate(chance: random.Random, province: str = "鲁", city: str = "B") -> str:
    """A plausible truck plate of the Mainland: province, city letter and five signs, the first a letter."""
    return f"{province}{city}{chance.choice(_PLATE_LETTERS)}{chance.randrange(10_000):04d}"


def _base36(value: int, width: int) -> str:
    signs = []
    for _ in range(width):
        value, digit = divmod(value, 36)
        signs.append(_BASE36[digit])
    return "".join(reversed(signs))


def new_run() -> str:
    """Eight signs that no other run has: seconds since 2025 and two random signs."""
    seconds = int(time.time()) - 1_735_689_600
    return _base36(seconds, 6) + _base36(secrets.randbelow(36 * 36), 2)


class References:
    """Unique references of one run: the same run id gives the same row again, another one never meets it."""

    def __init__(self, run: str | None = None) -> None:
        self.run = run or new_run()
        self._counts: dict[str, int] = {}

    def next(self, prefix: str) -> str:
        """The next reference of a kind, at most 22 signs (the limit of a FunctionalReferenceID)."""
        count = self._counts[prefix] = self._counts.get(prefix, 0) + 1
        return f"{prefix}{self.run}{count:05d}"

    def chance(self, purpose: str) -> random.Random:
        """Simulated chance that belongs to the run and to one purpose."""
        return random.Random(f"{self.run}/{purpose}")
