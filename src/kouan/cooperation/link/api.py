"""What others may import of links: what partners told, and who they are."""

from kouan.cooperation.link.records import AUTHORITIES, LEVELS, PARTNER, Agreement, Copy, Level, LinkReceipt
from kouan.cooperation.link.service.agreements import in_force, of, with_partner

__all__ = ["AUTHORITIES", "LEVELS", "PARTNER", "Agreement", "Copy", "Level", "LinkReceipt", "in_force", "of", "with_partner"]
