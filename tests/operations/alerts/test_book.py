"""Conditions and their warnings: one warning each, floods folded, flutter without versions; words isolated when they fail or stall."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.text import Text
from kouan.kernel.words import Word
from kouan.operations.alerts import judging
from kouan.operations.alerts.book import CALM, FOLDS, MOST_A_MINUTE, Alarm, Book
from kouan.operations.alerts.facts import Flow, Passed, Stock
from kouan.operations.alerts.judging import Judges, Set, numbers
from kouan.operations.alerts.words import forecast, growth, hours_to, other_type, two_places, whole

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
SAID = Text("客流高峰", "Passenger peak")


def alarm(key: str = "hall", value: float | None = 1.0, clears: float = 0) -> Alarm:
    return Alarm(
        "test.peak",
        key,
        SAID,
        SAID,
        START,
        "warning",
        "portoffice",
        timedelta(minutes=5),
        timedelta(seconds=clears),
        value=value,
    )


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def filed(book: Book) -> list[tuple[str, str]]:
    return [(todo.what, todo.entry.alarm.key) for todo in book.todo]


def test_a_condition_is_one_warning_until_it_has_been_gone() -> None:
    book = Book()
    for second in range(5):
        book.raised(alarm(value=float(second)), after(second))
        book.settle(after(second))
    assert filed(book) == [("file", "hall")]
    book.gone("test.peak|hall", after(6))
    book.settle(after(6))
    assert filed(book) == [("file", "hall"), ("clear", "hall")]
    again = book.raised(alarm(), after(60))
    assert filed(book)[-1] == ("again", "hall")
    assert again.count == 2
    book.gone("test.peak|hall", after(61))
    book.todo.clear()
    book.settle(after(61))
    later = after(61) + FOLDS + timedelta(seconds=1)
    book.settle(later)
    assert book.raised(alarm(), later).number != again.number


def test_a_fluttering_condition_makes_few_versions() -> None:
    book = Book()
    for second in range(0, 600, 2):
        book.raised(alarm(), after(second))
        book.gone("test.peak|hall", after(second + 1))
        book.settle(after(second + 1))
    assert len(book.todo) < 12
    assert book.entries["test.peak|hall"].count > 100


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 400), st.integers(1, 3))
def test_a_flood_of_conditions_is_a_few_warnings(many: int, minutes: int) -> None:
    book = Book()
    for minute in range(minutes):
        for n in range(many):
            book.raised(alarm(f"{minute}-{n}"), after(minute * (CALM.total_seconds() + 1)))
    filings = [key for what, key in filed(book) if what == "file"]
    assert len(filings) <= minutes * (MOST_A_MINUTE + 1)
    assert len(filings) == len(set(filings))
    assert book.counts["flooded"] == minutes * max(many - MOST_A_MINUTE, 0)
    if many > MOST_A_MINUTE:
        assert book.entries["test.peak|*"].count >= many - MOST_A_MINUTE
        for name in list(book.entries):
            book.gone(name, after(500))
        book.settle(after(500))
        book.settle(after(501))
        assert ("clear", "*") in filed(book)


class Stubborn(Alert):
    """A word of the tests: raises, stalls or answers as it is told."""

    abstract = True
    code = "test.stubborn"
    title = SAID
    clause = "test"
    severity: ClassVar[Severity] = "warning"
    owner = "portoffice"
    respond = timedelta(minutes=5)
    clears_after = timedelta(seconds=5)
    parameters: ClassVar[Mapping[str, Parameter]] = {"line": Parameter(SAID, 10, "m", 0, 100)}
    how: ClassVar[str] = "answer"

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """As told."""
        if self.how == "raise":
            raise KeyError("no such ship")
        while self.how == "stall":
            time.sleep(0.01)
        yield Raised("one", SAID, now, (), {}, value=settings["line"], threshold=settings["line"])


class Plain(Stubborn):
    """Its neighbour."""

    abstract = True
    code = "test.plain"


@pytest.fixture
def judges(monkeypatch: pytest.MonkeyPatch) -> Iterator[Judges]:
    monkeypatch.setattr(judging, "MOST_SECONDS", 0.2)
    made = Judges()
    made.words = {"test.stubborn": Stubborn(), "test.plain": Plain()}
    made.health = {code: judging.Health(code) for code in made.words}
    assert "test.stubborn" not in Word.kinds[Alert]
    yield made
    Stubborn.how = "answer"


@pytest.mark.parametrize("how", ["raise", "stall"])
def test_a_word_that_fails_or_stalls_stands_alone_and_is_tried_again(
    judges: Judges, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(Stubborn, "how", how)
    monkeypatch.setattr(Plain, "how", "answer")
    began = time.monotonic()
    assert judges.judge("test.stubborn", None, START) is None
    assert time.monotonic() - began < 10
    assert [one.key for one in judges.judge("test.plain", None, START) or ()] == ["one"]
    told = judges.health["test.stubborn"].out()
    assert told["isolated_until"] is not None
    assert ("KeyError" if how == "raise" else "Stalled") in told["problem"]
    monkeypatch.setattr(Stubborn, "how", "answer")
    assert judges.judge("test.stubborn", None, START) is None  # not yet: it stands alone for a while
    assert judges.judge("test.stubborn", None, after(60)) is not None
    assert judges.health["test.stubborn"].until is None


def test_staff_set_numbers_within_their_bounds_and_switch_words_off(judges: Judges) -> None:
    parameters = Stubborn.parameters
    assert [numbers(parameters, {"line": value})["line"] for value in (5, -1, 1e9)] == [5, 0, 100]
    judges.settings = {"test.stubborn": Set({"line": 7}), "test.plain": Set({}, enabled=False)}
    alarms = judges.judge("test.stubborn", None, START)
    assert alarms is not None
    assert (alarms[0].value, alarms[0].unit, alarms[0].clears_after) == (7, "m", timedelta(seconds=5))
    assert judges.judge("test.plain", None, START) == []


def passed(n: int, kind: str | None, lane: str, seconds: float) -> Passed:
    return Passed(f"passage:P{n}", "vehicle:鲁B12345", kind, lane, "in", None, after(seconds), None, "open")


def test_one_plate_on_two_types_or_at_two_lanes_at_once() -> None:
    before = [passed(n, "tractor", "in-1", -3600 * n) for n in range(1, 4)]
    assert other_type(passed(9, "tractor", "in-1", 0), before) is None
    assert other_type(passed(9, None, "in-1", 0), before) is None
    said = other_type(passed(9, "bus", "in-1", 0), before)
    assert said is not None
    assert "Bus" not in said[0].zh
    assert "bus" in said[0].en
    assert two_places(passed(9, None, "in-2", 0), before, 60) is None
    assert two_places(passed(9, None, "in-2", 0), [passed(1, None, "in-1", -20)], 60) is not None
    assert two_places(passed(9, None, "in-1", 0), [passed(1, None, "in-1", -20)], 60) is None


def stock(boxes: int, came: int, went: int) -> Stock:
    return Stock(START, boxes, {"place:A": boxes}, (Flow(2.0, came, went),))


SETTINGS = {"capacity": 100.0, "line": 85.0, "horizon_h": 6.0, "flow_h": 2.0, "least": 5.0}


def test_a_yard_warns_over_its_line_and_hours_before_it_is_full() -> None:
    assert list(whole(stock(40, 20, 20), SETTINGS)) == []
    assert list(whole(stock(40, 3, 0), SETTINGS)) == []  # too few to forecast by
    filling = list(whole(stock(60, 20, 0), SETTINGS))
    assert [(one.value, one.evidence["hours_to_full"]) for one in filling] == [(4.0, 4.0)]
    assert "约 4.0 小时" in filling[0].message.zh or "4.0" in filling[0].message.zh
    full = list(whole(stock(90, 20, 0), SETTINGS))
    assert [(one.value, one.threshold, one.evidence["hours_to_full"]) for one in full] == [(90.0, 85.0, 1.0)]
    assert (hours_to(100, 100, 5), hours_to(10, 100, -1)) == (0.0, None)
    assert forecast(None).en == "it is not filling now"
    assert growth([stock(10, 0, 0), Stock(after(3600), 30, {"place:A": 30}, ())], "place:A") == 20
