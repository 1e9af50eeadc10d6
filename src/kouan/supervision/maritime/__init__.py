"""Maritime supervision of port calls."""
