"""Time where a port's clock is changed: what is read back is what was meant, and nothing stands still or comes twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kouan.app.commands import process
from kouan.kernel import clock
from kouan.kernel.settings import Settings

ZONES = ["Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
AUTUMN, SPRING = datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
AROUND = st.sampled_from([AUTUMN, SPRING]).flatmap(
    lambda change: st.integers(-180, 180).map(lambda minutes: change + timedelta(minutes=minutes))
)
LOCAL = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) \(UTC([+-]\d{4})\)")


@pytest.fixture
def restored() -> Iterator[None]:
    """The right time again, behind a test that changes it."""
    former = clock.use(clock._now)
    yield
    clock.use(former)


def read_back(text: str) -> datetime:
    found = LOCAL.fullmatch(text)
    assert found, text
    return datetime.strptime("".join(found.groups()), "%Y-%m-%d %H:%M%z")


@given(st.one_of(MOMENTS, AROUND), st.sampled_from(ZONES))
@example(AUTUMN - timedelta(minutes=30), "Europe/Berlin")
@example(AUTUMN + timedelta(minutes=30), "Europe/Berlin")
def test_a_local_time_names_one_moment(moment: datetime, zone: str) -> None:
    assert read_back(clock.local(moment, zone)) == moment


@given(AROUND, AROUND, st.sampled_from(ZONES))
def test_local_times_of_two_moments_are_never_the_same(one: datetime, other: datetime, zone: str) -> None:
    assert (clock.local(one, zone) == clock.local(other, zone)) is (one == other)


@given(AROUND, st.integers(1, 48 * 60), st.sampled_from(ZONES))
def test_a_stretch_shows_offsets_wherever_its_digits_would_not_do(begins: datetime, minutes: int, zone: str) -> None:
    ends = begins + timedelta(minutes=minutes)
    text = clock.span(begins, ends, zone)
    if "UTC" in text:
        first, _, last = text.partition("–")
        year = begins.astimezone(UTC).year
        assert [read_back(f"{year}-{part}") for part in (first, last)] == [begins, ends]
        return
    opens, closes = (datetime.strptime(f"2026-{part}Z", "%Y-%m-%d %H:%M%z") for part in text.split("–"))
    assert closes - opens == ends - begins, "without offsets the digits tell the length"


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first, again = (clock.span(AUTUMN + timedelta(hours=n), AUTUMN + timedelta(hours=n + 1), "Europe/Berlin") for n in (-1, 0))
    assert first == "10-25 02:00 (UTC+0200)–10-25 02:00 (UTC+0100)"
    assert again == "10-25 02:00 (UTC+0100)–10-25 03:00 (UTC+0100)"
    assert clock.span(AUTUMN, AUTUMN + timedelta(hours=1), "Asia/Shanghai") == "10-25 09:00–10-25 10:00"


@given(AROUND, st.integers(-7200, 7200))
def test_signed_times_are_ordered_as_the_moments_are(moment: datetime, seconds: int) -> None:
    other = moment + timedelta(seconds=seconds)
    assert (clock.stamp(moment) < clock.stamp(other)) is (moment < other)


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("demo", [True, False])
def test_only_a_demos_clock_can_be_told_to_go_wrong(demo: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KOUAN_HOME", str(tmp_path))
    monkeypatch.setenv("KOUAN_DATABASE_SOCKET", str(tmp_path))
    monkeypatch.setenv("KOUAN_CLOCK_OFFSET", "3600")
    if demo:
        (tmp_path / "demo.marker").touch()
    process.settings()
    ahead = clock.now() - datetime.now(UTC)
    assert abs(ahead - timedelta(hours=1 if demo else 0)) < timedelta(seconds=5)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "Europe"])
def test_a_port_lies_in_a_known_zone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOUAN_ZONE", name)
    with pytest.raises(ValueError, match="KOUAN_ZONE"):
        Settings.read()
    monkeypatch.setenv("KOUAN_ZONE", "Europe/Berlin")
    assert Settings.read().zone == "Europe/Berlin"
