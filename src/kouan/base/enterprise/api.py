"""What others may import of enterprises."""

from kouan.base.enterprise.records import GRADES, Enterprise, Production, Qualification, Violation
from kouan.base.enterprise.service import known

__all__ = ["GRADES", "Enterprise", "Production", "Qualification", "Violation", "known"]
