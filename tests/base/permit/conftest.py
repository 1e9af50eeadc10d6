"""The demo port in one process, and an issuing authority beside it."""

from __future__ import annotations

from tests.town import town, town_data

__all__ = ["town", "town_data"]
