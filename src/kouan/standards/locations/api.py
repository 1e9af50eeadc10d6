"""What others may import of locations: divisions of China, and where a firm is registered."""

from kouan.standards.locations.divisions import SOURCE, Division, divisions, of_firm

__all__ = ["SOURCE", "Division", "divisions", "of_firm"]
