"""Drivers of sensors that watch traffic."""
