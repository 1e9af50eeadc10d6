"""Why a leaf is a salted commitment: what the salt costs an entry, and what it would cost a guesser to do without.

The guesser knows a document but for a passport number of eight digits. Without a salt the leaf betrays it, also after
the document was erased; the time to try all hundred million numbers is extrapolated from two seconds of guessing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from bench.decisions._server import parser, tell
from kouan.kernel.ledger.entry import Entry, Sealed, commit, seal, seal_many
from kouan.kernel.suites.intl import INTL

DOCUMENT = b'{"name":"LI MING","nationality":"CHN","passport":"E%08d"}'
SPACE = 10**8


def _entry() -> Entry:
    return Entry(
        uuid4(), datetime.now(UTC), "file", "base.portcall.person_aboard", "s:" + os.urandom(16).hex(), 1, "agent",
        "a:" + os.urandom(16).hex(), "base.portcall.person_aboard:write", "imo-fal",
    )  # fmt: skip


def _cpu_us(work: Callable[[], Any], each: int, times: int = 60) -> float:
    work()
    began = time.process_time()
    for _ in range(times):
        work()
    return round(1e6 * (time.process_time() - began) / (each * times), 2)


def _seal(pairs: list[tuple[Entry, bytes]]) -> list[Sealed]:
    same = b"\0" * 16
    return [seal(INTL, entry, document, same) for entry, document in pairs]


def guesses(seconds: float) -> float:
    """How many documents a second of one CPU can be tried against an unsalted leaf."""
    wanted, tried, began = sha256(DOCUMENT % (SPACE - 1)).digest(), 0, time.process_time()
    while time.process_time() < began + seconds:
        for number in range(tried, tried + 10_000):
            if sha256(DOCUMENT % number).digest() == wanted:
                break
        tried += 10_000
    return tried / (time.process_time() - began)


def main() -> None:
    """Command line."""
    parser(__doc__).parse_args()
    pairs = [(_entry(), sha256(os.urandom(8)).digest()) for _ in range(200)]
    rate = guesses(2.0)
    salt, document = os.urandom(16), sha256(DOCUMENT % 1).digest()
    tell(__doc__, {
        "cpu_us_an_entry": {
            "with fresh salts": _cpu_us(lambda: seal_many(INTL, pairs), 200), "one fixed salt": _cpu_us(lambda: _seal(pairs), 200),
        },
        "guesses_a_cpu_second_without_salt": round(rate),
        "cpu_minutes_for_all_passports_without_salt": round(SPACE / rate / 60, 1),
        "guesses_needed_with_a_destroyed_salt": "2^128 for each document",
        "same_document_same_commitment": commit(INTL, salt, document) == commit(INTL, os.urandom(16), document),
    })  # fmt: skip


if __name__ == "__main__":
    main()
