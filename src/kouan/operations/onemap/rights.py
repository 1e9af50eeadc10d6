"""Who may look at the map."""

from __future__ import annotations

from kouan.base.identity.api import Credential, Directory
from kouan.kernel.errors import Denied
from kouan.kernel.http.records import business
from kouan.kernel.principal import Principal
from kouan.kernel.text import Text

NO_ROLE = Text("账户没有任何角色", "The account has no role")


async def entitled(directory: Directory, credential: Credential) -> Principal:
    """The caller behind a credential as of now; NotSignedIn, or Denied for who has no role or is an administrator."""
    who = (await directory.resolve(credential)).principal
    if not who.roles:
        raise Denied(NO_ROLE, rule="role")
    business(who)
    return who
