"""Every declared record type has what one class promises: table, schema, doors, permissions, examples that can be filed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal, get_args, get_origin

import httpx
import pytest
from pydantic import BaseModel

from kouan.base.identity.api import KINDS
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.principal import ADMINS, WRITERS
from kouan.kernel.records import Record, record_types, reference_of
from kouan.kernel.references import make
from kouan.kernel.rules import Rule
from kouan.kernel.store.making import ref_of
from kouan.kernel.store.schema import filters, table
from kouan.kernel.words import every
from tests.conformance.conftest import Database
from tests.conftest import Running

TYPES = record_types()
HAN = re.compile(r"[\u4e00-\u9fff]")
FIXED = {
    "id", "seq", "key", "ref", "version", "state", "tracks", "readers", "parties", "org", "account", "submission",
    "filed_at", "updated_at", "doc", "sealed", "warnings",
}  # fmt: skip
Line = tuple[dict[str, Any], httpx.Client, str, dict[str, Any]]
SQL = {"timestamptz": "timestamp with time zone", "text[]": "ARRAY"}


def named(cls: type[Record]) -> str:
    return cls.facts.name


def path(cls: type[Record]) -> str:
    return "/api/records/" + cls.facts.name.replace(".", "/")


every_type = pytest.mark.parametrize("cls", TYPES, ids=named)
every_open_type = pytest.mark.parametrize("cls", [c for c in TYPES if c.facts.http], ids=named)


@every_type
def test_its_table_stands_with_its_columns_indexes_and_guard(cls: type[Record], database: Database) -> None:
    rows = database.fetch("select column_name, data_type from information_schema.columns where table_name = $1", table(cls))
    columns = {row["column_name"]: row["data_type"] for row in rows}
    wanted = {f"f_{name}": SQL.get(sql, sql) for name, sql in filters(cls).items()}
    assert set(columns) >= FIXED | set(wanted)
    assert {name: columns[name] for name in wanted} == wanted
    indexes = " ".join(r["indexdef"] for r in database.fetch("select indexdef from pg_indexes where tablename = $1", table(cls)))
    # A list is looked through by the shared table of references: row-level security lets no index answer for it.
    assert all((f"f_{name}" in indexes) == (sql != "text[]") for name, sql in filters(cls).items())
    assert re.search(r"UNIQUE INDEX \w+ ON \S+ USING btree \(key\)", indexes)
    assert "gin (readers)" in indexes
    (guard,) = database.fetch("select relrowsecurity r, relforcerowsecurity f from pg_class where relname = $1", table(cls))
    assert (guard["r"], guard["f"]) == (True, True)
    policies = database.fetch("select qual, with_check, cmd from pg_policies where tablename = $1", table(cls))
    assert [(p["cmd"], "readers" in p["qual"], "readers" in p["with_check"]) for p in policies] == [("ALL", True, True)]


@every_open_type
def test_its_schema_names_each_field_in_both_languages(cls: type[Record], meta: dict[str, Any]) -> None:
    shown = meta["records"][cls.facts.name]
    assert HAN.search(shown["title"]["zh"])
    assert shown["title"]["en"]
    properties = shown["schema"]["properties"]
    assert set(properties) == set(cls.fields)
    for name, stated in properties.items():
        told = stated["x-kouan"]
        assert told["zh"], name
        assert told["en"] == stated["title"]
        assert told["level"] in (1, 2, 3, 4)
        assert {"unit", "filter", "ref"} <= set(told)
    assert {f["field"] for f in shown["filters"]} == set(filters(cls))
    assert set(shown["columns"]) <= set(cls.fields)
    assert shown["columns"]
    assert bool(shown["lifecycle"]) == (lifecycle_of(cls.facts.name) is not None)


@every_open_type
def test_its_doors_stand_in_the_openapi(cls: type[Record], openapi: dict[str, Any]) -> None:
    base, paths = path(cls), openapi["paths"]
    doors = {
        "": {"get", "post"}, "/{id}": {"get", *(("put",) if cls.facts.amendable else ())}, "/{id}/history": {"get"},
        "/export": {"get"}, "/template": {"get"}, "/{id}/actions/{action}": {"post"},
    }  # fmt: skip
    for door, methods in doors.items():
        assert set(paths[base + door]) - {"parameters"} == methods, door
    asked = {p["name"] for p in paths[base]["get"]["parameters"]}
    open_filters = {name for name in filters(cls) if cls.fields[name].level < 3}
    assert asked >= open_filters | {"sort", "after", "limit"}
    body = paths[base]["post"]["requestBody"]["content"]["application/json"]
    assert set(body["schema"]["properties"]) == set(cls.fields)
    assert set(body["example"]) == {name for name, field in cls.fields.items() if field.example is not None}


@every_open_type
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_its_template_and_export_can_be_downloaded(cls: type[Record], kind: str, platform: Running) -> None:
    with platform.client("customs") as customs:
        for door in ("template", "export"):
            answer = customs.get(f"{path(cls)}/{door}", params={"format": kind})
            assert answer.status_code == 200
            assert f'.{kind}"' in answer.headers["content-disposition"]
            if kind == "csv":
                head = answer.content.decode("utf-8-sig").splitlines()[0]
                assert all(name in head or cls.fields[name].title.zh in head for name in cls.fields)
            else:
                assert answer.content.startswith(b"PK")


@pytest.fixture(scope="module")
def callers(platform: Running) -> Iterator[list[Line]]:
    """Every demo account, its line to the platform, the kind of its organisation, and what the web client is told of its records."""
    with contextlib.ExitStack() as stack:
        found = []
        for account in platform.accounts():
            caller = stack.enter_context(platform.client(account["org"], account["role"]))
            found.append((account, caller, caller.get("/api/me").json()["org"]["kind"], caller.get("/api/meta").json()["records"]))
        yield found


@every_open_type
def test_who_may_file_is_who_it_declares(cls: type[Record], callers: list[Line]) -> None:
    for account, caller, kind, records in callers:
        may = account["role"] in WRITERS and bool({kind, "*"} & set(cls.facts.filers))
        told = records.get(cls.facts.name, {})
        answer = caller.post(path(cls), json={"no such field": 1})
        who = f"{account['org']} {account['role']}"
        assert answer.status_code == (422 if may else 403), who
        assert answer.json()["reason"]["zh"], who
        if told:
            assert told["writable"] == may, who
            assert told["readable"] == (account["role"] not in ADMINS), who


@every_open_type
def test_administrators_see_no_business_data(cls: type[Record], platform: Running) -> None:
    for role in sorted(ADMINS):
        with platform.client("portoffice", role) as admin:
            for door in ("", "/export", "/template"):
                answer = admin.get(path(cls) + door)
                assert (answer.status_code, answer.json()["rule"]) == (403, "separation"), door


def test_every_kind_of_organisation_has_a_demo_organisation(platform: Running) -> None:
    kinds = set()
    for org in {account["org"] for account in platform.accounts()}:
        with platform.client(org) as caller:
            kinds.add(caller.get("/api/me").json()["org"]["kind"])
    assert kinds == set(KINDS) - {"platform", "bank", "partner"}, "a bank comes in by a grant, a partner platform by an agreement"


def example(cls: type[Record]) -> dict[str, Any]:
    """The examples of its fields, and something of the right type where a required one has none."""
    return filled(cls)


def filled(model: type[BaseModel]) -> dict[str, Any]:
    """The same of a record or of one of its parts."""
    found: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        stated = info.json_schema_extra["x-kouan"]["example"] if isinstance(info.json_schema_extra, dict) else None
        if stated is not None:
            found[name] = stated
        elif info.is_required():
            found[name] = sample_of(info.annotation, reference_of(info))
    return found


def sample_of(annotation: Any, reference: str) -> Any:
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    if get_origin(annotation) is tuple:
        return [sample_of(get_args(annotation)[0], reference)]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return filled(annotation)
    if reference:
        return make(reference, "X1")
    return {str: "X-1", int: 1, float: 1.0, datetime: datetime.now(UTC).isoformat()}[annotation]


@pytest.mark.parametrize("cls", [c for c in TYPES if c.facts.http and c.facts.filers != ("platform",)], ids=named)
def test_its_examples_can_be_filed_or_are_refused_by_rules_alone(cls: type[Record], platform: Running) -> None:
    cls.model_validate(example(cls))
    codes = {rule.code for rule in every(Rule)}
    with platform.client(cls.facts.filers[0].replace("*", "trader")) as filer:
        answer = filer.post(path(cls), json=example(cls))
    body = answer.json()
    if answer.status_code == 422:
        assert {problem["rule"] for problem in body["problems"]} <= codes, body
    else:
        assert answer.status_code in (201, 409), body
        assert answer.status_code == 201 or body["code"] == "natural_key_kept"


def longest(cls: type[Record], name: str) -> float:
    """The most characters that a text field takes; infinite when nothing bounds it, none when it is no text."""
    info = cls.model_fields[name]
    if cls.fields[name].reference:
        return 240
    if "str" not in str(info.annotation) or "Literal" in str(info.annotation):
        return 0
    bounds = [m.max_length for m in info.metadata if getattr(m, "max_length", None)]
    patterns = [m.pattern for m in info.metadata if getattr(m, "pattern", None)]
    bounds += [re._parser.parse(pattern).getwidth()[1] for pattern in patterns]  # type: ignore[attr-defined]  # standard library
    return min(bounds, default=float("inf"))


@every_type
def test_what_is_indexed_fits_into_an_index(cls: type[Record]) -> None:
    """PostgreSQL refuses index entries over 2,704 bytes; a character may take four."""
    most = 2704 / 4
    for name in filters(cls):
        assert longest(cls, name) <= most, name
    assert sum(40 if name == "@filer" else longest(cls, name) or 40 for name in cls.facts.key) <= most


@every_type
def test_any_key_names_its_record(cls: type[Record]) -> None:
    record = cls.model_construct()
    refs = [ref_of(record, key) for key in ("a|b", "x" * 700, "\x01", "  ", "a b\x7f", "中" * 300)]
    assert len(set(refs)) == len(refs)
    assert all(ref.startswith(f"{cls.facts.ref}:") and not re.search(r"\s", ref) for ref in refs)
