"""Devices of gate lanes: readings and signs of life on `devices/lane/<lane>/<kind>/<device>`."""
