"""What others may import of enterprises."""

from kouan.base.enterprise.records import GRADES, Enterprise, Qualification, Violation
from kouan.base.enterprise.service import known

__all__ = ["GRADES", "Enterprise", "Qualification", "Violation", "known"]
