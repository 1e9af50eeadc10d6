"""What goes over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kouan.base.identity.records import Account, Organisation, Session, Token
from kouan.base.identity.service.directory import Caller
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.text import Text

Line = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
Scope = Annotated[
    str, Field(max_length=130, pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+){0,2}(:(read|write))?$", examples=["base.declaration:read"])
]
Typed = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00]*$")]
Role = Literal["officer", "clerk", "operator", "viewer", "system-admin", "security-admin", "audit-admin"]


class Body(BaseModel):
    """A body with nothing but what it states."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(Body):
    """A title in both languages."""

    zh: Line = Field(examples=["望海海关"])
    en: Line = Field(examples=["Wanghai Customs"])

    def text(self) -> Text:
        """The kernel's form of it."""
        return Text(self.zh, self.en)

    @classmethod
    def of(cls, text: Text) -> Title:
        """The wire's form of a text."""
        return cls.model_construct(zh=text.zh, en=text.en)


class SignIn(Body):
    """A sign-in by password. `new_password` replaces the password; a one-time password needs it."""

    org: Typed = Field(examples=["customs"])
    user: Typed = Field(examples=["officer"])
    password: Typed
    new_password: Typed | None = None


class DemoSignIn(Body):
    """A sign-in to a demo account."""

    org: Typed = Field(examples=["customs"])
    role: Typed = Field(examples=["officer"])
    user: str = Field(default="", max_length=200, description="the account's name, where an organisation has several with the role")


class PasswordChange(Body):
    """A new password, given the old one."""

    password: Typed
    new_password: Typed


class MyOrganisation(BaseModel):
    """The caller's organisation."""

    slug: str
    kind: str
    title: Title


class MyUser(BaseModel):
    """The caller's account: its number, its name at sign-in, its title."""

    id: str
    name: str
    title: Title


class Me(BaseModel):
    """Who calls. `csrf` goes into X-CSRF-Token with each change by cookie; it is empty for a token."""

    org: MyOrganisation
    user: MyUser
    roles: list[str]
    clearance: int
    csrf: str
    demo: bool

    @classmethod
    def of(cls, who: Caller, *, demo: bool) -> Me:
        """The wire's form of a caller."""
        p = who.principal
        return cls(
            org=MyOrganisation(slug=p.slug, kind=p.kind, title=Title.of(who.org_title)),
            user=MyUser(id=p.user, name=who.name, title=Title.of(who.title)),
            roles=sorted(p.roles),
            clearance=p.clearance,
            csrf=who.credential.csrf,
            demo=demo,
        )


class DemoAccount(BaseModel):
    """A demo account that anybody at this machine may sign in to."""

    org: str
    user: str
    role: str
    title: Title


class SingleSignOn(BaseModel):
    """The single window's sign-in: what to call it and where the browser goes."""

    title: Title
    href: str


class OrganisationShape(BaseModel):
    """An organisation."""

    id: int
    slug: str
    kind: str
    title: Title
    code: str | None
    active: bool

    @classmethod
    def of(cls, org: Organisation) -> OrganisationShape:
        """The wire's form of an organisation."""
        title = Title.of(org.title)
        return cls(id=org.id, slug=org.slug, kind=org.kind, title=title, code=org.code, active=org.active)


class NewOrganisation(Body):
    """An organisation to make."""

    slug: Line = Field(examples=["north-lines"])
    kind: Line = Field(examples=["carrier"])
    title: Title
    code: Line | None = None


class OrganisationChange(Body):
    """What to change of an organisation; what is not stated stays."""

    title: Title | None = None
    code: Line | None = None
    active: bool | None = None


class AccountShape(BaseModel):
    """An account. Times are UTC."""

    id: UUID
    org: int
    name: str
    title: Title
    kind: Literal["person", "service"]
    roles: list[str]
    clearance: int
    active: bool
    local: bool
    must_change: bool
    locked_until: datetime | None
    created: datetime
    changed: datetime

    @classmethod
    def of(cls, account: Account) -> AccountShape:
        """The wire's form of an account."""
        stated: dict[str, Any] = {name: getattr(account, name) for name in cls.model_fields}
        return cls(**stated | {"title": Title.of(account.title), "roles": list(account.roles)})


class AccountPage(BaseModel):
    """Accounts by organisation and name; `next` goes into `after` for more."""

    items: list[AccountShape]
    next: str | None


class NewAccount(Body):
    """An account to make; roles are given by the security administrator."""

    org: int = Field(ge=1, le=2**31 - 1)
    name: Line = Field(examples=["li.wei"])
    title: Title
    kind: Literal["person", "service"] = "person"


class MadeAccount(BaseModel):
    """A new account, and for a person the one-time password, shown this once."""

    account: AccountShape
    password: str | None


class Grant(Body):
    """The roles that an account has from now on. Without `clearance`, that of the roles."""

    roles: list[Role] = Field(max_length=7)
    clearance: Literal[1, 2, 3, 4] | None = None


class Switch(Body):
    """On or off."""

    active: bool


class OneTime(BaseModel):
    """A one-time password, shown this once."""

    password: str


class NewToken(Body):
    """A token to issue. Without `roles` it has those of its account at each call. With `scopes` it opens only the doors of these boards,
    modules or record types; behind a colon `read` (look and search) or `write` (all else), without one both."""

    name: Line = Field(examples=["nightly export"])
    days: int = Field(default=90, ge=1, le=365)
    roles: list[Role] | None = Field(default=None, max_length=7)
    scopes: list[Scope] = Field(default=[], max_length=50)


class TokenShape(BaseModel):
    """A token without its secret. Times are UTC."""

    id: UUID
    account: UUID
    name: str
    roles: list[str] | None
    scopes: list[str]
    created: datetime
    expires: datetime
    last_used: datetime | None
    revoked: datetime | None

    @classmethod
    def of(cls, token: Token) -> TokenShape:
        """The wire's form of a token."""
        stated: dict[str, Any] = {name: getattr(token, name) for name in cls.model_fields}
        return cls(**stated)


class MadeToken(BaseModel):
    """A new token with its secret, shown this once."""

    token: TokenShape
    secret: str


class SessionShape(BaseModel):
    """A signed-in browser. Times are UTC."""

    id: UUID
    via: str
    created: datetime
    seen: datetime
    expires: datetime

    @classmethod
    def of(cls, session: Session) -> SessionShape:
        """The wire's form of a session."""
        stated: dict[str, Any] = {name: getattr(session, name) for name in cls.model_fields}
        return cls(**stated)


class TrailEntry(BaseModel):
    """One entry of the security audit. `at` is UTC."""

    id: int
    at: datetime
    org: int
    account: str
    action: str
    ref: str
    level: int
    outcome: Literal["allowed", "denied"]
    reason: str
    request: str


class TrailPage(BaseModel):
    """Entries, newest first; `next` goes into `after` for older ones."""

    items: list[TrailEntry]
    next: int | None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The failures that a route declares, with those that any may have."""
    return {status: RESPONSES[status] for status in sorted({400, 413, 503, *statuses})}
