"""The moments of a record that are told to whoever is told of it at all."""

from __future__ import annotations

MOMENTS = ("filed", "amend")
