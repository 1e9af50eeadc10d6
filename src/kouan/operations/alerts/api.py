"""What others may import of early warning."""

from kouan.operations.alerts.records import SEVERITIES, Warned

__all__ = ["SEVERITIES", "Warned"]
