"""The outbox: a kept fact becomes a delivery for each party whose connector tells it and who is a reader of it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from kouan.base.exchange.service import subsets
from kouan.base.exchange.service.subsets import Wanted
from kouan.base.exchange.store import deliveries
from kouan.base.exchange.store.deliveries import Told
from kouan.kernel.clock import now
from kouan.kernel.connectors import Connector
from kouan.kernel.database import scope
from kouan.kernel.events import Event
from kouan.kernel.ids import uuid7
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.words import every


def telling(record: str) -> tuple[type[Connector], ...]:
    """The connectors that tell of a record type."""
    return tuple(connector for connector in every(Connector) if record in connector.tells)


async def tell(port: Port, event: Event) -> int:
    """Put a delivery in the outbox for every party concerned; safe to repeat. Answers how many parties there are."""
    wanted = Wanted(event.record, UUID(event.record_id), event.version, event.principal.org)
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        found = await subsets.contents(conn, port.vault, [wanted])
        content = found.get(wanted.mark)
        if content is None:
            return 0
        told = list(_told(port, event, content))
        await deliveries.add(conn, told)
    return len(told)


def _told(port: Port, event: Event, content: subsets.Content) -> Iterable[Told]:
    typed = subsets.leaves(content.values)
    for connector in telling(event.record):
        for org in port.orgs.of_kind(connector.org):
            who = subsets.party(connector, org, port.orgs.slug(org))
            if org in content.readers and subsets.concerns(content, who, connector):
                fields = subsets.leaves(subsets.delivered(content, who, connector))
                yield Told(
                    uuid7(), UUID(event.id), connector.code, org, event.record, content.record_id, event.ref,
                    event.version, content.filer, fields, typed, now(), content.readers,
                )  # fmt: skip
