"""What others may import of the catalogue: how to say the quality of a record type."""

from kouan.base.catalogue.records import Dataset, Element
from kouan.base.catalogue.service import tells_quality

__all__ = ["Dataset", "Element", "tells_quality"]
