"""Devices of the port: the register, the hub that hears them, and the commands that go back."""
