"""What others may import of subject domains: how to say what a record plans for a container."""

from kouan.operations.subjects.planning import Intent, moment, plans

__all__ = ["Intent", "moment", "plans"]
