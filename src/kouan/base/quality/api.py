"""What others may import of quality: checks and how they are declared, the engine, and scores."""

from kouan.base.quality.checks import CLASS_OF, CLASSES, SEVERITIES, Check, declare, declared, not_future, not_older
from kouan.base.quality.checks import KINDS as CHECKS
from kouan.base.quality.columns import literal, quoted, sql
from kouan.base.quality.derived import bare, checks_of
from kouan.base.quality.engine import FAULTS, ROW, Engine, Verdict
from kouan.base.quality.records import QualityScore
from kouan.base.quality.rules import OUTSIDE, known_type
from kouan.base.quality.service import checks, existing, keep

__all__ = [
    "CHECKS", "CLASSES", "CLASS_OF", "FAULTS", "OUTSIDE", "ROW", "SEVERITIES", "Check", "Engine", "QualityScore", "Verdict", "bare",
    "checks", "checks_of", "declare", "declared", "existing", "keep", "known_type", "literal", "not_future", "not_older", "quoted", "sql",
]  # fmt: skip
