"""The declarant of inspected goods."""
