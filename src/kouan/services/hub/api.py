"""What others may import of the hub: how to offer a function there."""

from kouan.services.hub.functions import Function, offers

__all__ = ["Function", "offers"]
