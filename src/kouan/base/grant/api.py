"""What others may import of grants: the record, and who may be asked for data."""

from kouan.base.grant.records import Condition, Grant, new_number
from kouan.base.grant.service import owner_of

__all__ = ["Condition", "Grant", "new_number", "owner_of"]
