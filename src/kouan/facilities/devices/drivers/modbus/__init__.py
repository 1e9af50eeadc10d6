"""Modbus TCP: registers of a device, polled."""
