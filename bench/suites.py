"""What the suites of algorithms cost, side by side: CPU time of hash, keyed hash, sealing, rows, signature and verification.

Texts are random bytes as long as real ones: an entry of the ledger, a restricted field, a row of a signal, a block of a history file.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from typing import Any

from kouan.kernel.suites.known import SUITES
from kouan.kernel.suites.suite import Suite

ENTRY, FIELD, ROW, BLOCK = 420, 24, 40, 256 * 1024
SECONDS = 0.6
ROUNDS = 3


def microseconds(work: Callable[[], object]) -> float:
    """CPU time of one call, the best of some rounds."""
    work()
    best = float("inf")
    for _ in range(ROUNDS):
        count, began = 0, time.process_time()
        while (spent := time.process_time() - began) < SECONDS / ROUNDS:
            work()
            count += 1
        best = min(best, spent / count * 1e6)
    return round(best, 1)


def measure(suite: Suite) -> dict[str, Any]:
    """One suite's figures, in microseconds of CPU, blocks in megabytes a second."""
    entry, field, row, block = (os.urandom(size) for size in (ENTRY, FIELD, ROW, BLOCK))
    key, private = suite.new_key(), suite.new_private()
    rows, bound = suite.rows(key), [b"reading", bytes(8), bytes(8)]
    signature, sealed = private.sign(entry), key.seal(field, b"place")
    first = suite.new_private()
    first_signed = first.sign(entry)
    began = time.process_time()
    assert suite.is_signed(first.spki, entry, first_signed)
    once = (time.process_time() - began) * 1e6
    return {
        "algorithms": [suite.hash_name, suite.signature_name, suite.seal_name, suite.mac_name],
        "hash_entry_us": microseconds(lambda: suite.hash(entry)),
        "mac_field_us": microseconds(lambda: suite.mac(bytes(32), field)),
        "seal_field_us": microseconds(lambda: key.seal(field, b"place")),
        "open_field_us": microseconds(lambda: key.open(sealed, b"place")),
        "seal_row_us": microseconds(lambda: rows.encrypt(row, bound)),
        "sign_us": microseconds(lambda: private.sign(entry)),
        "verify_us": microseconds(lambda: suite.is_signed(private.spki, entry, signature)),
        "verify_with_a_new_key_us": round(once, 1),
        "hash_mb_s": round(BLOCK / microseconds(lambda: suite.hash(block)), 1),
        "seal_mb_s": round(BLOCK / microseconds(lambda: key.seal(block)), 1),
    }  # fmt: skip


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON (it always does)")
    parser.parse_args()
    print(json.dumps({code: measure(suite) for code, suite in SUITES.items()}, indent=1))


if __name__ == "__main__":
    main()
