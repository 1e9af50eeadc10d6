"""From rows to nouns."""

from __future__ import annotations

from typing import Any

import asyncpg

from kouan.base.identity.records import Account, Organisation, Session, Token
from kouan.kernel.text import Text

Row = asyncpg.Record


def text(value: Any) -> Text:
    """A kept title."""
    return Text(str(value["zh"]), str(value["en"]))


def organisation(row: Row) -> Organisation:
    """An organisation out of its row."""
    return Organisation(row["id"], row["slug"], row["kind"], text(row["title"]), row["code"], row["active"])


def account(row: Row) -> Account:
    """An account out of its row."""
    return Account(
        id=row["id"],
        org=row["org"],
        name=row["name"],
        title=text(row["title"]),
        kind=row["kind"],
        roles=tuple(row["roles"]),
        clearance=row["clearance"],
        active=row["active"],
        local=row["local"],
        must_change=row["must_change"],
        locked_until=row["locked_until"],
        created=row["created"],
        changed=row["changed"],
    )


def token(row: Row) -> Token:
    """A token out of its row."""
    return Token(
        id=row["id"],
        account=row["account"],
        name=row["name"],
        roles=None if row["roles"] is None else tuple(row["roles"]),
        scopes=tuple(row["scopes"]),
        created=row["created"],
        expires=row["expires"],
        last_used=row["last_used"],
        revoked=row["revoked"],
    )


def session(row: Row) -> Session:
    """A session out of its row."""
    return Session(row["id"], row["account"], row["via"], row["created"], row["seen"], row["expires"])
