"""Tables of pushing: how far the facts were read, each subscription's line, and its numbered messages."""
