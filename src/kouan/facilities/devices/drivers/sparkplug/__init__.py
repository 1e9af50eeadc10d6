"""Sparkplug B: births, data and deaths of edge nodes and their devices (Eclipse Sparkplug 3.0)."""
