"""`kouan journey`: one ship call, walked through the public doors."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Not yet."""
    return 2
