"""What others may import of the gateway."""

from kouan.cooperation.gateway.kinds import KINDS, DocKind
from kouan.cooperation.gateway.records import Certificate, Dispatch, Message, Partner

__all__ = ["KINDS", "Certificate", "Dispatch", "DocKind", "Message", "Partner"]
