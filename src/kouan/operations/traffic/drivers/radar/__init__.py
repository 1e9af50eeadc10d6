"""Radar targets as NMEA 0183 sentences."""
