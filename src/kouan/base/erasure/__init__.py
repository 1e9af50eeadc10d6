"""Erasure of persons by law, and rotation of the signing key: the security administrator's desk."""
