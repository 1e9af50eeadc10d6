"""What others may import of parameters: whether a code stands on a day, with the amendments that rules have read."""

from kouan.standards.parameters.catalogue import Set, named, sets
from kouan.standards.parameters.records import RATES, CodeRef, Entry, Rate, code_ref
from kouan.standards.parameters.service import rates
from kouan.standards.parameters.standing import Standing, standing

__all__ = ["RATES", "CodeRef", "Entry", "Rate", "Set", "Standing", "code_ref", "named", "rates", "sets", "standing"]
