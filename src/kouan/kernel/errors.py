"""Anticipated failures: named types with a stable code, an HTTP status and a reason in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kouan.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (field), by which rule, and why."""

    code: str
    field: str
    rule: str
    reason: Text
    position: str = ""

    def out(self) -> dict[str, Any]:
        """The JSON shape inside problem+json."""
        shape: dict[str, Any] = {
            "code": self.code,
            "field": self.field,
            "rule": self.rule,
            "reason": self.reason.out(),
        }
        if self.position:
            shape["position"] = self.position
        return shape


class Failure(Exception):
    """Base of all anticipated failures; carries one or more problems (RFC 9457 answers are made of it)."""

    status = 400
    code = "failure"

    def __init__(
        self,
        reason: Text,
        *,
        field: str = "",
        rule: str = "",
        code: str = "",
        problems: Sequence[Problem] = (),
        retry_after: int | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(reason.en)
        self.reason, self.field, self.rule = reason, field, rule
        self.code = code or type(self).code
        self.problems = tuple(problems)
        self.retry_after = retry_after
        self.extra = extra

    def out(self) -> dict[str, Any]:
        """The problem+json body (RFC 9457)."""
        first = self.problems[0] if self.problems else None
        body: dict[str, Any] = {
            "type": f"urn:kouan:problem:{self.code}",
            "title": self.reason.en,
            "status": self.status,
            "code": self.code,
            "field": self.field or (first.field if first else ""),
            "rule": self.rule or (first.rule if first else ""),
            "reason": self.reason.out(),
            **self.extra,
        }
        if self.problems:
            body["problems"] = [p.out() for p in self.problems]
        return body


class Refused(Failure):
    """A filing whose structure or rules do not hold (422)."""

    status, code = 422, "refused"

    @classmethod
    def of(cls, problems: Sequence[Problem], **extra: Any) -> Refused:
        """A refusal that leads with its first problem."""
        first = problems[0]
        return cls(first.reason, field=first.field, rule=first.rule, code=first.code, problems=problems, **extra)


class Conflict(Failure):
    """Other content under a used key, a natural key already kept, or a stale version (409)."""

    status, code = 409, "conflict"


class NotSignedIn(Failure):
    """No or no longer valid credentials (401)."""

    status, code = 401, "not_signed_in"


class Denied(Failure):
    """Known, but not entitled (403)."""

    status, code = 403, "denied"


class NotFound(Failure):
    """Nothing there, or nothing that this caller may know of (404)."""

    status, code = 404, "not_found"


class TooLarge(Failure):
    """A body over the limit (413)."""

    status, code = 413, "too_large"


class Unavailable(Failure):
    """Cannot be accepted now; try again after `retry_after` seconds (503)."""

    status, code = 503, "unavailable"
