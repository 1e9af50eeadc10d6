"""Locations: ports and other places by UN/LOCODE and by national codes, with valid dates and near matches."""
