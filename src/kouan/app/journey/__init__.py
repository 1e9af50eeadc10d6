"""`kouan journey`: one ship call walked through the public doors, with simulators of its own."""
