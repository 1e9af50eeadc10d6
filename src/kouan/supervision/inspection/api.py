"""What others may import of joint inspections."""

from kouan.supervision.inspection.lifecycle import AGENCIES, WAITING
from kouan.supervision.inspection.records import CLASSES, Finding, InspectionOrder, Outcome
from kouan.supervision.inspection.service import mark_targeted, plan

__all__ = ["AGENCIES", "CLASSES", "WAITING", "Finding", "InspectionOrder", "Outcome", "mark_targeted", "plan"]
