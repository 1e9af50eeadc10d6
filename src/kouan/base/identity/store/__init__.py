"""Storage of identity: plain tables, because each call is resolved through them."""

from kouan.base.identity.store.schema import DDL

__all__ = ["DDL"]
