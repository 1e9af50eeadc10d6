"""What others may import of conveyances."""

from kouan.base.conveyance.records import Conveyance, Stop, Traveller

__all__ = ["Conveyance", "Stop", "Traveller"]
