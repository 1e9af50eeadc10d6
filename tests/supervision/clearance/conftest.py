"""The demo port for tests of this module."""

from tests.town import town, town_data

__all__ = ["town", "town_data"]
