"""What others may import of permits."""

from kouan.base.permit.kinds import KINDS, named, title_of
from kouan.base.permit.records import Certificate, Permit, Verifier, WriteOff

__all__ = ["KINDS", "Certificate", "Permit", "Verifier", "WriteOff", "named", "title_of"]
