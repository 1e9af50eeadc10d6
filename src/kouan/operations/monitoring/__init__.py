"""The port's operation monitored by indicators."""
