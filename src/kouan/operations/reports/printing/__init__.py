"""Files of a report: PDF and XLSX, made out of the report as it is kept, so that they never say anything else."""

from kouan.operations.reports.printing.layout import printed
from kouan.operations.reports.printing.sheet import tabled

__all__ = ["printed", "tabled"]
