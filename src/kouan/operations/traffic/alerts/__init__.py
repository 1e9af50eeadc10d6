"""Warnings about traffic: the Alert words of this module."""

from kouan.operations.traffic.alerts import encounters, identity, places, rendezvous

WORDS = (encounters.__name__, identity.__name__, places.__name__, rendezvous.__name__)
