"""The carrier of a box that came in or left."""
