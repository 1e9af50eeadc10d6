"""Goods declarations."""
