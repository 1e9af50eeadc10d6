"""The HTTP doors of identity."""

from kouan.base.identity.routes import account, federation, organisation, own, people, session, trail

ROUTERS = (session.router, federation.router, own.router, people.router, organisation.router, account.router, trail.router)
