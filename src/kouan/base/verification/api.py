"""What others may import of the verification environment."""

from kouan.base.verification.criteria import CRITERIA, Criterion
from kouan.base.verification.records import Interface, Report

__all__ = ["CRITERIA", "Criterion", "Interface", "Report"]
