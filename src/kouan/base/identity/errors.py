"""The failures of identity: one reason for each, the same wherever it is met."""

from __future__ import annotations

from collections.abc import Iterable

from kouan.base.identity.records import ROLES
from kouan.kernel.errors import Conflict, Denied, NotFound, NotSignedIn, Refused, Unavailable
from kouan.kernel.text import Text

SEPARATION = Text(
    "系统管理员、安全管理员、审计管理员三者分离，且不得兼任其他角色（GB/T 22239 8.1.5）",
    "System, security and audit administrators are separate accounts without any other role (GB/T 22239 8.1.5)",
)

SAME_PASSWORD = Text("新密码须不同于原密码", "The new password must differ from the old one")


def not_signed_in() -> NotSignedIn:
    """No credentials came with the call."""
    return NotSignedIn(Text("请先登录", "Sign in first"))


def no_longer_valid() -> NotSignedIn:
    """The credentials are unknown, expired or revoked."""
    reason = Text("登录已失效，请重新登录", "This sign-in is no longer valid; sign in again")
    return NotSignedIn(reason, code="no_longer_valid")


def bad_credentials() -> NotSignedIn:
    """A wrong organisation, name or password, or a locked account: the answer tells them apart to nobody."""
    reason = Text(
        "机构、用户名或密码不正确，或尝试次数过多：请核对，必要时 15 分钟后再试",
        "Wrong organisation, name or password, or too many tries: check them, or wait up to 15 minutes",
    )
    return NotSignedIn(reason, code="bad_credentials")


def password_change_required() -> Denied:
    """The password was given by somebody else and must be replaced at this sign-in."""
    reason = Text("首次登录须设置新密码", "Set a new password at the first sign-in")
    return Denied(reason, field="new_password", code="password_change_required")


def weak_password(reason: Text) -> Refused:
    """The new password breaks a rule."""
    return Refused(reason, field="new_password", rule="identity.password", code="weak_password")


def csrf() -> Denied:
    """A change by cookie without the session's CSRF token."""
    reason = Text("请求缺少或带有错误的 X-CSRF-Token", "The X-CSRF-Token is missing or is not this session's")
    return Denied(reason, code="csrf")


def other_origin() -> Denied:
    """A sign-in that another site's page sent."""
    reason = Text("不接受其他网站页面发出的登录请求", "A sign-in sent by another site's page is refused")
    return Denied(reason, code="origin")


def role_needed(roles: Iterable[str]) -> Denied:
    """The caller has none of the roles that may do this."""
    titles = [ROLES[role] for role in sorted(roles)]
    reason = Text(
        f"需要角色：{'、'.join(t.zh for t in titles)}", f"This needs the role: {' or '.join(t.en for t in titles)}"
    )
    return Denied(reason, code="role_needed")


def no_role() -> Denied:
    """The account has no role, not yet or not any more."""
    return Denied(Text("您的账户没有任何角色", "Your account has no role"), code="no_role")


def out_of_scope() -> Denied:
    """The token was issued for other doors."""
    return Denied(Text("该令牌的使用范围不含此操作", "The token's scopes do not reach this door"), rule="scope", code="out_of_scope")


def separation() -> Refused:
    """Roles that may not be held together."""
    return Refused(SEPARATION, field="roles", rule="GB/T 22239 8.1.5", code="separation")


def own_account() -> Denied:
    """An administrator may not change its own rights."""
    reason = Text("不得更改自己的权限", "Nobody changes the rights of their own account")
    return Denied(reason, rule="GB/T 22239 8.1.5", code="own_account")


def refused(field: str, rule: str, reason: Text) -> Refused:
    """A value that a rule of identity does not allow."""
    return Refused(reason, field=field, rule=rule, code="identity_refused")


def taken(field: str) -> Conflict:
    """A name or code that another holds already."""
    return Conflict(Text("该名称或代码已被使用", "This name or code is taken"), field=field, code="taken")


def unknown(what: Text) -> NotFound:
    """No such organisation, account, token or session that the caller may know of."""
    return NotFound(Text(f"没有这个{what.zh}", f"There is no such {what.en}"))


def session_needed() -> Denied:
    """Tokens are issued only to a person who is signed in, so that a stolen token cannot renew itself."""
    reason = Text("令牌只能在登录会话中签发", "A token is issued only in a signed-in session")
    return Denied(reason, code="session_needed")


def busy() -> Unavailable:
    """Too many sign-ins wait for their password check."""
    reason = Text("登录请求过多，请稍后再试", "Too many sign-ins at once; try again shortly")
    return Unavailable(reason, retry_after=2)


def no_database() -> Unavailable:
    """Whether the credentials still hold cannot be asked now."""
    reason = Text("暂时无法核实登录状态，请稍后再试", "Sign-ins cannot be verified now; try again shortly")
    return Unavailable(reason, retry_after=1)


def misconfigured() -> Unavailable:
    """The settings of the single sign-on cannot be used; what is wrong stands in the log."""
    reason = Text(
        "单一窗口登录配置有误，请联系管理员", "Single window sign-in is wrongly set up; tell the administrator"
    )
    return Unavailable(reason, retry_after=60, code="misconfigured")
