"""From a judged record to its row: personal references as tokens, restricted fields sealed, parties and readers set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar, get_args
from uuid import UUID

from pydantic import BaseModel

from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection
from kouan.kernel.lifecycles import Lifecycle, lifecycle_of
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, reference_of
from kouan.kernel.references import ANY, kinds, make
from kouan.kernel.store.entitle import parties_of, readers_of
from kouan.kernel.store.ops import Orgs, Row
from kouan.kernel.suites.suite import Key
from kouan.kernel.vault import Vault, seal

R = TypeVar("R", bound=BaseModel)


def tokenised(record: R, vault: Vault) -> R:
    """The record with its personal references, those in its parts included, replaced by keyed tokens."""
    names = _personal(type(record))
    if not names:
        return record
    return record.model_copy(update={name: _token(getattr(record, name), vault) for name in names})


@cache
def _personal(cls: type[BaseModel]) -> tuple[str, ...]:
    """The fields of a model in which a personal reference may stand, at any depth."""
    known = kinds()
    return tuple(
        name
        for name, info in cls.model_fields.items()
        if (kind := reference_of(info)) == ANY
        or (kind in known and known[kind].personal)
        or any(_personal(part) for part in _parts(info.annotation))
    )


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


def _token(value: Any, vault: Vault) -> Any:
    if isinstance(value, BaseModel):
        return tokenised(value, vault)
    if isinstance(value, list | tuple):
        return type(value)(_token(part, vault) for part in value)
    kind = kinds().get(value.partition(":")[0]) if isinstance(value, str) else None
    return vault.token(value) if kind and kind.personal else value


def ref_of(record: Record, key: str) -> str:
    """The reference that names a record itself, out of its natural key; out of its digest when the key makes none."""
    try:
        return make(record.facts.ref, key.replace("|", "/"))
    except ValueError:
        return make(record.facts.ref, sha256(key.encode()).hexdigest())


def subject_of(record: Record, record_id: UUID) -> str:
    """Whose key seals a record's restricted fields."""
    named = getattr(record, record.facts.subject) if record.facts.subject else None
    return str(named) if named else f"record:{record_id}"


def sealed_values(record: Record) -> dict[str, Any]:
    """The restricted fields that hold a value, as JSON values."""
    names = {name for name in type(record).sealed() if getattr(record, name) is not None}
    values: dict[str, Any] = record.model_dump(mode="json", include=names) if names else {}
    return values


async def keys_for(conn: Connection, vault: Vault, records: Iterable[tuple[UUID, Record]]) -> dict[str, Key]:
    """The subject keys that sealing these records needs, made where they are missing."""
    subjects = {subject_of(record, id_) for id_, record in records if sealed_values(record)}
    return await vault.subject_keys(conn, subjects, create=True)


def start(record: Record, at: datetime, slug: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """The state and tracks in which a record begins."""
    life = lifecycle_of(record.facts.name)
    if life is None:
        return "kept", {}
    states = life.begin(record)
    return life.overall(states), {
        t.name: track_state(states[t.name], life.limit(t, states[t.name], record), at, slug) for t in life.tracks
    }


def track_state(state: str, within: timedelta | None, at: datetime, slug: str) -> dict[str, Any]:
    """A track's entry: its state, since when, by whom, until when."""
    return {"state": state, "since": stamp(at), "by": slug, "due": stamp(at + within) if within else None}


def overall(life: type[Lifecycle], tracks: Mapping[str, Mapping[str, Any]]) -> str:
    """The one state of a record out of its tracks."""
    return life.overall({name: str(track["state"]) for name, track in tracks.items()})


def row(
    record_id: UUID,
    record: Record,
    principal: Principal,
    at: datetime,
    receipt: UUID,
    orgs: Orgs,
    keys: Mapping[str, Key],
    warnings: list[dict[str, Any]],
    inherited: Mapping[str, Sequence[int]],
) -> Row:
    """The first row of a record."""
    key = record.key(principal.slug)
    parties = parties_of(record, principal.org, orgs, inherited)
    state, tracks = start(record, at, principal.slug)
    doc, sealed = content(record_id, record, keys)
    return Row(
        id=record_id,
        seq=0,
        key=key,
        ref=ref_of(record, key),
        version=1,
        state=state,
        tracks=tracks,
        readers=readers_of(parties, principal.org),
        parties=parties,
        org=principal.org,
        account=principal.user,
        submission=receipt,
        filed_at=at,
        updated_at=at,
        doc=doc,
        sealed=sealed,
        warnings=warnings,
    )


def content(record_id: UUID, record: Record, keys: Mapping[str, Key]) -> tuple[dict[str, Any], dict[str, str]]:
    """The open document and the sealed fields of a record."""
    hidden = sealed_values(record)
    doc = record.model_dump(mode="json", exclude=set(type(record).sealed()), exclude_none=True)
    if not hidden:
        return doc, {}
    key = keys[subject_of(record, record_id)]
    return doc, {name: seal(key, f"{record_id}/{name}", value) for name, value in hidden.items()}
