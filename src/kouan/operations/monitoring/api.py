"""What others may import of monitoring."""

from kouan.operations.monitoring.calendar import HOLIDAYS, WORKED
from kouan.operations.monitoring.records import Figure
from kouan.operations.monitoring.results import DAY, HOUR, Measured, Row, divisions, measured
from kouan.operations.monitoring.rules import indicator
from kouan.operations.monitoring.unusual import LIMIT, Judged, judge

__all__ = [
    "DAY", "HOLIDAYS", "HOUR", "LIMIT", "WORKED", "Figure", "Judged", "Measured", "Row", "divisions", "indicator", "judge", "measured",
]
