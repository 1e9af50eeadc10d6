"""Checks of the identifiers that trade documents carry; `api` is the public face."""
