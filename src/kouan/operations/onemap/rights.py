"""Who may look at the map."""

from __future__ import annotations

from kouan.base.identity.api import Credential, Directory, covered
from kouan.kernel.errors import Denied
from kouan.kernel.http.records import business
from kouan.kernel.principal import Principal
from kouan.kernel.text import Text

MODULE = "operations.onemap"
OUTSIDE = Text("该令牌的使用范围不含一张图", "The token's scopes do not reach the map")
NO_ROLE = Text("账户没有任何角色", "The account has no role")


async def entitled(directory: Directory, credential: Credential) -> Principal:
    """The caller behind a credential as of now; NotSignedIn, or Denied for who has no role or is an administrator."""
    who = (await directory.resolve(credential)).principal
    if not who.roles:
        raise Denied(NO_ROLE, rule="role")
    if who.scopes and not covered(who.scopes, {MODULE}, reads=True):
        raise Denied(OUTSIDE, rule="scope", code="out_of_scope")
    business(who)
    return who
