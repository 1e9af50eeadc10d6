"""The terminal's own system, told of the gate's moves."""
