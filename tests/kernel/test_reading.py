"""Lists: whatever is asked for, paging shows each row once and in order; what cannot be asked for is refused."""

from __future__ import annotations

import asyncio
import string
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouan.app.supervisor.postgres import Postgres
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Draft
from kouan.kernel.store import reading
from kouan.kernel.store.ops import encode_cursor
from kouan.kernel.store.reading import Query
from tests.kernel import sandbox
from tests.kernel.harness import KEYS, House, admin, port_on, who

SORTS = ["number", "colour", "text", "count", "size", "amount", "at", "day", "ok", "parent", "partner", "state",
         "filed_at", "ref", "updated_at"]  # fmt: skip
COUNTS = [None, -(2**63), -1, 0, 1, 7, 2**63 - 1]
SIZES = [None, -1.5, 0.1, 1e-300, 1e300, 0.30000000000000004]
TEXTS = [None, "", "a", "Å", "中文", "a,b", "=x", "a\\b", "'; drop table"]
START = datetime(2026, 1, 1, tzinfo=UTC)
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def content(n: int) -> dict[str, Any]:
    """The n-th thing: every field now empty, now equal to others', now its own; counts within reason for the rule T1."""
    count = COUNTS[n % len(COUNTS)]
    return {
        "number": f"N-{n:03}", "colour": ("red", "green", "odd")[n % 3], "text": TEXTS[n % len(TEXTS)],
        "count": min(count, 1_000_000) if count is not None else None, "size": SIZES[n % len(SIZES)],
        "amount": None if n % 4 == 0 else str(Decimal(n % 5) / 8), "at": None if n % 3 == 0 else START + timedelta(hours=n % 6),
        "day": None if n % 5 == 0 else date(2026, 1, 1 + n % 9), "ok": (None, True, False)[n % 3],
        "boxes": [f"B{n % 4}", f"B{n % 7}"] if n % 2 else [], "parent": None if n % 2 else f"T{n % 3}",
        "partner": (None, "agent", "rival")[n % 3],
    }  # fmt: skip


class Shelf:
    """Forty things of one trader and three of another, read in a loop of our own."""

    def __init__(self, house: House, runner: asyncio.Runner, cls: Any) -> None:
        self.house, self.runner, self.cls = house, runner, cls
        self.all = [self.cls.model_validate(content(n)) for n in range(40)]

    def page(self, query: Query, slug: str = "trader") -> reading.Page:
        async def read() -> reading.Page:
            async with self.house.reading(slug) as conn:
                return await reading.page(conn, self.cls, query, KEYS)

        return self.runner.run(read())

    def walk(self, where: dict[str, str], sort: str, limit: int, slug: str = "trader") -> list[str]:
        seen: list[str] = []
        after = ""
        while True:
            page = self.page(Query(where, sort, after, limit), slug)
            seen += [row.doc["number"] for row in page.rows]
            assert len(page.rows) <= limit
            if page.next is None:
                return seen
            assert len(page.rows) == limit
            assert len(seen) <= 100
            after = page.next


@pytest.fixture(scope="module")
def shelf(
    cluster: Postgres, migrated: str, declared_nouns: tuple[ModuleType, sandbox.Registries], tmp_path_factory: Any
) -> Iterator[Shelf]:
    name = f"k{uuid4().hex}"
    options = {"host": str(cluster.socket), "user": "kouan_app", "database": name}

    async def fill(house: House) -> None:
        for n in range(40):  # one by one, so that sequence numbers follow the numbers of the things
            await house.file("thing", content(n))
        for n in range(3):
            await house.port.file(who("rival"), [Draft("test.store.thing", content(n))])

    with sandbox.only(declared_nouns[1]), asyncio.Runner() as runner:
        runner.run(admin(cluster, f"create database {name} template {migrated} owner kouan_owner strategy file_copy"))
        opening = port_on(options)
        house = House(runner.run(opening.__aenter__()), options, tmp_path_factory.mktemp("shelf"))
        runner.run(fill(house))
        yield Shelf(house, runner, declared_nouns[0].Thing)
        runner.run(opening.__aexit__(None, None, None))
        runner.run(admin(cluster, f"drop database {name} with (force)"))


def in_order(things: list[Any], field: str, down: bool) -> list[str]:
    """What a list sorted by a field shows: those that have a value by value and age, then the rest by age."""
    aged = list(enumerate(things))
    key = {"filed_at": lambda p: p[0], "updated_at": lambda p: p[0], "": lambda p: p[0], "state": lambda p: p[0],
           "ref": lambda p: p[1].number}.get(field)  # fmt: skip
    if key:
        return [thing.number for _, thing in sorted(aged, key=key, reverse=down)]
    kept = [p for p in aged if getattr(p[1], field) is not None]
    rest = [p for p in aged if getattr(p[1], field) is None]
    kept.sort(key=lambda p: (sortable(getattr(p[1], field)), p[0]), reverse=down)
    rest.sort(key=lambda p: p[0], reverse=down)
    return [thing.number for _, thing in kept + rest]


def sortable(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def text_order_is_ours(shelf: Shelf) -> bool:
    return shelf.runner.run(shelf.house.value("select 'B' < 'a'"))


@few
@given(sort=st.sampled_from([*SORTS, ""]), down=st.booleans(), limit=st.integers(1, 45))
def test_each_row_is_shown_once_and_in_order_for_every_sort(
    nouns: ModuleType, shelf: Shelf, sort: str, down: bool, limit: int
) -> None:
    shown = shelf.walk({}, ("-" if down else "") + sort if sort else "", limit)
    assert len(shown) == 40
    expected = in_order(shelf.all, sort, down or not sort)
    if sort == "text" and not text_order_is_ours(shelf):
        assert sorted(shown) == sorted(expected)
    else:
        assert shown == expected


FILTERS: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda a, b: a == b, ".gte": lambda a, b: a >= b, ".gt": lambda a, b: a > b,
    ".lte": lambda a, b: a <= b, ".lt": lambda a, b: a < b,
}  # fmt: skip
COMPARED = ["number", "count", "size", "amount", "at", "day"]


@few
@given(
    field=st.sampled_from(COMPARED), compare=st.sampled_from(sorted(FILTERS)), pick=st.integers(0, 39),
    sort=st.sampled_from(["", "number", "-count", "size"]), limit=st.integers(1, 20),
)  # fmt: skip
def test_a_filter_shows_just_what_it_says(
    nouns: ModuleType, shelf: Shelf, field: str, compare: str, pick: int, sort: str, limit: int
) -> None:
    wanted = getattr(shelf.all[pick], field)
    if wanted is None:
        return
    text = wanted.isoformat() if isinstance(wanted, date) else str(wanted)
    shown = shelf.walk({field + compare: text}, sort, limit)
    holds = FILTERS[compare]
    fit = [t for t in shelf.all if getattr(t, field) is not None and holds(getattr(t, field), wanted)]
    assert shown == in_order(fit, sort.lstrip("-"), sort.startswith("-") or not sort)
    assert wanted in [getattr(t, field) for t in fit] or compare in (".gt", ".lt")


@few
@given(text=st.sampled_from([t for t in TEXTS if t]), colours=st.sets(st.sampled_from(["red", "green", "odd"]), min_size=1))
def test_texts_sets_and_lists_are_filtered_exactly(
    nouns: ModuleType, shelf: Shelf, text: str, colours: set[str]
) -> None:
    of_text = [t.number for t in shelf.all if t.text == text]
    assert shelf.walk({"text": text}, "number", 50) == of_text
    of_colour = [t.number for t in shelf.all if t.colour in colours]
    assert shelf.walk({"colour.in": ",".join(colours)}, "number", 7) == of_colour


@pytest.mark.parametrize(
    ("where", "fits"),
    [
        ({"boxes": "b3"}, lambda t: "box:B3" in t.boxes),
        ({"boxes": "box:B3", "ok": "true"}, lambda t: "box:B3" in t.boxes and t.ok),
        ({"parent": "t1"}, lambda t: t.parent == "thing:T1"),
        ({"partner": "ORG:agent"}, lambda t: t.partner == "org:agent"),
        ({"ok": "false"}, lambda t: t.ok is False),
        ({"state": "kept"}, lambda t: True),
        ({"state": "gone"}, lambda t: False),
        ({"filed_at.lt": "2020-01-01T00:00:00Z"}, lambda t: False),
        ({"count.gte": "0", "count.lt": "7", "colour": "red"}, lambda t: t.count in (0, 1) and t.colour == "red"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "fits",
)  # fmt: skip
def test_conditions_are_joined(nouns: ModuleType, shelf: Shelf, where: dict[str, str], fits: Any) -> None:
    assert shelf.walk(where, "number", 3) == [t.number for t in shelf.all if fits(t)]


REFUSED = [
    Query({"gone": "1"}), Query({"secret": "1"}), Query({"lines": "x"}), Query({"count": "many"}), Query({"count": str(2**70)}),
    Query({"size": "x"}), Query({"amount": "x"}), Query({"at": "yesterday"}), Query({"day": "1"}), Query({"ok": "maybe"}),
    Query({"number": "a\x00b"}), Query({"number.like": "a"}), Query({"number;drop": "a"}), Query({"boxes": ""}),
    Query({}, "gone"), Query({}, "boxes"), Query({}, "-secret"), Query({}, "doc"), Query({}, "", "%%%"), Query({}, "", "AAAA"),
    Query({}, "count", encode_cursor("x", 1)), Query({}, "", encode_cursor("1", 1)), Query({}, "", encode_cursor(None, 2**70)),
    Query({"amount": "1e999999"}), Query({"amount": "9" * 200_000}), Query({"at": "0001-01-01T00:00:00+14:00"}),
    Query({"at": "9999-12-31T23:59:59-14:00"}), Query({"number": "\ud800"}),
]  # fmt: skip


@pytest.mark.parametrize("query", REFUSED, ids=lambda q: str((q.where, q.sort, q.after))[:60])
def test_what_cannot_be_asked_for_is_refused(nouns: ModuleType, shelf: Shelf, query: Query) -> None:
    with pytest.raises(Refused) as caught:
        shelf.page(query)
    assert caught.value.field
    assert caught.value.reason.zh


@few
@given(
    st.sampled_from([*SORTS, "boxes", "gone"]),
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.text(string.printable, max_size=30),
)
def test_no_value_or_cursor_breaks_a_list(nouns: ModuleType, shelf: Shelf, field: str, text: str, after: str) -> None:
    for query in (Query({field: text}), Query({f"{field}.gt": text}), Query({}, field, after), Query({}, after)):
        with suppress(Refused):
            shelf.page(query)


def test_only_the_readers_rows_are_shown_and_counted(nouns: ModuleType, shelf: Shelf) -> None:
    assert len(shelf.walk({}, "number", 7, "border")) == 43
    assert len(shelf.walk({}, "number", 7, "rival")) == 3 + 13
    assert shelf.walk({}, "", 7, "terminal") == []

    async def count(slug: str) -> int:
        async with shelf.house.reading(slug) as conn:
            return await reading.estimate(conn, shelf.cls, Query({"colour": "red"}), KEYS)

    assert [shelf.runner.run(count(slug)) for slug in ("trader", "border", "terminal")] == [14, 15, 0]


def test_a_page_holds_at_most_five_hundred(nouns: ModuleType, shelf: Shelf) -> None:
    assert len(shelf.page(Query({}, limit=10_000)).rows) == 40
    assert len(shelf.page(Query({}, limit=0)).rows) == 1


@pytest.mark.parametrize("slug", ["customs", "agent", "rival", "border", "trader"])
def test_a_field_that_is_not_seen_neither_finds_nor_places_a_row(nouns: ModuleType, shelf: Shelf, slug: str) -> None:
    """The fields of a thing that each sees stand in its declaration; the count of others' things is hidden from partners."""

    def walk(where: dict[str, str], sort: str) -> list[str]:
        seen, after = [], ""
        while True:
            page = shelf.page(Query(where, sort, after, 7, who(slug)), slug)
            seen += [row.doc["number"] if row.org == 12 else f"own {row.doc['number']}" for row in page.rows]
            if page.next is None:
                return seen
            after = page.next

    rows = set(walk({}, ""))
    sees_count = slug in ("customs", "border", "trader")
    found = {number for number in walk({"count": "7"}, "") if not number.startswith("own")}
    assert found == ({t.number for t in shelf.all if t.count == 7} & rows if sees_count else set())
    for sort in ("count", "-amount", "size"):
        shown = walk({}, sort)
        assert len(shown) == len(set(shown))
        assert set(shown) == rows
    if slug == "agent":
        assert walk({}, "count") == walk({}, "filed_at")
    if slug == "rival":
        assert walk({}, "count")[0].startswith("own")
