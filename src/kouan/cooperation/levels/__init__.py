"""Levels: incidents rise from the site by rule, instructions come back down (跨层级互联)."""
