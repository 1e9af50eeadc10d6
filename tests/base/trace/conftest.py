"""The demo port for tests of this module."""

from tests.town import town

__all__ = ["town"]
