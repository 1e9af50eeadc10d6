"""Persons in the port's restricted areas."""
