"""What others may import of identity: who calls, which organisations there are, and how a site or a demo begins."""

from kouan.base.identity.records import KINDS, ROLES, Organisation
from kouan.base.identity.service.credential import Credential, token_credential
from kouan.base.identity.service.demo import demo_token, entries, seed_demo, token_main
from kouan.base.identity.service.directory import Caller, Directory
from kouan.base.identity.service.doors import (
    AuditedRoute,
    bearer,
    caller,
    calling,
    covered,
    credential_of,
    holding,
    note_denial,
    optional,
    request_id,
    same_site,
    signed_in,
)
from kouan.base.identity.service.holding import clearances
from kouan.base.identity.service.site import Handover, Office, init_main, init_site, reset_administrator
from kouan.base.identity.service.standing import still
from kouan.base.identity.store import DDL

__all__ = [
    "DDL",
    "KINDS",
    "ROLES",
    "AuditedRoute",
    "Caller",
    "Credential",
    "Directory",
    "Handover",
    "Office",
    "Organisation",
    "bearer",
    "caller",
    "calling",
    "clearances",
    "covered",
    "credential_of",
    "demo_token",
    "entries",
    "holding",
    "init_main",
    "init_site",
    "note_denial",
    "optional",
    "request_id",
    "reset_administrator",
    "same_site",
    "seed_demo",
    "signed_in",
    "still",
    "token_credential",
    "token_main",
]
