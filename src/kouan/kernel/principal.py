"""Who acts: an organisation, a person or service in it, and what it may."""

from __future__ import annotations

from dataclasses import dataclass, field

ROLES = ("officer", "clerk", "operator", "viewer", "system-admin", "security-admin", "audit-admin")
ADMINS = frozenset({"system-admin", "security-admin", "audit-admin"})
WRITERS = frozenset({"officer", "clerk", "operator"})


@dataclass(frozen=True, slots=True)
class Principal:
    """One caller. `org`: its organisation's number in reader sets; `clearance`: the highest level (1-4) it may read."""

    org: int
    slug: str
    kind: str
    user: str
    roles: frozenset[str]
    clearance: int = 2
    grant: str = "role"
    service: bool = False
    scopes: frozenset[str] = field(default_factory=frozenset)

    @property
    def writes(self) -> bool:
        """Whether any of its roles may file or act at all."""
        return bool(self.roles & WRITERS)


PLATFORM = Principal(
    org=1,
    slug="kouan",
    kind="platform",
    user="service:platform",
    roles=frozenset({"operator"}),
    clearance=4,
    grant="platform",
    service=True,
)
"""The keeper itself: a reader of every row, used where rules must see facts that the filer may not."""
