"""`kouan init` and `kouan token`."""

from __future__ import annotations

from collections.abc import Sequence

from kouan.app.commands.process import settings
from kouan.base.identity.api import init_main, token_main


def init(argv: Sequence[str]) -> int:
    """Make a real site: the port office and its three administrators."""
    return init_main(argv, settings())


def token(argv: Sequence[str]) -> int:
    """Print a demo account's token."""
    return token_main(argv, settings())
