"""What others may import of port calls."""

from kouan.base.portcall.records import PersonAboard, PortCall

__all__ = ["PersonAboard", "PortCall"]
