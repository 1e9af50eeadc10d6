"""Record: a kept fact with natural key, parties, levels by field, versions and references (ARCHITECTURE: ten words)."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from kouan.kernel.dated import Dated
from kouan.kernel.references import Reference
from kouan.kernel.text import Text
from kouan.kernel.words import Incomplete

Kind = Literal["filing", "report", "state"]
ALL = "*"


@dataclass(frozen=True, slots=True)
class Party:
    """Who is entitled to a record, in which part, and which fields that part sees.

    `by`: ``"filer"`` the organisation that filed; ``"kind:customs"`` every organisation of that kind;
    ``"field:carrier"`` the organisation named by that field; ``"everyone"`` all organisations of the port.
    """

    name: str
    by: str
    sees: frozenset[str] | Literal["*"] = "*"

    @classmethod
    def filer(cls, name: str) -> Party:
        """The organisation that filed; it sees all that it filed."""
        return cls(name, "filer")

    @classmethod
    def kind(cls, kind: str, *fields: str) -> Party:
        """Every organisation of a kind; all fields unless some are named."""
        return cls(kind, f"kind:{kind}", frozenset(fields) if fields else "*")

    @classmethod
    def field(cls, name: str, field: str, *fields: str) -> Party:
        """The organisation that a field of the record names (its slug, code or reference)."""
        return cls(name, f"field:{field}", frozenset(fields) if fields else "*")

    @classmethod
    def like(cls, name: str, field: str, *fields: str) -> Party:
        """All readers of the record that a reference field names (a receipt is read by whoever reads its subject)."""
        return cls(name, f"like:{field}", frozenset(fields) if fields else "*")

    @classmethod
    def everyone(cls, *fields: str) -> Party:
        """All organisations of the port."""
        return cls("everyone", "everyone", frozenset(fields) if fields else "*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What a record type states once.

    `key`: fields of the natural key (``"@filer"`` stands for the filing organisation).

    `filers`: kinds of organisation that may file it; `retention`: years kept; `subject`: the field whose reference
    names the person or firm whose key encrypts the fields of level 3-4 (GB/T 22239; levels after HS/T 82 8.1.3c).
    `renews`: filed again under its natural key by the same filer it becomes that record's next version, by whatever door.
    `modes`: for ports of entry of which modes it is, () for all that its module is for.
    `columns`: the fields that its list shows at first; (): those by which it is filtered.
    """

    name: str
    title: Text
    summary: Text
    clause: str
    kind: Kind
    ref: str
    key: tuple[str, ...]
    parties: tuple[Party, ...]
    filers: tuple[str, ...]
    retention: int
    label: str = ""
    subject: str | None = None
    http: bool = True
    amendable: bool = True
    renews: bool = False
    modes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What a field states beside its type: both names, level 1-4, unit, whether lists filter by it, words for its values, the
    list of which its values are codes."""

    name: str
    title: Text
    level: int
    unit: str
    filter: bool
    reference: str
    example: Any
    values: Mapping[str, Text]
    codes: str = ""


def field(
    zh: str,
    en: str,
    *,
    level: int = 1,
    unit: str = "",
    filter: bool = False,
    example: Any = None,
    values: Mapping[str, Text] | None = None,
    codes: str = "",
    read_only: bool = False,
    account: bool = False,
    named: str = "",
    default: Any = ...,
    default_factory: Any = None,
    **constraints: Any,
) -> Any:
    """A field of a record: both names, level, unit, filterability; `constraints` go to pydantic's Field.

    `values`: what a person reads for each value of a closed set (a Literal), in both languages. `codes`: the code list
    (standards/codes) that its values are mostly of; screens show the list's title beside a code. `read_only`: the platform
    states it (by an action, a handler), so that forms do not ask for it and OpenAPI says `readOnly`; what a filer may still
    not write there, a rule of its module refuses. `account`: an account's number, also behind its organisation and a
    slash; screens show the account's title in its place. `named`: the kind of thing (a lane) of which the value is the code;
    screens show the name of that thing.
    """
    stated = {"zh": zh, "en": en, "level": level, "unit": unit, "filter": filter, "example": example}
    extra: dict[str, Any] = {"x-kouan": {**stated, **({"values": {k: v.out() for k, v in values.items()}} if values else {})}}
    extra |= {"readOnly": True} if read_only else {}
    extra["x-kouan"] |= ({"account": True} if account else {}) | ({"codes": codes} if codes else {}) | ({"named": named} if named else {})
    if default_factory is not None:
        return Field(default_factory=default_factory, title=en, json_schema_extra=extra, **constraints)
    return Field(default, title=en, json_schema_extra=extra, **constraints)


class Part(Dated):
    """A nested part of a record (a goods item, a crew member); frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


_types: dict[str, type[Record]] = {}


class Record(Dated):
    """Base of all record types. A subclass states `facts` and its fields; a missing fact is refused at import."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    facts: ClassVar[Facts]
    fields: ClassVar[Mapping[str, FieldFacts]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        where = f"{cls.__module__}.{cls.__qualname__}"
        if not isinstance(cls.__dict__.get("facts"), Facts):
            raise Incomplete(f"{where}: a record states `facts`")
        cls.fields = {name: _field_facts(where, name, info) for name, info in cls.model_fields.items()}
        _check(where, cls.facts, cls.fields, {n: info.is_required() for n, info in cls.model_fields.items()})
        if cls.facts.name in _types and _types[cls.facts.name].__qualname__ != cls.__qualname__:
            raise Incomplete(f"{where}: name `{cls.facts.name}` is taken")
        _types[cls.facts.name] = cls

    @classmethod
    def sealed(cls) -> tuple[str, ...]:
        """Names of the fields of level 3-4, which are encrypted per subject before they are kept."""
        return tuple(name for name, facts in cls.fields.items() if facts.level >= 3)

    @classmethod
    def doc(cls) -> str:
        """The class's own docstring, one paragraph."""
        return " ".join((inspect.getdoc(cls) or "").split())

    def key(self, filer: str) -> str:
        """The natural key as one string; different keys never make the same one. Moments count in UTC."""
        parts = [filer if part == "@filer" else _keyed(getattr(self, part)) for part in self.facts.key]
        return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)

    def references(self) -> Iterator[str]:
        """Every typed reference in the record and its parts, each once, in order of the fields."""
        seen: set[str] = set()
        for ref in _references(self):
            if ref not in seen:
                seen.add(ref)
                yield ref

    def references_by_field(self) -> dict[str, set[str]]:
        """Every typed reference with the fields of the record in which it stands."""
        found: dict[str, set[str]] = {}
        for name, marked in _mentioning(type(self)):
            for ref in _of_value(getattr(self, name), marked):
                found.setdefault(ref, set()).add(name)
        return found


def _keyed(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _references(model: BaseModel) -> Iterator[str]:
    for name, marked in _mentioning(type(model)):
        value = getattr(model, name)
        if marked and isinstance(value, str):
            yield value
        elif value is not None:
            yield from _of_value(value, marked)


@cache
def _mentioning(cls: type[BaseModel]) -> tuple[tuple[str, bool], ...]:
    """The fields in which references can stand: those declared as such, and those with parts of their own."""
    found = ((name, bool(reference_of(info)), info.annotation) for name, info in cls.model_fields.items())
    return tuple((name, marked) for name, marked, annotation in found if marked or _has_parts(annotation))


def _has_parts(annotation: Any) -> bool:
    if parts := get_args(annotation):
        return any(_has_parts(part) for part in parts)
    return not isinstance(annotation, type) or issubclass(annotation, BaseModel)


def _of_value(value: Any, marked: bool) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from _references(value)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _of_value(part, marked)
    elif marked and isinstance(value, str):
        yield value


def reference_of(info: FieldInfo) -> str:
    """The reference kind of a field (also of a list or optional of references), or an empty string."""
    for mark in info.metadata:
        if isinstance(mark, Reference):
            return mark.kind
    return _marked(info.annotation)


def _marked(annotation: Any) -> str:
    for mark in getattr(annotation, "__metadata__", ()):
        if isinstance(mark, Reference):
            return mark.kind
    return next((kind for part in get_args(annotation) if (kind := _marked(part))), "")


def _field_facts(where: str, name: str, info: FieldInfo) -> FieldFacts:
    extra = info.json_schema_extra
    stated = extra.get("x-kouan") if isinstance(extra, dict) else None
    if not isinstance(stated, dict):
        raise Incomplete(f"{where}.{name}: declare it with field(zh, en, …)")
    level = stated["level"]
    if level not in (1, 2, 3, 4):
        raise Incomplete(f"{where}.{name}: level is 1 to 4")
    title = Text(str(stated["zh"]), str(stated["en"]))
    return FieldFacts(
        name,
        title,
        int(level),
        str(stated["unit"]),
        bool(stated["filter"]),
        reference_of(info),
        stated["example"],
        _words(stated.get("values")),
        str(stated.get("codes") or ""),
    )


def _words(stated: Any) -> Mapping[str, Text]:
    return {code: Text(said["zh"], said["en"]) for code, said in (stated or {}).items()}


def _check(where: str, facts: Facts, fields: Mapping[str, FieldFacts], required: Mapping[str, bool]) -> None:
    if len(facts.name.split(".")) != 3:
        raise Incomplete(f"{where}: name is board.module.record, not {facts.name!r}")
    if not facts.parties:
        raise Incomplete(f"{where}: states no parties")
    if len({party.name for party in facts.parties}) < len(facts.parties):
        raise Incomplete(f"{where}: two of its parties have the same name")
    named = [part for part in facts.key if part != "@filer"]
    named += [p.by.removeprefix("field:") for p in facts.parties if p.by.startswith("field:")]
    named += [p.by.removeprefix("like:") for p in facts.parties if p.by.startswith("like:")]
    named += [name for p in facts.parties if p.sees != "*" for name in p.sees]
    named += [facts.subject] if facts.subject else []
    missing = [name for name in named if name not in fields]
    if missing:
        raise Incomplete(f"{where}: facts name unknown fields {missing}")
    if open_ended := [n for n, f in fields.items() if f.level >= 3 and required[n]]:
        raise Incomplete(f"{where}: {open_ended} are of level 3-4 and must accept None (an erased subject has none)")
    if any(f.level >= 3 for f in fields.values()) and not facts.subject:
        raise Incomplete(f"{where}: fields of level 3-4 need a `subject`")


def record_types() -> tuple[type[Record], ...]:
    """All declared record types, by name."""
    return tuple(_types[name] for name in sorted(_types))


def record_type(name: str) -> type[Record]:
    """The record type of a full name; KeyError when there is none."""
    return _types[name]


def type_of_ref(ref: str) -> type[Record] | None:
    """The record type whose records are themselves named by references of this kind, if any."""
    kind = ref.partition(":")[0]
    return next((t for t in _types.values() if t.facts.ref == kind), None)
