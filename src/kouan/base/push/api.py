"""What others may import of pushing: the pusher of a process, where webhooks may lead, and one call to an outside system."""

from kouan.base.push.service.outward import Answered, Outward
from kouan.base.push.service.pusher import Pusher
from kouan.base.push.service.wire import Away
from kouan.kernel.ways import Forbidden, Ways

__all__ = ["Answered", "Away", "Forbidden", "Outward", "Pusher", "Ways"]
