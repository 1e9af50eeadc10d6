"""What others may import of parameters: whether a code stands on a day, with the amendments that rules have read."""

from kouan.standards.parameters.catalogue import Set, named, sets
from kouan.standards.parameters.records import Entry, code_ref
from kouan.standards.parameters.standing import Standing, standing

__all__ = ["Entry", "Set", "Standing", "code_ref", "named", "sets", "standing"]
